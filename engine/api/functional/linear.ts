import { apply } from "../../ops/apply.ts";
import { linear as linearOp } from "../../ops/linear.ts";
import type { Tensor } from "../../core/tensor.ts";

/** x [..., in] · weightᵀ [out, in] + bias [out] → [..., out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  return apply(linearOp, bias ? [x, weight, bias] : [x, weight]);
}
