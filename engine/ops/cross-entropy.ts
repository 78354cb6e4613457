import { isGradEnabled } from "../context/grad-mode.ts";
import { runtime } from "../core/runtime.ts";
import { readElements } from "../core/elements.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { apply } from "./apply.ts";
import { dense, elementsOf, requireOneFloat, shaped } from "./dense.ts";
import { checkClasses, nllLossBackward, type Reduction } from "./negative-log-likelihood.ts";
import { defineOp, type Op } from "./op.ts";
import { lastAxis, logSoftmax, logSoftmaxBackward } from "./softmax.ts";

type Attributes = { readonly reduction: Reduction; readonly ignoreIndex: number };

/** Logits with a row of classes for each example: [N, C], [C] as one row, [N, C, ...] with the classes moved last. */
function rowsOf(logits: Tensor): View {
  if (logits.rank === 2) return dense(logits);
  if (logits.rank === 1) return shaped(dense(logits), [1, logits.numel()]);
  const moved = lastAxis(logits, 1);
  const copy = Tensor.empty(moved.shape, logits.dtype);
  runtime.kernels.copy(moved, copy);
  return shaped(copy, rowShape(logits));
}

function rowShape(logits: Tensor): [rows: number, classes: number] {
  const classes = logits.shape[logits.rank === 1 ? 0 : 1]!;
  return [logits.numel() / Math.max(1, classes), classes];
}

function countTargets(target: Tensor, ignoreIndex: number): number {
  let count = 0;
  for (const c of readElements(target)) if (c !== ignoreIndex) count++;
  return count;
}

/** The cotangent of the logits: (softmax − one-hot) · g. Inputs: the loss's cotangent g, logits, target. */
const crossEntropyBackward: Op<Attributes> = defineOp<Attributes>({
  id: "crossEntropyBackward",
  name: "crossEntropyBackward",
  infer: ([, logits]) => logits!,
  compute: ([g, logits, target], { reduction, ignoreIndex }, out) => {
    const [rows, classes] = rowShape(logits!);
    const x = rowsOf(logits!);
    const labels = shaped(dense(target!), [rows]);
    const [losses, sums] = [Tensor.empty([rows], out.dtype), Tensor.empty([rows], out.dtype)];
    // The sums again rather than kept: they are as large as the loss, and a node keeps one result.
    runtime.kernels.crossEntropy(x, labels, losses, sums, ignoreIndex);
    const cotangent = reduction === "none" ? shaped(dense(g!), [rows]) : repeated(g!, rows);
    if (reduction === "mean") {
      const { elements, start } = elementsOf(cotangent);
      elements[start]! /= countTargets(target!, ignoreIndex);
    }
    if (logits!.rank <= 2) {
      runtime.kernels.crossEntropyBackward(cotangent, x, labels, sums, shaped(out, [rows, classes]), ignoreIndex);
      return;
    }
    const moved = lastAxis(out, 1);
    const result = Tensor.empty(moved.shape, out.dtype);
    runtime.kernels.crossEntropyBackward(cotangent, x, labels, sums, shaped(result, [rows, classes]), ignoreIndex);
    runtime.kernels.copy(result, moved);
  },
  // Never recorded: see the rule of crossEntropy.
  vjp: [null, null, null],
  saves: [],
  formula: { forward: "(\\mathrm{softmax}(x)_i - [i = c])\\, g", backward: ["", "", ""] },
  flops: (_, __, out) => 8 * out.numel(),
});

/** A copy of a scalar, read as if there were `count` of it. */
function repeated(scalar: Tensor, count: number): View {
  const copy = Tensor.empty([], scalar.dtype);
  runtime.kernels.copy(scalar, copy);
  return { dtype: copy.dtype, offset: copy.offset, shape: [count], strides: [0] };
}

/** {@link crossEntropyBackward}, op by op. */
function composed(g: Tensor, logits: Tensor, target: Tensor, attributes: Attributes): Tensor {
  const along = { dim: logits.rank === 1 ? 0 : 1 };
  const picked = apply(nllLossBackward, [g, target], { ...attributes, as: "crossEntropy", shape: logits.shape });
  return apply(logSoftmaxBackward, [picked, apply(logSoftmax, [logits], along)], along);
}

/**
 * log Σ e^x − x_c of each example's class c. Inputs: logits [N, C, ...] or [C], target int64 [N, ...] or []. What is
 * weighted or smoothed is made of logSoftmax and nllLoss instead. PyTorch: `torch.nn.functional.cross_entropy`.
 */
export const crossEntropy: Op<Attributes> = defineOp<Attributes>({
  id: "crossEntropy",
  name: "crossEntropy",
  infer: ([logits, target], { reduction, ignoreIndex }) => {
    checkClasses("crossEntropy", logits!, target!, undefined, ignoreIndex);
    requireOneFloat("crossEntropy", [logits!]);
    return { shape: reduction === "none" ? target!.shape : [], dtype: logits!.dtype };
  },
  compute: ([logits, target], { reduction, ignoreIndex }, out) => {
    const [rows] = rowShape(logits!);
    const sums = Tensor.empty([rows], out.dtype);
    const losses = reduction === "none" ? shaped(out, [rows]) : Tensor.empty([rows], out.dtype);
    runtime.kernels.crossEntropy(rowsOf(logits!), shaped(dense(target!), [rows]), losses, sums, ignoreIndex);
    if (reduction === "none") return;
    runtime.kernels.reduce("sum", losses, [0], out);
    if (reduction === "sum") return;
    const { elements, start } = elementsOf(out);
    elements[start]! /= countTargets(target!, ignoreIndex);
  },
  vjp: [
    // What is itself recorded goes op by op, so that it can be differentiated again.
    (g, at) =>
      isGradEnabled()
        ? composed(g, at.input(0), at.input(1), at.attributes)
        : apply(crossEntropyBackward, [g, at.input(0), at.input(1)], at.attributes),
    null,
  ],
  saves: [0, 1],
  formula: {
    forward: "\\frac{1}{N} \\sum_n (\\log\\sum_j e^{x_{n,j}} - x_{n,c_n})",
    backward: ["\\frac{\\bar y}{N}\\, (\\mathrm{softmax}(x_n)_i - [i = c_n])", ""],
  },
  flops: ([logits]) => 5 * logits!.numel(),
});
