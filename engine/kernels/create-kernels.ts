import type { PoolCaller } from "../threads/pool-caller.ts";
import { SEGMENT_BYTES, takeSegments, type SharedMemory } from "../memory/shared-memory.ts";
import { chooseKernelBuild, type KernelBuild, type KernelBuildOptions } from "./kernel-build.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference-kernels.ts";
import { createWasmKernels } from "./wasm-kernels.ts";
import { instantiateKernels, SCRATCH_BYTES } from "./wasm/instance.ts";

export interface KernelOptions extends KernelBuildOptions {
  /** Large work is shared with these threads, which must have the same build. */
  readonly pool?: PoolCaller;
  /** The build to use; null for the reference kernels. Chosen when it is left out. */
  readonly build?: KernelBuild | null;
  /** Byte offset of memory that only this thread's kernels use; taken from the heap when it is left out. */
  readonly scratch?: number;
}

/** This thread's kernels over `memory`: SIMD where it works, else the reference. */
export function createKernels(memory: SharedMemory, options: KernelOptions = {}): Kernels {
  const build = options.build === undefined ? chooseKernelBuild(options) : options.build;
  const scratch = build ? (options.scratch ?? takeSegments(memory, SCRATCH_BYTES / SEGMENT_BYTES)) : -1;
  if (!build || scratch < 0) return createReferenceKernels(memory);
  return createWasmKernels(memory, instantiateKernels(memory, build.module, scratch), options.pool ?? null);
}
