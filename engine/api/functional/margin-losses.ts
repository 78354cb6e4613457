import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { select as where } from "../../ops/selection.ts";
import { fromNumbers } from "../../core/creation.ts";
import { broadcastShapes, sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { softplus } from "./activations.ts";
import { pairwiseDistance } from "./distances.ts";
import { checkReduction, reduce, type Reduction } from "./reduction.ts";

export interface MarginLossOptions {
  readonly margin?: number;
  readonly reduction?: Reduction;
}

/** max(0, −y (a − b) + margin), with y = 1 where a should rank higher and −1 where b should. */
export function marginRankingLoss(a: Tensor, b: Tensor, y: Tensor, options: MarginLossOptions = {}): Tensor {
  checkOptions("marginRankingLoss", options, ["margin", "reduction"]);
  const { margin = 0, reduction } = options;
  broadcastShapes("marginRankingLoss", broadcastShapes("marginRankingLoss", a.shape, b.shape), y.shape);
  return composite("marginRankingLoss", () =>
    reduce("marginRankingLoss", y.neg().mul(a.sub(b)).add(margin).clamp({ min: 0 }), reduction),
  );
}

/** x where y = 1, max(0, margin − x) where y = −1. */
export function hingeEmbeddingLoss(x: Tensor, y: Tensor, options: MarginLossOptions = {}): Tensor {
  checkOptions("hingeEmbeddingLoss", options, ["margin", "reduction"]);
  const { margin = 1, reduction } = options;
  broadcastShapes("hingeEmbeddingLoss", x.shape, y.shape);
  return composite("hingeEmbeddingLoss", () => {
    const apart = where(y.ne(1), x.neg().add(margin).clamp({ min: 0 }), 0);
    return reduce("hingeEmbeddingLoss", apart.add(where(y.ne(-1), x, 0)), reduction);
  });
}

/** log(1 + e^(−y x)), with y = ±1. */
export function softMarginLoss(x: Tensor, y: Tensor, options: { readonly reduction?: Reduction } = {}): Tensor {
  checkOptions("softMarginLoss", options, ["reduction"]);
  broadcastShapes("softMarginLoss", x.shape, y.shape);
  return composite("softMarginLoss", () => reduce("softMarginLoss", softplus(y.neg().mul(x)), options.reduction));
}

/** Mean over the other classes j of max(0, margin − x_c + x_j)^p. x [N, C] or [C], target int64 [N] or []. */
export function multiMarginLoss(
  x: Tensor,
  target: Tensor,
  options: MarginLossOptions & { readonly p?: 1 | 2; readonly weight?: Tensor | null } = {},
): Tensor {
  checkOptions("multiMarginLoss", options, ["margin", "p", "weight", "reduction"]);
  const { margin = 1, p = 1, weight, reduction = "mean" } = options;
  checkReduction("multiMarginLoss", reduction);
  const classes = x.shape[x.rank - 1] ?? 0;
  requireClasses("multiMarginLoss", x, target, classes);
  return composite("multiMarginLoss", () => {
    const dim = x.rank - 1;
    const index = target.unsqueeze(dim);
    const violation = x.sub(x.gather(dim, index)).add(margin).clamp({ min: 0 });
    const powered = p === 2 ? violation.square() : violation;
    const weighted = weight ? powered.mul(weight.indexSelect(0, target.reshape([-1])).reshape(index.shape)) : powered;
    const others = isOther(target, x);
    const losses = weighted.mul(others).sum(dim).div(classes);
    return reduce("multiMarginLoss", losses, reduction);
  });
}

function requireClasses(op: string, x: Tensor, target: Tensor, classes: number): void {
  if (target.dtype !== "int64") {
    throw new EngineError("dtype", `${op}: target must be int64 class indices, this is ${target.dtype}`, {
      fix: 'create it with { dtype: "int64" }',
    });
  }
  if (x.rank < 1 || x.rank > 2 || target.numel() * classes !== x.numel()) {
    throw new EngineError(
      "shape",
      `${op}: expected x [N, C] and target [N], found ${formatShape(x.shape)} and ${formatShape(target.shape)}`,
    );
  }
  for (const c of readElements(target)) {
    if (c < 0 || c >= classes) {
      throw new EngineError("value", `${op}: class ${c} in target is out of range: there are ${classes} classes`);
    }
  }
}

/** 1 at the classes that are not the target, 0 at the target. */
function isOther(target: Tensor, x: Tensor): Tensor {
  const classes = x.shape[x.rank - 1]!;
  const mask = new Float64Array(x.numel()).fill(1);
  readElements(target).forEach((c, row) => (mask[row * classes + c] = 0));
  return fromNumbers(mask, x.shape, x.dtype);
}

/** max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin). */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: MarginLossOptions & { readonly p?: number; readonly eps?: number; readonly swap?: boolean } = {},
): Tensor {
  checkOptions("tripletMarginLoss", options, ["margin", "p", "eps", "swap", "reduction"]);
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction } = options;
  broadcastShapes(
    "tripletMarginLoss",
    broadcastShapes("tripletMarginLoss", anchor.shape, positive.shape),
    negative.shape,
  );
  return composite("tripletMarginLoss", () => {
    const near = pairwiseDistance(anchor, positive, { p, eps });
    const far = pairwiseDistance(anchor, negative, { p, eps });
    const apart = swap ? far.minimum(pairwiseDistance(positive, negative, { p, eps })) : far;
    return reduce("tripletMarginLoss", near.sub(apart).add(margin).clamp({ min: 0 }), reduction);
  });
}

/** The same with another distance. PyTorch: `F.triplet_margin_with_distance_loss`. */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: MarginLossOptions & {
    readonly distanceFunction?: (a: Tensor, b: Tensor) => Tensor;
    readonly swap?: boolean;
  } = {},
): Tensor {
  checkOptions("tripletMarginWithDistanceLoss", options, ["distanceFunction", "margin", "swap", "reduction"]);
  const { margin = 1, swap = false, reduction } = options;
  const distanceFunction = options.distanceFunction ?? ((a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b));
  return composite("tripletMarginWithDistanceLoss", () => {
    const near = distanceFunction(anchor, positive);
    const far = distanceFunction(anchor, negative);
    const apart = swap ? far.minimum(distanceFunction(positive, negative)) : far;
    return reduce("tripletMarginWithDistanceLoss", near.sub(apart).add(margin).clamp({ min: 0 }), reduction);
  });
}

export interface MultilabelOptions {
  /** For each class. */
  readonly weight?: Tensor | null;
  readonly reduction?: Reduction;
}

/** Mean over the classes of the binary cross-entropy of each. x and target [N, C]. */
export function multilabelSoftMarginLoss(x: Tensor, target: Tensor, options: MultilabelOptions = {}): Tensor {
  checkOptions("multilabelSoftMarginLoss", options, ["weight", "reduction"]);
  requireAlike("multilabelSoftMarginLoss", x, target);
  const { weight = null, reduction } = options;
  return composite("multilabelSoftMarginLoss", () => {
    const losses = softplus(x.neg())
      .mul(target)
      .add(softplus(x).mul(target.neg().add(1)));
    const weighted = weight === null ? losses : losses.mul(weight);
    return reduce("multilabelSoftMarginLoss", weighted.mean(-1), reduction);
  });
}

/**
 * Mean over the classes of max(0, 1 − x_t + x_j), for each target class t and each j that is none. x [N, C] or [C]; target
 * int64 of its shape: classes up to the first −1.
 */
export function multilabelMarginLoss(
  x: Tensor,
  target: Tensor,
  options: { readonly reduction?: Reduction } = {},
): Tensor {
  checkOptions("multilabelMarginLoss", options, ["reduction"]);
  requireAlike("multilabelMarginLoss", x, target);
  const classes = x.shape.at(-1) ?? 1;
  return composite("multilabelMarginLoss", () => {
    const chosen = new Float64Array(x.numel());
    const given = readElements(target);
    for (let row = 0; row < x.numel(); row += classes) {
      for (let j = 0; j < classes && given[row + j]! >= 0; j++) chosen[row + given[row + j]!] = 1;
    }
    const isTarget = fromNumbers(chosen, x.shape, x.dtype);
    const pairs = isTarget.unsqueeze(-1).mul(isTarget.neg().add(1).unsqueeze(-2));
    const violation = x.unsqueeze(-2).sub(x.unsqueeze(-1)).add(1).clamp({ min: 0 }).mul(pairs);
    return reduce("multilabelMarginLoss", violation.sum([-2, -1]).div(classes), options.reduction);
  });
}

function requireAlike(op: string, x: Tensor, target: Tensor): void {
  if (sameShape(x.shape, target.shape)) return;
  throw new EngineError(
    "shape",
    `${op}: target needs the shape of x ${formatShape(x.shape)}, found ${formatShape(target.shape)}`,
  );
}

const EPSILON = 1e-12;

/** 1 − cos(a, b) where y = 1, max(0, cos(a, b) − margin) where y = −1. */
export function cosineEmbeddingLoss(a: Tensor, b: Tensor, y: Tensor, options: MarginLossOptions = {}): Tensor {
  checkOptions("cosineEmbeddingLoss", options, ["margin", "reduction"]);
  const { margin = 0, reduction } = options;
  broadcastShapes("cosineEmbeddingLoss", a.shape, b.shape);
  return composite("cosineEmbeddingLoss", () => {
    const dim = a.rank - 1;
    // The norms' epsilon stands under the root, as in PyTorch.
    const norms = a.square().sum(dim).add(EPSILON).mul(b.square().sum(dim).add(EPSILON)).sqrt();
    const cosine = a.mul(b).sum(dim).div(norms);
    const alike = where(y.eq(1), cosine.neg().add(1), 0);
    const unlike = where(y.eq(-1), cosine.sub(margin).clamp({ min: 0 }), 0);
    return reduce("cosineEmbeddingLoss", alike.add(unlike), reduction);
  });
}
