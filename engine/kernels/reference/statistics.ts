import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, forEachRow, rowStep } from "./elements.ts";

type StatisticsKernels = Pick<Kernels, "statistics" | "histogram">;

export function statisticsKernels(memory: SharedMemory): StatisticsKernels {
  return {
    statistics(x) {
      const from = elementsOf(memory, x.dtype);
      const step = rowStep(x);
      let [count, zeros, positives, nans, positiveInfinities, negativeInfinities] = [0, 0, 0, 0, 0, 0];
      let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0];
      // Welford's recurrence keeps the variance exact for data far from zero.
      let [finite, mean, spread] = [0, 0, 0];
      forEachRow([x], (starts, length) => {
        for (let n = 0, i = starts[0] ?? 0; n < length; n++, i += step) {
          const value = from[i] ?? 0;
          count++;
          if (value === 0) zeros++;
          if (value > 0) positives++;
          if (Number.isNaN(value)) nans++;
          else if (value === Infinity) positiveInfinities++;
          else if (value === -Infinity) negativeInfinities++;
          else {
            finite++;
            sum += value;
            squares += value * value;
            min = Math.min(min, value);
            max = Math.max(max, value);
            const distance = value - mean;
            mean += distance / finite;
            spread += distance * (value - mean);
          }
        }
      });
      const none = finite === 0;
      const infinities = positiveInfinities + negativeInfinities;
      return {
        count,
        finite,
        min: none ? NaN : min,
        max: none ? NaN : max,
        mean: none ? NaN : sum / finite,
        std: finite < 2 ? 0 : Math.sqrt(spread / (finite - 1)),
        norm: nans > 0 ? NaN : infinities > 0 ? Infinity : Math.sqrt(squares),
        zeros,
        positives,
        nans,
        positiveInfinities,
        negativeInfinities,
      };
    },
    histogram(x, low, high, bins) {
      const from = elementsOf(memory, x.dtype);
      const step = rowStep(x);
      const counts = new Uint32Array(bins);
      const scale = bins / (high - low);
      forEachRow([x], (starts, length) => {
        for (let n = 0, i = starts[0] ?? 0; n < length; n++, i += step) {
          const value = from[i] ?? 0;
          if (!(value >= low && value <= high && Number.isFinite(value))) continue;
          // The last bin holds its upper edge; a range of no width puts all in the first.
          const bin = high > low ? Math.min(bins - 1, Math.floor((value - low) * scale)) : 0;
          counts[bin] = (counts[bin] ?? 0) + 1;
        }
      });
      return counts;
    },
  };
}
