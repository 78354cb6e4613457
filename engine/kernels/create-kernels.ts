import type { SharedMemory } from "../threads/shared-memory.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference-kernels.ts";

/** The best kernels this machine can run. */
export function createKernels(memory: SharedMemory): Kernels {
  return createReferenceKernels(memory);
}
