import { expectTensor } from "../../ops/operands.ts";
import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { apply } from "../../ops/apply.ts";
import { binaryCrossEntropy as binaryCrossEntropyOp } from "../../ops/binary-cross-entropy.ts";
import { crossEntropy as crossEntropyOp } from "../../ops/cross-entropy.ts";
import { checkClasses, nllLoss as nllLossOp, type Reduction } from "../../ops/negative-log-likelihood.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { broadcastShapes, sameShape } from "../../core/shape.ts";
import { fromNumbers } from "../../core/creation.ts";
import { softplus } from "./activations.ts";
import { checkReduction, reduce } from "./reduction.ts";
import { logSoftmax } from "./softmax.ts";

export interface ClassLossOptions {
  /** Weight of each class, [C]. */
  readonly weight?: Tensor | null;
  /** A class whose examples do not count. */
  readonly ignoreIndex?: number;
  readonly reduction?: Reduction;
}

const IGNORE_INDEX = -100;

/** −logProbs at each example's class: logProbs [N, C, ...] or [C], target int64 [N, ...] or []. */
export function nllLoss(logProbs: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor {
  checkOptions("nllLoss", options, ["weight", "ignoreIndex", "reduction"]);
  return nll("nllLoss", logProbs, target, options);
}

function nll(as: string, logProbs: Tensor, target: Tensor, options: ClassLossOptions): Tensor {
  const { weight, ignoreIndex = IGNORE_INDEX, reduction = "mean" } = options;
  checkReduction(as, reduction);
  return apply(nllLossOp, weight ? [logProbs, target, weight] : [logProbs, target], { reduction, ignoreIndex, as });
}

/**
 * Cross-entropy of softmax(logits). Logits [N, C, ...] or [C]; target int64 classes [N, ...] or [], or probabilities of
 * the logits' shape. PyTorch: `torch.nn.functional.cross_entropy`.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  options: ClassLossOptions & { readonly labelSmoothing?: number } = {},
): Tensor {
  checkOptions("crossEntropy", options, ["weight", "ignoreIndex", "labelSmoothing", "reduction"]);
  const { labelSmoothing = 0, weight = null, reduction = "mean", ignoreIndex = IGNORE_INDEX } = options;
  checkReduction("crossEntropy", reduction);
  if (labelSmoothing < 0 || labelSmoothing > 1) {
    throw new EngineError("value", `crossEntropy: labelSmoothing must be in [0, 1], found ${labelSmoothing}`);
  }
  expectTensor("crossEntropy", logits, "the logits as a tensor");
  expectTensor("crossEntropy", target, "the target as a tensor");
  if (isFloating(target.dtype)) {
    if (!sameShape(logits.shape, target.shape)) refuseProbabilities(logits, target);
    return composite("crossEntropy", () => withProbabilities(logits, target, weight, labelSmoothing, reduction));
  }
  if (weight === null && labelSmoothing === 0)
    return apply(crossEntropyOp, [logits, target], { reduction, ignoreIndex });
  checkClasses("crossEntropy", logits, target, weight ?? undefined, ignoreIndex);
  return composite("crossEntropy", () => {
    const logProbs = logSoftmax(logits, logits.rank === 1 ? 0 : 1);
    const loss = nll("crossEntropy", logProbs, target, { weight, ignoreIndex, reduction });
    if (labelSmoothing === 0) return loss;
    const smooth = smoothing(logProbs, target, weight, ignoreIndex, reduction);
    return loss.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / logits.shape[logits.rank === 1 ? 0 : 1]!));
  });
}

function refuseProbabilities(logits: Tensor, target: Tensor): never {
  const axis = logits.rank === 1 ? 0 : 1;
  const classes = [...logits.shape.slice(0, axis), ...logits.shape.slice(axis + 1)];
  if (sameShape(target.shape, classes)) {
    throw new EngineError("dtype", `crossEntropy: target must be int64 class indices, this is ${target.dtype}`, {
      fix: 'create it with { dtype: "int64" }',
    });
  }
  throw new EngineError(
    "shape",
    `crossEntropy: logits ${formatShape(logits.shape)} need int64 classes of shape ${formatShape(classes)} or probabilities of their own shape, found ${target.dtype} ${formatShape(target.shape)}`,
  );
}

/** Σ over classes of −w · logProbs, for label smoothing, reduced as the loss is. */
function smoothing(
  logProbs: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
  reduction: Reduction,
): Tensor {
  const axis = logProbs.rank === 1 ? 0 : 1;
  const weighted = weight ? logProbs.mul(alongAxis(weight, logProbs.rank, axis)) : logProbs;
  const classes = readElements(target);
  const weights = weight && readElements(weight);
  const counted = Array.from(classes, (c) => (c === ignoreIndex ? 0 : 1));
  const each = weighted
    .sum(axis)
    .neg()
    .mul(fromNumbers(counted, target.shape, logProbs.dtype));
  if (reduction === "none") return each;
  if (reduction === "sum") return each.sum();
  let total = 0;
  for (const c of classes) if (c !== ignoreIndex) total += weights ? weights[c]! : 1;
  return each.sum().div(total);
}

function withProbabilities(
  logits: Tensor,
  target: Tensor,
  weight: Tensor | null,
  labelSmoothing: number,
  reduction: Reduction,
): Tensor {
  const axis = logits.rank === 1 ? 0 : 1;
  const classes = logits.shape[axis]!;
  const smooth = labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  let products = logSoftmax(logits, axis).mul(smooth);
  if (weight) products = products.mul(alongAxis(weight, logits.rank, axis));
  if (reduction === "none") return products.sum(axis).neg();
  const sum = products.sum().neg();
  // PyTorch's mean is over the examples, whatever their probabilities sum to.
  return reduction === "sum" ? sum : sum.div(logits.numel() / classes);
}

function alongAxis(weight: Tensor, rank: number, axis: number): Tensor {
  return weight.reshape(Array.from({ length: rank }, (_, i) => (i === axis ? weight.numel() : 1)));
}

export interface ElementLossOptions {
  readonly reduction?: Reduction;
}

/** −(t log p + (1 − t) log(1 − p)), with logarithms no lower than −100 as in PyTorch. */
export function binaryCrossEntropy(
  p: Tensor,
  t: Tensor,
  options: ElementLossOptions & { readonly weight?: Tensor | null } = {},
): Tensor {
  checkOptions("binaryCrossEntropy", options, ["weight", "reduction"]);
  requireSameShape("binaryCrossEntropy", p, t);
  for (const value of readElements(p)) {
    if (value < 0 || value > 1) {
      throw new EngineError("value", `binaryCrossEntropy: probabilities must be in [0, 1], found ${value}`, {
        fix: "use binaryCrossEntropyWithLogits on logits",
      });
    }
  }
  return composite("binaryCrossEntropy", () => {
    const loss = apply(binaryCrossEntropyOp, [p, t]);
    return reduce("binaryCrossEntropy", options.weight ? loss.mul(options.weight) : loss, options.reduction);
  });
}

/** Binary cross-entropy of sigmoid(z), from z: (1 − t) z + (1 + (posWeight − 1) t) softplus(−z). */
export function binaryCrossEntropyWithLogits(
  z: Tensor,
  t: Tensor,
  options: ElementLossOptions & { readonly weight?: Tensor | null; readonly posWeight?: Tensor | null } = {},
): Tensor {
  checkOptions("binaryCrossEntropyWithLogits", options, ["weight", "posWeight", "reduction"]);
  requireSameShape("binaryCrossEntropyWithLogits", z, t);
  const { weight, posWeight, reduction } = options;
  return composite("binaryCrossEntropyWithLogits", () => {
    const surprise = softplus(z.neg());
    const loss = t
      .neg()
      .add(1)
      .mul(z)
      .add(posWeight ? posWeight.sub(1).mul(t).add(1).mul(surprise) : surprise);
    return reduce("binaryCrossEntropyWithLogits", weight ? loss.mul(weight) : loss, reduction);
  });
}

/** target (log target − logProbs), and 0 where the target is 0; with `logTarget` the target is given as logarithms. */
export function klDiv(
  logProbs: Tensor,
  target: Tensor,
  options: { readonly reduction?: Reduction | "batchmean"; readonly logTarget?: boolean } = {},
): Tensor {
  checkOptions("klDiv", options, ["reduction", "logTarget"]);
  const { reduction = "mean", logTarget = false } = options;
  if (reduction !== "batchmean") checkReduction("klDiv", reduction);
  broadcastShapes("klDiv", logProbs.shape, target.shape);
  return composite("klDiv", () => {
    const losses = logTarget ? target.exp().mul(target.sub(logProbs)) : xlogy(target).sub(target.mul(logProbs));
    if (reduction === "batchmean") return losses.sum().div(logProbs.shape[0] ?? 1);
    return reduce("klDiv", losses, reduction);
  });
}

/** t log t, which goes to 0 with t. */
function xlogy(t: Tensor): Tensor {
  const isZero = t.eq(0);
  return t.mul(t.maskedFill(isZero, 1).log()).maskedFill(isZero, 0);
}

function requireSameShape(op: string, x: Tensor, t: Tensor): void {
  expectTensor(op, x, "the input as a tensor");
  expectTensor(op, t, "the target as a tensor");
  if (!isFloating(t.dtype)) {
    throw new EngineError("dtype", `${op}: target must be floating-point like the input, this is ${t.dtype}`, {
      fix: "convert it with .float()",
    });
  }
  if (!sameShape(x.shape, t.shape)) {
    throw new EngineError(
      "shape",
      `${op}: input ${formatShape(x.shape)} and target ${formatShape(t.shape)} must have one shape`,
      { fix: "reshape the target like the input" },
    );
  }
}
