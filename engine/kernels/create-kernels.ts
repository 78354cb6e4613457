import type { PoolCaller } from "../threads/pool-caller.ts";
import type { SharedMemory } from "../threads/shared-memory.ts";
import type { KernelBuild } from "./chunk-runner.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference-kernels.ts";

export interface KernelOptions {
  /** Large work is shared with these threads. */
  readonly pool?: PoolCaller;
  /** The build that the pool's threads use as well; null for the reference kernels. Chosen here when it is left out. */
  readonly build?: KernelBuild | null;
}

/** The best kernels this machine can run. */
export function createKernels(memory: SharedMemory, _options: KernelOptions = {}): Kernels {
  return createReferenceKernels(memory);
}
