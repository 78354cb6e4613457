import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { elementsOf, positionsOf, startOf } from "./elements.ts";

type IndexingKernels = Pick<Kernels, "take" | "put" | "indexRows" | "addRows">;

export function indexingKernels(memory: SharedMemory): IndexingKernels {
  return {
    take(x, index, out) {
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      const indices = elementsOf(memory, index.dtype);
      const targets = positionsOf(out);
      positionsOf(index).forEach((at, i) => (to[targets[i] ?? 0] = from[startOf(x) + (indices[at] ?? 0)] ?? 0));
    },
    put(out, index, src, accumulate) {
      const from = elementsOf(memory, src.dtype);
      const to = elementsOf(memory, out.dtype);
      const indices = elementsOf(memory, index.dtype);
      const sources = positionsOf(src);
      positionsOf(index).forEach((at, i) => {
        const target = startOf(out) + (indices[at] ?? 0);
        to[target] = (from[sources[i] ?? 0] ?? 0) + (accumulate ? (to[target] ?? 0) : 0);
      });
    },
    indexRows(x, index, out) {
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      const indices = elementsOf(memory, index.dtype);
      const columns = x.shape[1] ?? 1;
      const stride = x.strides[0] ?? columns;
      positionsOf(index).forEach((at, m) => {
        const row = startOf(x) + (indices[at] ?? 0) * stride;
        to.set(from.subarray(row, row + columns), startOf(out) + m * columns);
      });
    },
    addRows(out, index, src) {
      const from = elementsOf(memory, src.dtype);
      const to = elementsOf(memory, out.dtype);
      const indices = elementsOf(memory, index.dtype);
      const columns = out.shape[1] ?? 1;
      const sources = positionsOf(src);
      positionsOf(index).forEach((at, m) => {
        const row = startOf(out) + (indices[at] ?? 0) * columns;
        for (let c = 0; c < columns; c++) to[row + c] = (to[row + c] ?? 0) + (from[sources[m * columns + c] ?? 0] ?? 0);
      });
    },
  };
}
