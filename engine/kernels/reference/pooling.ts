import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels, Window2d } from "../kernels.ts";
import { countOf, elementsOf, startOf } from "./elements.ts";

/** The rows or columns that the window at output position `at` covers, clipped to the input. */
function* covered(at: number, axis: 0 | 1, size: number, window: Window2d): Generator<number> {
  const first = at * window.stride[axis] - window.padding[axis];
  for (let k = 0; k < window.kernel[axis]; k++) {
    const position = first + k * window.dilation[axis];
    if (position >= 0 && position < size) yield position;
  }
}

/** How many positions the window covers with padding counted; what ceil mode adds beyond the padding is not. */
function extent(at: number, axis: 0 | 1, size: number, window: Window2d): number {
  const first = at * window.stride[axis] - window.padding[axis];
  return Math.min(first + window.kernel[axis], size + window.padding[axis]) - first;
}

type PoolingKernels = Pick<Kernels, "maxPool2d" | "maxPool2dBackward" | "avgPool2d" | "avgPool2dBackward">;

export function poolingKernels(memory: SharedMemory): PoolingKernels {
  /** Calls `visit` for each window with the plane's start, the output's position and the covered input positions. */
  function forEachWindow(
    input: View,
    output: View,
    window: Window2d,
    visit: (plane: number, target: number, positions: number[], area: number) => void,
  ): void {
    const [height = 0, width = 0] = input.shape.slice(-2);
    const [outHeight = 0, outWidth = 0] = output.shape.slice(-2);
    const planes = countOf(input.shape.slice(0, -2));
    for (let p = 0; p < planes; p++) {
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          const positions: number[] = [];
          for (const y of covered(oy, 0, height, window)) {
            for (const x of covered(ox, 1, width, window)) positions.push(y * width + x);
          }
          const area = extent(oy, 0, height, window) * extent(ox, 1, width, window);
          visit(p * height * width, (p * outHeight + oy) * outWidth + ox, positions, area);
        }
      }
    }
  }

  return {
    maxPool2d(x, out, indices, window) {
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      forEachWindow(x, out, window, (plane, target, positions) => {
        let best = -Infinity;
        let at = positions[0] ?? 0;
        for (const position of positions) {
          const value = from[startOf(x) + plane + position] ?? 0;
          if (value > best || Number.isNaN(value)) {
            best = value;
            at = position;
          }
        }
        to[startOf(out) + target] = best;
        memory.f64[startOf(indices) + target] = at;
      });
    },
    maxPool2dBackward(grad, indices, out) {
      const from = elementsOf(memory, grad.dtype);
      const to = elementsOf(memory, out.dtype);
      const plane = countOf(out.shape.slice(-2));
      const outputs = countOf(grad.shape.slice(-2));
      const sums = new Float64Array(countOf(out.shape));
      for (let i = 0; i < countOf(grad.shape); i++) {
        const at = Math.floor(i / outputs) * plane + (memory.f64[startOf(indices) + i] ?? 0);
        sums[at] = (sums[at] ?? 0) + (from[startOf(grad) + i] ?? 0);
      }
      to.set(sums, startOf(out));
    },
    avgPool2d(x, out, window, countIncludePad) {
      const from = elementsOf(memory, x.dtype);
      const to = elementsOf(memory, out.dtype);
      forEachWindow(x, out, window, (plane, target, positions, area) => {
        let sum = 0;
        for (const position of positions) sum += from[startOf(x) + plane + position] ?? 0;
        to[startOf(out) + target] = sum / (countIncludePad ? area : positions.length);
      });
    },
    avgPool2dBackward(grad, out, window, countIncludePad) {
      const from = elementsOf(memory, grad.dtype);
      const sums = new Float64Array(countOf(out.shape));
      forEachWindow(out, grad, window, (plane, target, positions, area) => {
        const share = (from[startOf(grad) + target] ?? 0) / (countIncludePad ? area : positions.length);
        for (const position of positions) sums[plane + position] = (sums[plane + position] ?? 0) + share;
      });
      elementsOf(memory, out.dtype).set(sums, startOf(out));
    },
  };
}
