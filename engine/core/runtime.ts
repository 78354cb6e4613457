import type { Kernels } from "../kernels/kernels.ts";
import type { Arena } from "../memory/arena.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";

/** What a thread needs to compute: the shared memory, an arena of its own in it, and kernels over it. */
export interface Runtime {
  readonly memory: SharedMemory;
  readonly arena: Arena;
  readonly kernels: Kernels;
}

/** This thread's runtime. Every thread that makes tensors starts one first. */
export let runtime: Runtime;

export function startRuntime(started: Runtime): void {
  runtime = started;
}

export function hasRuntime(): boolean {
  // The binding is undefined until startRuntime ran; its type says what holds from then on.
  return (runtime as Runtime | undefined) !== undefined;
}
