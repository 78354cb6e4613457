import { apply } from "../../ops/apply.ts";
import { logSoftmax as logSoftmaxOp, softmax as softmaxOp } from "../../ops/softmax.ts";
import { dimOf, type DimKeyword } from "../../context/dim-keyword.ts";
import { normalizeDim } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";

/** e^x / Σ e^x along `dim`. */
export function softmax(x: Tensor, along: number | DimKeyword): Tensor {
  const dim = dimOf("softmax", along, NaN);
  return apply(softmaxOp, [x], { dim: normalizeDim("softmax", dim, x.rank) });
}

/** x − log Σ e^x along `dim`, without computing the softmax first. */
export function logSoftmax(x: Tensor, along: number | DimKeyword): Tensor {
  const dim = dimOf("logSoftmax", along, NaN);
  return apply(logSoftmaxOp, [x], { dim: normalizeDim("logSoftmax", dim, x.rank) });
}

/** softmax(−x) along `dim`. */
export function softmin(x: Tensor, dim: number | DimKeyword): Tensor {
  return softmax(x.neg(), dim);
}
