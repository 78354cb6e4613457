import { Region } from "../memory/arena.ts";
import { elementCount } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";
import type { View } from "./view.ts";

/** A tensor over memory that another thread owns; a write to it moves it. */
export function adopt(view: View): Tensor {
  const elements = 1 + view.shape.reduce((last, size, axis) => last + (size - 1) * view.strides[axis]!, 0);
  const length = elementCount(view.shape) === 0 ? 0 : elements;
  const storage = new Storage(view.dtype, length, new Region(view.offset, 0), view.offset);
  storage.shared = true;
  return new Tensor(storage, view.shape, view.strides);
}
