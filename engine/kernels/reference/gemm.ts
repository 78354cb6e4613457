import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, pickAxes, positionsOf } from "./elements.ts";

/** Positions of the first element of each matrix of a batch. */
function matricesOf(view: View): Float64Array {
  return positionsOf(
    pickAxes(
      view,
      Array.from({ length: view.shape.length - 2 }, (_, axis) => axis),
    ),
  );
}

export function gemmKernels(memory: SharedMemory): Pick<Kernels, "gemm"> {
  return {
    gemm(a, b, out, options = {}) {
      const fromA = elementsOf(memory, a.dtype);
      const fromB = elementsOf(memory, b.dtype);
      const to = elementsOf(memory, out.dtype);
      const [m = 0, n = 0] = out.shape.slice(-2);
      const k = a.shape[a.shape.length - 1] ?? 0;
      const [aRow = 0, aColumn = 0] = a.strides.slice(-2);
      const [bRow = 0, bColumn = 0] = b.strides.slice(-2);
      const { bias, accumulate = false } = options;
      const biases = bias ? positionsOf(bias) : null;
      const [starts, aStarts, bStarts] = [matricesOf(out), matricesOf(a), matricesOf(b)];
      const sums = new Float64Array(n);
      for (let batch = 0; batch < starts.length; batch++) {
        for (let i = 0; i < m; i++) {
          const o = (starts[batch] ?? 0) + i * n;
          sums.fill(0);
          for (let p = 0; p < k; p++) {
            const factor = fromA[(aStarts[batch] ?? 0) + i * aRow + p * aColumn] ?? 0;
            const row = (bStarts[batch] ?? 0) + p * bRow;
            for (let j = 0; j < n; j++) sums[j] = (sums[j] ?? 0) + factor * (fromB[row + j * bColumn] ?? 0);
          }
          for (let j = 0; j < n; j++) {
            const added = biases ? (elementsOf(memory, out.dtype)[biases[j] ?? 0] ?? 0) : 0;
            const before = to[o + j] ?? 0;
            to[o + j] = (sums[j] ?? 0) + added;
            // Rounded before it is added, as a product of its own would be.
            if (accumulate) to[o + j] = before + (to[o + j] ?? 0);
          }
        }
      }
    },
  };
}
