import type { Statistics } from "../kernels/kernels.ts";
import { STATISTIC, type StatisticsArray, type TensorSummary } from "../protocol/inspection.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { readElements } from "../core/tensor.ts";
import type { View } from "../core/view.ts";

const BINS = 32;
/** Tensors up to this many elements are sent whole. */
const MOST_ELEMENTS = 64;

/** What the inspector and a hover show of a tensor. */
export function summarise(view: View): TensorSummary {
  const { kernels } = runtime;
  const statistics = kernels.statistics(view);
  const { min, max } = statistics;
  const histogram =
    statistics.finite === 0 ? new Uint32Array(BINS) : kernels.histogram(view, min, max > min ? max : min + 1, BINS);
  return {
    shape: [...view.shape],
    dtype: view.dtype,
    statistics: toArray(statistics),
    histogram,
    elements: elementCount(view.shape) <= MOST_ELEMENTS ? readElements(view) : null,
  };
}

function toArray(statistics: Statistics): StatisticsArray {
  const array = new Float64Array(Object.keys(STATISTIC).length);
  for (const [name, index] of Object.entries(STATISTIC)) array[index] = statistics[name as keyof Statistics];
  return array;
}
