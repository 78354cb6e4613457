import { apply } from "../ops/apply.ts";
import { add } from "../ops/arithmetic.ts";
import { contiguous } from "../ops/copying.ts";
import { runtime } from "../core/runtime.ts";
import { Tensor } from "../core/tensor.ts";
import { withGradMode } from "../context/grad-mode.ts";

export function sum(a: Tensor, b: Tensor, createGraph: boolean): Tensor {
  return withGradMode(createGraph, () => apply(add, [a, b]));
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
