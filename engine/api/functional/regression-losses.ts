import { expectTensor } from "../../ops/operands.ts";
import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { broadcastShapes, sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { select as where } from "../../ops/selection.ts";
import { warn } from "../../context/warning.ts";
import { reduce, type Reduction } from "./reduction.ts";

export interface RegressionLossOptions {
  readonly reduction?: Reduction;
}

/** Shapes may differ as long as they broadcast, as in PyTorch; (N, 1) against (N) is hardly ever meant. */
function warnOfBroadcast(op: string, y: Tensor, t: Tensor): void {
  expectTensor(op, y, "the input as a tensor");
  expectTensor(op, t, "the target as a tensor");
  if (sameShape(y.shape, t.shape)) return;
  const shape = broadcastShapes(op, y.shape, t.shape);
  warn(
    "broadcast",
    `${op}: input ${formatShape(y.shape)} and target ${formatShape(t.shape)} broadcast to ${formatShape(shape)}; reshape one unless that is meant`,
  );
}

/** (y − t)². */
export function mseLoss(y: Tensor, t: Tensor, options: RegressionLossOptions = {}): Tensor {
  checkOptions("mseLoss", options, ["reduction"]);
  warnOfBroadcast("mseLoss", y, t);
  return composite("mseLoss", () => reduce("mseLoss", y.sub(t).square(), options.reduction));
}

/** |y − t|. */
export function l1Loss(y: Tensor, t: Tensor, options: RegressionLossOptions = {}): Tensor {
  checkOptions("l1Loss", options, ["reduction"]);
  warnOfBroadcast("l1Loss", y, t);
  return composite("l1Loss", () => reduce("l1Loss", y.sub(t).abs(), options.reduction));
}

/** ½ d² / β where d = |y − t| < β, else d − ½ β. */
export function smoothL1Loss(
  y: Tensor,
  t: Tensor,
  options: RegressionLossOptions & { readonly beta?: number } = {},
): Tensor {
  checkOptions("smoothL1Loss", options, ["beta", "reduction"]);
  const { beta = 1, reduction } = options;
  if (beta < 0) throw new EngineError("value", `smoothL1Loss: beta must not be negative, found ${beta}`);
  warnOfBroadcast("smoothL1Loss", y, t);
  return composite("smoothL1Loss", () => {
    const d = y.sub(t);
    const size = d.abs();
    if (beta === 0) return reduce("smoothL1Loss", size, reduction);
    // The square is of d itself: at 0 it has a second derivative, and that of |d|² is lost.
    const losses = where(size.lt(beta), d.square().mul(0.5 / beta), size.sub(0.5 * beta));
    return reduce("smoothL1Loss", losses, reduction);
  });
}

/** ½ d² where d = |y − t| ≤ δ, else δ (d − ½ δ). */
export function huberLoss(
  y: Tensor,
  t: Tensor,
  options: RegressionLossOptions & { readonly delta?: number } = {},
): Tensor {
  checkOptions("huberLoss", options, ["delta", "reduction"]);
  const { delta = 1, reduction } = options;
  if (!(delta > 0)) throw new EngineError("value", `huberLoss: delta must be positive, found ${delta}`);
  warnOfBroadcast("huberLoss", y, t);
  return composite("huberLoss", () => {
    const d = y.sub(t);
    const size = d.abs();
    const losses = where(size.le(delta), d.square().mul(0.5), size.sub(0.5 * delta).mul(delta));
    return reduce("huberLoss", losses, reduction);
  });
}

/** e^x − t x of counts t, with x the logarithm of their rate; x − t log(x + ε) where `logInput` is false. */
export function poissonNllLoss(
  x: Tensor,
  t: Tensor,
  options: RegressionLossOptions & { readonly logInput?: boolean; readonly full?: boolean; readonly eps?: number } = {},
): Tensor {
  checkOptions("poissonNllLoss", options, ["logInput", "full", "eps", "reduction"]);
  const { logInput = true, full = false, eps = 1e-8, reduction } = options;
  broadcastShapes("poissonNllLoss", x.shape, t.shape);
  return composite("poissonNllLoss", () => {
    let losses = logInput ? x.exp().sub(t.mul(x)) : x.sub(t.mul(x.add(eps).log()));
    if (full) {
      // Stirling's approximation of log t!, of which nothing is left for t ≤ 1.
      const stirling = t
        .mul(t.log())
        .sub(t)
        .add(
          t
            .mul(2 * Math.PI)
            .log()
            .mul(0.5),
        );
      losses = losses.add(where(t.gt(1), stirling, 0));
    }
    return reduce("poissonNllLoss", losses, reduction);
  });
}

/** ½ (log v + (y − t)² / v) with the variance v no lower than ε. */
export function gaussianNllLoss(
  y: Tensor,
  t: Tensor,
  variance: Tensor,
  options: RegressionLossOptions & { readonly full?: boolean; readonly eps?: number } = {},
): Tensor {
  checkOptions("gaussianNllLoss", options, ["full", "eps", "reduction"]);
  const { full = false, eps = 1e-6, reduction } = options;
  broadcastShapes("gaussianNllLoss", broadcastShapes("gaussianNllLoss", y.shape, t.shape), variance.shape);
  return composite("gaussianNllLoss", () => {
    const v = variance.clamp({ min: eps });
    const losses = v.log().add(y.sub(t).square().div(v)).mul(0.5);
    return reduce("gaussianNllLoss", full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
  });
}
