import type { PoolCaller } from "../threads/pool-caller.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference-kernels.ts";
import { Dispatch } from "./wasm/dispatch.ts";
import { elementwiseKernels } from "./wasm/elementwise.ts";
import type { KernelInstance } from "./wasm/instance.ts";
import { matrixKernels } from "./wasm/matrices.ts";
import { optimizerKernels } from "./wasm/optimizers.ts";
import { reductionKernels } from "./wasm/reductions.ts";
import { rowKernels } from "./wasm/rows.ts";
import { windowKernels } from "./wasm/windows.ts";

/**
 * The SIMD kernels; what they do not cover (odd layouts, rare functions, dtypes that mix) goes by the reference.
 * @throws Error when the module lacks a kernel.
 */
export function createWasmKernels(memory: SharedMemory, instance: KernelInstance, pool: PoolCaller | null): Kernels {
  const reference = createReferenceKernels(memory);
  const dispatch = new Dispatch(instance, pool);
  return {
    ...reference,
    ...elementwiseKernels(dispatch, reference),
    ...reductionKernels(dispatch, reference),
    ...matrixKernels(dispatch, reference),
    ...rowKernels(dispatch, reference),
    ...windowKernels(dispatch, reference),
    ...optimizerKernels(dispatch, reference),
  };
}
