import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels, Window2d } from "../kernels.ts";
import { countOf, elementsOf, startOf } from "./elements.ts";

/** One product of a convolution: which element of x meets which weight for which output. */
type Product = (x: number, weight: number, out: number) => void;

/**
 * Calls `product` for every product that a convolution x [N, C, H, W] ∗ weight [O, C / groups, kh, kw] → out
 * [N, O, Ho, Wo] sums up, with flat positions in each. Padding is skipped, since it would add zeros.
 */
function forEachProduct(
  x: readonly number[],
  weight: readonly number[],
  out: readonly number[],
  window: Window2d,
  groups: number,
  product: Product,
): void {
  const [batch = 0, channels = 0, height = 0, width = 0] = x;
  const [outputs = 0, , kernelHeight = 0, kernelWidth = 0] = weight;
  const [, , outHeight = 0, outWidth = 0] = out;
  const groupChannels = channels / groups;
  const groupOutputs = outputs / groups;
  const { stride, padding, dilation } = window;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const firstChannel = Math.floor(o / groupOutputs) * groupChannels;
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          const target = ((n * outputs + o) * outHeight + oy) * outWidth + ox;
          for (let c = 0; c < groupChannels; c++) {
            for (let ky = 0; ky < kernelHeight; ky++) {
              const y = oy * stride[0] - padding[0] + ky * dilation[0];
              if (y < 0 || y >= height) continue;
              for (let kx = 0; kx < kernelWidth; kx++) {
                const column = ox * stride[1] - padding[1] + kx * dilation[1];
                if (column < 0 || column >= width) continue;
                const source = ((n * channels + firstChannel + c) * height + y) * width + column;
                product(source, ((o * groupChannels + c) * kernelHeight + ky) * kernelWidth + kx, target);
              }
            }
          }
        }
      }
    }
  }
}

type ConvolutionKernels = Pick<Kernels, "conv2d" | "conv2dInput" | "conv2dWeight">;

export function convolutionKernels(memory: SharedMemory): ConvolutionKernels {
  const read = (view: View): ((position: number) => number) => {
    const elements = elementsOf(memory, view.dtype);
    const start = startOf(view);
    return (position) => elements[start + position] ?? 0;
  };
  function store(out: View, sums: Float64Array): void {
    elementsOf(memory, out.dtype).set(sums, startOf(out));
  }

  return {
    conv2d(x, weight, bias, out, window, groups) {
      const [xs, weights] = [read(x), read(weight)];
      const sums = new Float64Array(countOf(out.shape));
      if (bias) {
        const biases = read(bias);
        const [, outputs = 1, height = 1, width = 1] = out.shape;
        sums.forEach((_, i) => (sums[i] = biases(Math.floor(i / (height * width)) % outputs)));
      }
      forEachProduct(x.shape, weight.shape, out.shape, window, groups, (i, w, o) => {
        sums[o] = (sums[o] ?? 0) + xs(i) * weights(w);
      });
      store(out, sums);
    },
    conv2dInput(grad, weight, out, window, groups) {
      const [grads, weights] = [read(grad), read(weight)];
      const sums = new Float64Array(countOf(out.shape));
      forEachProduct(out.shape, weight.shape, grad.shape, window, groups, (i, w, o) => {
        sums[i] = (sums[i] ?? 0) + grads(o) * weights(w);
      });
      store(out, sums);
    },
    conv2dWeight(grad, x, out, window, groups) {
      const [grads, xs] = [read(grad), read(x)];
      const sums = new Float64Array(countOf(out.shape));
      forEachProduct(x.shape, out.shape, grad.shape, window, groups, (i, w, o) => {
        sums[w] = (sums[w] ?? 0) + grads(o) * xs(i);
      });
      store(out, sums);
    },
  };
}
