import type { DType } from "../protocol/dtype.ts";
import { sameShape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { convert } from "./conversion.ts";
import type { Application, Op } from "./op.ts";
import { sumTo } from "./reductions.ts";

/**
 * The cotangent that an application of `op` passes back to its input `index`, of that input's shape and dtype. Passes,
 * their replays, checks and measurements all come here, so that none of them can apply a rule differently.
 * @param g the cotangent of the result.
 * @returns null where the op has no rule for this input, or its rule gives nothing.
 */
export function vectorJacobianProduct(op: Op, at: Application, index: number, g: Tensor): Tensor | null {
  const rules = op.vjp;
  const cotangent = typeof rules === "function" ? rules(g, at, index) : (rules[index]?.(g, at) ?? null);
  return cotangent && alignCotangent(cotangent, at.shape(index), at.dtype(index));
}

/**
 * Brings a rule's result to the shape and dtype of the input it is for: where the op broadcast or promoted the input,
 * the cotangent is summed over the repeated axes and converted back.
 */
export function alignCotangent(cotangent: Tensor, shape: readonly number[], dtype: DType): Tensor {
  const reduced = sameShape(cotangent.shape, shape) ? cotangent : sumTo(cotangent, shape);
  return reduced.dtype === dtype ? reduced : convert(reduced, dtype);
}
