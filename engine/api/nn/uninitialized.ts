import { denseStrides, elementCount, type Shape } from "../../core/shape.ts";
import { Storage } from "../../core/storage.ts";
import { Tensor } from "../../core/tensor.ts";

/** The parameters and buffers of lazy layers whose sizes nothing has told yet. */
const waiting = new WeakSet<Tensor>();

/** Marks a tensor as one that gets its sizes later. PyTorch: `UninitializedParameter`, `UninitializedBuffer`. */
export function uninitialized<T extends Tensor>(tensor: T): T {
  waiting.add(tensor);
  return tensor;
}

export function isUninitialized(tensor: Tensor): boolean {
  return waiting.has(tensor);
}

/** Gives a tensor that has no sizes yet some, in place: an optimizer may hold it already. Its elements are not set. */
export function materialize(tensor: Tensor, shape: Shape): void {
  const storage = Storage.allocate(tensor.dtype, elementCount(shape));
  Tensor.setElements(tensor, { storage, shape, strides: denseStrides(shape), elementOffset: 0 });
  waiting.delete(tensor);
}
