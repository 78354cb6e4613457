import type { Statistics } from "../kernels/kernels.ts";
import { STATISTIC, type StatisticsArray, type TensorSummary } from "../protocol/inspection.ts";
import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import { gradientAt } from "./gradient-at.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import type { View } from "../core/view.ts";

const BINS = 32;
/** Tensors up to this many elements are sent whole. */
const MOST_ELEMENTS = 64;

/**
 * What the inspector and a hover show of a tensor.
 * @param dtype what it was recorded in, where the engine holds it in another
 */
export function summarise(view: View, dtype: RecordedDType = view.dtype): TensorSummary {
  const { kernels } = runtime;
  const statistics = kernels.statistics(view);
  const { min, max } = statistics;
  const histogram =
    statistics.finite === 0 ? new Uint32Array(BINS) : kernels.histogram(view, min, max > min ? max : min + 1, BINS);
  return {
    shape: [...view.shape],
    dtype,
    statistics: toArray(statistics),
    histogram,
    elements: elementCount(view.shape) <= MOST_ELEMENTS ? readElements(view) : null,
  };
}

/** The same of a row's value, as far as it was kept. */
export function summariseValue(pass: ReadablePass, row: number): TensorSummary {
  if (pass.holds(row, "value")) return summarise(pass.value(row), pass.dtype(row));
  return withoutElements(pass, row, pass.keptStatistics(row, "value"));
}

/** The same of what has arrived of a row's gradient when `steps` products have run; null while nothing has. */
export function summariseGradient(pass: ReadablePass, row: number, steps: number): TensorSummary | null {
  const gradient = gradientAt(pass, row, steps);
  if (gradient !== null) return summarise(gradient, pass.dtype(row));
  const kept = pass.keptStatistics(row, "gradient");
  if (kept === null || pass.schedule.gradientState(row, steps) !== "complete") return null;
  return withoutElements(pass, row, kept);
}

function withoutElements(pass: ReadablePass, row: number, kept: StatisticsArray | null): TensorSummary {
  return {
    shape: [...pass.shape(row)],
    dtype: pass.dtype(row),
    statistics: kept ?? new Float64Array(Object.keys(STATISTIC).length).fill(Number.NaN),
    histogram: new Uint32Array(BINS),
    elements: null,
  };
}

function toArray(statistics: Statistics): StatisticsArray {
  const array = new Float64Array(Object.keys(STATISTIC).length);
  for (const [name, index] of Object.entries(STATISTIC)) array[index] = statistics[name as keyof Statistics];
  return array;
}
