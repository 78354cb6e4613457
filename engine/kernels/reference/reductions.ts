import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels, Reduction } from "../kernels.ts";
import { countOf, elementsOf, pickAxes, positionsOf, startOf } from "./elements.ts";

/** How a reduction goes from element to element, in double precision. `index` counts from 1 after the first. */
const REDUCTIONS: Readonly<
  Record<Exclude<Reduction, "argmax" | "argmin">, { start: number; step: (sum: number, x: number) => number }>
> = {
  sum: { start: 0, step: (sum, x) => sum + x },
  prod: { start: 1, step: (product, x) => product * x },
  max: { start: -Infinity, step: Math.max },
  min: { start: Infinity, step: Math.min },
  any: { start: 0, step: (found, x) => (x !== 0 ? 1 : found) },
  all: { start: 1, step: (found, x) => (x === 0 ? 0 : found) },
  sumOfSquares: { start: 0, step: (sum, x) => sum + x * x },
};

type ReductionKernels = Pick<Kernels, "reduce" | "cumsum" | "softmax" | "softmaxBackward" | "sort">;

export function reductionKernels(memory: SharedMemory): ReductionKernels {
  /** Position of the first extreme value; the first NaN wins over all. */
  function argExtreme(x: View, starts: Float64Array, inner: Float64Array, sign: number, out: View): void {
    const from = elementsOf(memory, x.dtype);
    const to = elementsOf(memory, out.dtype);
    starts.forEach((start, i) => {
      let best = -Infinity;
      let at = 0;
      for (let j = 0; j < inner.length; j++) {
        const value = sign * (from[start + (inner[j] ?? 0)] ?? 0);
        if (Number.isNaN(value)) {
          at = j;
          break;
        }
        if (value > best) {
          best = value;
          at = j;
        }
      }
      to[startOf(out) + i] = at;
    });
  }

  /** Calls `row` with the position of each row of two or three dense tensors of one shape. */
  function rowsOf(x: View): { rows: number; columns: number; start: number } {
    const columns = x.shape[x.shape.length - 1] ?? 1;
    return { rows: columns === 0 ? 0 : countOf(x.shape) / columns, columns, start: startOf(x) };
  }

  return {
    reduce(fn, x, dims, out) {
      const kept = x.shape.map((_, axis) => axis).filter((axis) => !dims.includes(axis));
      const starts = positionsOf(pickAxes(x, kept));
      const inner = positionsOf({ ...pickAxes(x, dims), offset: 0 });
      if (fn === "argmax" || fn === "argmin") {
        argExtreme(x, starts, inner, fn === "argmax" ? 1 : -1, out);
        return;
      }
      const { start: first, step } = REDUCTIONS[fn];
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      starts.forEach((start, i) => {
        let sum = first;
        for (const position of inner) sum = step(sum, from[start + position] ?? 0);
        to[startOf(out) + i] = sum;
      });
    },

    cumsum(x, dim, out) {
      const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== dim);
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      const targets = positionsOf(pickAxes(out, others));
      positionsOf(pickAxes(x, others)).forEach((start, row) => {
        let sum = 0;
        for (let i = 0; i < (x.shape[dim] ?? 1); i++) {
          sum += from[start + i * (x.strides[dim] ?? 0)] ?? 0;
          to[(targets[row] ?? 0) + i * (out.strides[dim] ?? 0)] = sum;
        }
      });
    },

    softmax(x, out, log) {
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      const { rows, columns, start } = rowsOf(x);
      for (let r = 0; r < rows; r++) {
        const i = start + r * columns;
        const o = startOf(out) + r * columns;
        let max = -Infinity;
        for (let c = 0; c < columns; c++) max = Math.max(max, from[i + c] ?? 0);
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += Math.exp((from[i + c] ?? 0) - max);
        const logSum = Math.log(sum);
        for (let c = 0; c < columns; c++) {
          const shifted = (from[i + c] ?? 0) - max;
          to[o + c] = log ? shifted - logSum : Math.exp(shifted) / sum;
        }
      }
    },

    softmaxBackward(grad, y, out, log) {
      const grads = elementsOf(memory, grad.dtype);
      const ys = elementsOf(memory, y.dtype);
      const to = elementsOf(memory, out.dtype);
      const { rows, columns, start } = rowsOf(y);
      for (let r = 0; r < rows; r++) {
        const g = startOf(grad) + r * columns;
        const i = start + r * columns;
        const o = startOf(out) + r * columns;
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += (grads[g + c] ?? 0) * (log ? 1 : (ys[i + c] ?? 0));
        for (let c = 0; c < columns; c++) {
          const value = ys[i + c] ?? 0;
          const cotangent = grads[g + c] ?? 0;
          to[o + c] = log ? cotangent - Math.exp(value) * sum : value * (cotangent - sum);
        }
      }
    },

    sort(x, descending, values, indices) {
      const from = elementsOf(memory, x.dtype);
      const { rows, columns, start } = rowsOf(x);
      // NaN counts as the largest; equal elements keep their order in both directions.
      const compare = (a: number, b: number): number => {
        if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
        return a - b || 0;
      };
      for (let r = 0; r < rows; r++) {
        const row = from.slice(start + r * columns, start + (r + 1) * columns);
        const order = Array.from(row, (_, c) => c);
        order.sort((p, q) => (descending ? -1 : 1) * compareAt(row, p, q, compare));
        order.forEach((c, place) => {
          memory.f64[startOf(indices) + r * columns + place] = c;
          if (values) elementsOf(memory, values.dtype)[startOf(values) + r * columns + place] = row[c] ?? 0;
        });
      }
    },
  };
}

function compareAt(
  row: { readonly [index: number]: number },
  p: number,
  q: number,
  compare: (a: number, b: number) => number,
): number {
  const [a, b] = [row[p] ?? 0, row[q] ?? 0];
  // Infinity - Infinity would be NaN.
  return a === b ? 0 : compare(a, b);
}
