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

const startedOver = new WeakMap<SharedMemory, Runtime>();

export function startRuntime(started: Runtime): void {
  runtime = started;
  startedOver.set(started.memory, started);
}

/**
 * Makes the runtime that was started over a memory this thread's again: where one thread reads several runs, as it does
 * with several ranks, each has a memory of its own. Without one, all stays as it is.
 */
export function enterRuntime(memory: SharedMemory): void {
  runtime = startedOver.get(memory) ?? runtime;
}

export function hasRuntime(): boolean {
  // The binding is undefined until startRuntime ran; its type says what holds from then on.
  return (runtime as Runtime | undefined) !== undefined;
}
