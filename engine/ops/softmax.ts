import { runtime } from "../core/runtime.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, requireOneFloat } from "./dense.ts";
import { defineOp, type Op } from "./op.ts";

type AlongDim = { readonly dim: number };

/** The same elements with axis `dim` last. */
export function lastAxis(x: View, dim: number): View {
  const move = (list: readonly number[]): number[] => [...list.slice(0, dim), ...list.slice(dim + 1), list[dim]!];
  return { dtype: x.dtype, offset: x.offset, shape: move(x.shape), strides: move(x.strides) };
}

/** Runs a kernel that works along the last axis of dense tensors along axis `dim`; a scalar counts as [1]. */
function alongDim(
  inputs: readonly Tensor[],
  dim: number,
  out: Tensor,
  run: (inputs: readonly View[], out: View) => void,
): void {
  if (out.rank === 0) {
    const asVector = (x: View): View => ({ dtype: x.dtype, offset: x.offset, shape: [1], strides: [1] });
    run(inputs.map(asVector), asVector(out));
    return;
  }
  if (dim === out.rank - 1) {
    run(inputs.map(dense), out);
    return;
  }
  const copies = inputs.map((x) => {
    const moved = lastAxis(x, dim);
    const copy = Tensor.empty(moved.shape, x.dtype);
    runtime.kernels.copy(moved, copy);
    return copy;
  });
  const moved = lastAxis(out, dim);
  const result = Tensor.empty(moved.shape, out.dtype);
  run(copies, result);
  runtime.kernels.copy(result, moved);
}

/** The cotangent of softmax's input, from the cotangent `g` and softmax's result `y`. */
export const softmaxBackward: Op<AlongDim> = defineOp<AlongDim>({
  id: "softmaxBackward",
  name: "softmaxBackward",
  infer: ([g]) => ({ shape: g!.shape, dtype: g!.dtype }),
  compute: (inputs, { dim }, out) =>
    alongDim(inputs, dim, out, ([g, y], to) => runtime.kernels.softmaxBackward(g!, y!, to, false)),
  vjp: [
    (h, at) => apply(softmaxBackward, [h, at.input(1)], at.attributes),
    (h, at) => {
      const [g, y, dim] = [at.input(0), at.input(1), at.attributes.dim];
      return h.mul(g.sub(g.mul(y).sum(dim, true))).sub(g.mul(h.mul(y).sum(dim, true)));
    },
  ],
  saves: [0, 1],
  formula: {
    forward: "y \\odot (g - \\langle g, y\\rangle)",
    backward: [
      "y \\odot (\\bar z - \\langle \\bar z, y\\rangle)",
      "\\bar z \\odot (g - \\langle g, y\\rangle) - g \\langle \\bar z, y\\rangle",
    ],
  },
  flops: (_, __, out) => 4 * out.numel(),
});

/** The cotangent of logSoftmax's input, from the cotangent `g` and logSoftmax's result `y`. */
export const logSoftmaxBackward: Op<AlongDim> = defineOp<AlongDim>({
  id: "logSoftmaxBackward",
  name: "logSoftmaxBackward",
  infer: ([g]) => ({ shape: g!.shape, dtype: g!.dtype }),
  compute: (inputs, { dim }, out) =>
    alongDim(inputs, dim, out, ([g, y], to) => runtime.kernels.softmaxBackward(g!, y!, to, true)),
  vjp: [
    (h, at) => h.sub(h.mul(at.input(1).exp()).sum(at.attributes.dim, true)),
    (h, at) => h.mul(at.input(1).exp()).mul(at.input(0).sum(at.attributes.dim, true)).neg(),
  ],
  saves: [0, 1],
  formula: {
    forward: "g - e^y \\sum_j g_j",
    backward: ["\\bar z - \\langle \\bar z, e^y\\rangle", "-\\bar z \\odot e^y \\sum_j g_j"],
  },
  flops: (_, __, out) => 4 * out.numel(),
});

/** e^x / Σ e^x along `dim` (not negative), with the maximum taken out first. PyTorch: `torch.softmax`. */
export const softmax = defineOp<AlongDim>({
  id: "softmax",
  name: "softmax",
  infer: ([x]) => {
    requireOneFloat("softmax", [x!]);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: (inputs, { dim }, out) => alongDim(inputs, dim, out, ([x], to) => runtime.kernels.softmax(x!, to, false)),
  vjp: [(g, at) => apply(softmaxBackward, [g, at.output], at.attributes)],
  saves: ["output"],
  formula: {
    forward: "\\frac{e^{x_i}}{\\sum_j e^{x_j}}",
    backward: ["y \\odot (\\bar y - \\langle \\bar y, y\\rangle)"],
  },
  flops: ([x]) => 5 * x!.numel(),
});

/** x − log Σ e^x along `dim` (not negative). PyTorch: `torch.log_softmax`. */
export const logSoftmax = defineOp<AlongDim>({
  id: "logSoftmax",
  name: "logSoftmax",
  infer: ([x]) => {
    requireOneFloat("logSoftmax", [x!]);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  compute: (inputs, { dim }, out) => alongDim(inputs, dim, out, ([x], to) => runtime.kernels.softmax(x!, to, true)),
  vjp: [(g, at) => apply(logSoftmaxBackward, [g, at.output], at.attributes)],
  saves: ["output"],
  formula: {
    forward: "x_i - \\log\\sum_j e^{x_j}",
    backward: ["\\bar y - e^y \\sum_j \\bar y_j"],
  },
  flops: ([x]) => 5 * x!.numel(),
});
