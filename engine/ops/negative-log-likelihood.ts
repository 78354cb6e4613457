import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount, sameShape } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { dense, elementsOf, requireOneFloat } from "./dense.ts";
import { expectTensor } from "./operands.ts";
import { defineOp, type Op } from "./op.ts";

export type Reduction = "mean" | "sum" | "none";

type LossAttributes = { readonly reduction: Reduction; readonly ignoreIndex: number; readonly as: string };
type BackwardAttributes = LossAttributes & { readonly shape: readonly number[] };

/** Where classes lie: axis 1, or axis 0 of a single example. */
function classAxis(shape: readonly number[]): number {
  return shape.length === 1 ? 0 : 1;
}

/**
 * Calls `visit` for each target that counts, with its position among the targets, the position of its class's entry
 * in dense log-probabilities, and its weight. @returns the sum of the weights.
 */
function forEachTarget(
  shape: readonly number[],
  target: Tensor,
  weight: Tensor | undefined,
  ignoreIndex: number,
  visit: (position: number, entry: number, weight: number) => void,
): number {
  const axis = classAxis(shape);
  const classes = shape[axis]!;
  const inner = elementCount(shape.slice(axis + 1));
  const targets = readElements(target);
  const weights = weight && readElements(weight);
  let total = 0;
  for (let i = 0; i < targets.length; i++) {
    const c = targets[i]!;
    if (c === ignoreIndex) continue;
    const w = weights ? weights[c]! : 1;
    total += w;
    visit(i, (Math.floor(i / inner) * classes + c) * inner + (i % inner), w);
  }
  return total;
}

/** @throws EngineError unless `target` holds one valid class per example of `x`. */
export function checkClasses(
  op: string,
  x: Tensor,
  target: Tensor,
  weight: Tensor | undefined,
  ignoreIndex: number,
): void {
  expectTensor(op, target, "the target as a tensor");
  if (target.dtype !== "int64") {
    throw new EngineError("dtype", `${op}: target must be int64 class indices, this is ${target.dtype}`, {
      fix: 'create it with { dtype: "int64" }',
    });
  }
  if (x.rank === 0) throw new EngineError("shape", `${op}: expected classes on axis 1, the input is a scalar`);
  const axis = classAxis(x.shape);
  const classes = x.shape[axis]!;
  const expected = [...x.shape.slice(0, axis), ...x.shape.slice(axis + 1)];
  if (!sameShape(target.shape, expected)) {
    throw new EngineError(
      "shape",
      `${op}: input ${formatShape(x.shape)} needs a target of shape ${formatShape(expected)}, found ${formatShape(target.shape)}`,
    );
  }
  if (weight !== undefined && (weight.rank !== 1 || weight.shape[0] !== classes)) {
    throw new EngineError(
      "shape",
      `${op}: weight needs one entry for each of the ${classes} classes, found ${formatShape(weight.shape)}`,
    );
  }
  for (const c of readElements(target)) {
    if (c === ignoreIndex) continue;
    if (c < 0 || c >= classes) {
      throw new EngineError("value", `${op}: class ${c} in target is out of range: there are ${classes} classes`, {
        fix: `classes count from 0 to ${classes - 1}`,
      });
    }
  }
}

/** The cotangent of the log-probabilities from the cotangent of the loss: −w g at each target's class, 0 elsewhere. */
export const nllLossBackward: Op<BackwardAttributes> = defineOp<BackwardAttributes>({
  id: "nllLossBackward",
  name: "nllLossBackward",
  infer: ([g], { shape }) => ({ shape, dtype: g!.dtype }),
  compute: ([g, target, weight], { shape, reduction, ignoreIndex }, out) => {
    runtime.kernels.fill(out, 0);
    const from = elementsOf(dense(g!));
    const to = elementsOf(out);
    const entries: number[] = [];
    const total = forEachTarget(shape, target!, weight, ignoreIndex, (position, entry, w) => {
      const cotangent = from.elements[from.start + (reduction === "none" ? position : 0)]!;
      to.elements[to.start + entry] = -w * cotangent;
      entries.push(entry);
    });
    if (reduction !== "mean") return;
    for (const entry of entries) to.elements[to.start + entry]! /= total;
  },
  vjp: (h, at, index) =>
    index > 0
      ? null
      : apply(
          nllLoss,
          rest(h, at.inputCount, (i) => at.input(i)),
          at.attributes,
        ),
  saves: [1, 2],
  formula: { forward: "-w_c\\, g\\, e_c", backward: ["-w_c\\, \\bar z_c", "", ""] },
});

/** `first`, then the other inputs of an application. */
function rest(first: Tensor, count: number, input: (index: number) => Tensor): Tensor[] {
  return Array.from({ length: count }, (_, i) => (i === 0 ? first : input(i)));
}

/**
 * −w_c · logProbs_c of each example's class c. Inputs: logProbs [N, C, ...] or [C], target int64 [N, ...] or [], and
 * optionally weight [C]. `as` names the call in errors. PyTorch: `torch.nn.functional.nll_loss`.
 */
export const nllLoss: Op<LossAttributes> = defineOp<LossAttributes>({
  id: "nllLoss",
  name: "nllLoss",
  infer: ([x, target, weight], { reduction, ignoreIndex, as }) => {
    requireOneFloat(as, weight ? [x!, weight] : [x!]);
    checkClasses(as, x!, target!, weight, ignoreIndex);
    return { shape: reduction === "none" ? target!.shape : [], dtype: x!.dtype };
  },
  compute: ([x, target, weight], { reduction, ignoreIndex }, out) => {
    const from = elementsOf(dense(x!));
    const to = elementsOf(out);
    if (reduction === "none") runtime.kernels.fill(out, 0);
    let sum = 0;
    const total = forEachTarget(x!.shape, target!, weight, ignoreIndex, (position, entry, w) => {
      const loss = -w * from.elements[from.start + entry]!;
      if (reduction === "none") to.elements[to.start + position] = loss;
      else sum += loss;
    });
    if (reduction !== "none") to.elements[to.start] = reduction === "mean" ? sum / total : sum;
  },
  vjp: (g, at, index) =>
    index > 0
      ? null
      : apply(
          nllLossBackward,
          rest(g, at.inputCount, (i) => at.input(i)),
          { ...at.attributes, shape: at.shape(0) },
        ),
  saves: [1, 2],
  formula: {
    forward: "-\\frac{1}{\\sum_n w_{c_n}}\\sum_n w_{c_n} x_{n, c_n}",
    backward: ["-\\frac{w_c}{\\sum_n w_{c_n}}\\, \\bar y\\, e_c", "", ""],
  },
  flops: ([, target]) => 2 * target!.numel(),
});
