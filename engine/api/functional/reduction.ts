import { EngineError } from "../../context/engine-error.ts";
import type { Reduction } from "../../ops/negative-log-likelihood.ts";
import type { Tensor } from "../../core/tensor.ts";

export type { Reduction };

/** @throws EngineError on anything but "mean", "sum" and "none". */
export function checkReduction(op: string, reduction: string): void {
  if (reduction === "mean" || reduction === "sum" || reduction === "none") return;
  throw new EngineError("value", `${op}: reduction must be "mean", "sum" or "none", found "${reduction}"`);
}

/** The losses of the elements as the caller wants them. */
export function reduce(op: string, losses: Tensor, reduction: Reduction = "mean"): Tensor {
  checkReduction(op, reduction);
  return reduction === "none" ? losses : reduction === "sum" ? losses.sum() : losses.mean();
}
