import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, forEachRow, rowStep } from "./elements.ts";

type StatisticsKernels = Pick<Kernels, "statistics" | "parameterMeasures" | "histogram">;

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
    parameterMeasures(gradient, value, before) {
      const from = elementsOf(memory, value.dtype);
      const steps = [gradient, value, before].map(rowStep);
      let [gradients, values, updates, zeros, notFinite, largest] = [0, 0, 0, 0, 0, 0];
      forEachRow([gradient, value, before], (starts, length) => {
        let [g = 0, x = 0, y = 0] = starts;
        for (let n = 0; n < length; n++, g += steps[0]!, x += steps[1]!, y += steps[2]!) {
          const [slope, now, then] = [from[g]!, from[x]!, from[y]!];
          gradients += slope * slope;
          values += now * now;
          updates += (now - then) * (now - then);
          if (slope === 0) zeros++;
          if (!Number.isFinite(slope)) notFinite++;
          else largest = Math.max(largest, Math.abs(slope));
        }
      });
      return {
        gradient: Math.sqrt(gradients),
        value: Math.sqrt(values),
        update: Math.sqrt(updates),
        ...{ zeros, notFinite, largest },
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
