import { apply } from "../../ops/apply.ts";
import { logSoftmax as logSoftmaxOp, softmax as softmaxOp } from "../../ops/softmax.ts";
import { normalizeDim } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";

/** e^x / Σ e^x along `dim`. */
export function softmax(x: Tensor, dim: number): Tensor {
  return apply(softmaxOp, [x], { dim: normalizeDim("softmax", dim, x.rank) });
}

/** x − log Σ e^x along `dim`, without computing the softmax first. */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return apply(logSoftmaxOp, [x], { dim: normalizeDim("logSoftmax", dim, x.rank) });
}

/** softmax(−x) along `dim`. */
export function softmin(x: Tensor, dim: number): Tensor {
  return softmax(x.neg(), dim);
}
