import { apply } from "../ops/apply.ts";
import { add } from "../ops/arithmetic.ts";
import { convert } from "../ops/conversion.ts";
import { contiguous } from "../ops/copying.ts";
import { sumTo } from "../ops/reductions.ts";
import { runtime } from "../core/runtime.ts";
import { sameShape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { withGradMode } from "../context/grad-mode.ts";

/**
 * Brings a rule's result to the shape and dtype of the input it is for: where the op broadcast or promoted the input,
 * the cotangent is summed over the repeated axes and converted back.
 */
export function alignCotangent(cotangent: Tensor, input: Tensor): Tensor {
  const reduced = sameShape(cotangent.shape, input.shape) ? cotangent : sumTo(cotangent, input.shape);
  return reduced.dtype === input.dtype ? reduced : convert(reduced, input.dtype);
}

export function sum(a: Tensor, b: Tensor, createGraph: boolean): Tensor {
  return withGradMode(createGraph, () => apply(add, [a, b]));
}

/** The same cotangent as a dense tensor that only the pass under way holds, so that it can be added to in place. */
export function accumulator(cotangent: Tensor): Tensor {
  if (cotangent.isAccumulator) return cotangent;
  const copy = Tensor.empty(cotangent.shape, cotangent.dtype);
  runtime.kernels.copy(cotangent, copy);
  copy.isAccumulator = true;
  return copy;
}

export function zeroAccumulator(like: Tensor): Tensor {
  const zeros = like.newZeros(like.shape);
  zeros.isAccumulator = true;
  return zeros;
}

/** The sum of two contributions, in place where the first is an {@link accumulator}. Records nothing. */
export function addContribution(total: Tensor, contribution: Tensor): Tensor {
  const out = total.isAccumulator ? total : Tensor.empty(total.shape, total.dtype);
  runtime.kernels.binary("add", total, contribution, out);
  out.isAccumulator = true;
  return out;
}

export function onesLike(tensor: Tensor): Tensor {
  const ones = Tensor.empty(tensor.shape, tensor.dtype);
  runtime.kernels.fill(ones, 1);
  return ones;
}

/** The same elements outside the graph, in a storage of its own that is copied when written. */
export function detached(tensor: Tensor, dense = false): Tensor {
  const source = dense ? withGradMode(false, () => contiguous(tensor)) : tensor;
  return new Tensor(source.storage.share(), source.shape, source.strides, source.elementOffset);
}
