import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Kernels } from "./kernels.ts";
import { convolutionKernels } from "./reference/convolution.ts";
import { elementwiseKernels } from "./reference/elementwise.ts";
import { gemmKernels } from "./reference/gemm.ts";
import { indexingKernels } from "./reference/indexing.ts";
import { lossKernels } from "./reference/losses.ts";
import { normalisationKernels } from "./reference/normalisation.ts";
import { optimizerKernels } from "./reference/optimizers.ts";
import { poolingKernels } from "./reference/pooling.ts";
import { randomKernels } from "./reference/random.ts";
import { recurrentKernels } from "./reference/recurrent.ts";
import { reductionKernels } from "./reference/reductions.ts";
import { statisticsKernels } from "./reference/statistics.ts";

/**
 * Every kernel in plain TypeScript, written to be read: the fast kernels are tested against it, at start as well, and
 * it takes over where they cannot run. Sums are kept in double precision; float32 results are rounded once.
 */
export function createReferenceKernels(memory: SharedMemory): Kernels {
  return {
    ...elementwiseKernels(memory),
    ...reductionKernels(memory),
    ...gemmKernels(memory),
    ...convolutionKernels(memory),
    ...poolingKernels(memory),
    ...indexingKernels(memory),
    ...normalisationKernels(memory),
    ...lossKernels(memory),
    ...recurrentKernels(memory),
    ...randomKernels(memory),
    ...statisticsKernels(memory),
    ...optimizerKernels(memory),
  };
}
