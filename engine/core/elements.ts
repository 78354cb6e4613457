import type { SharedMemory } from "../memory/shared-memory.ts";
import { BYTES_PER_ELEMENT, type DType } from "../protocol/dtype.ts";
import { runtime } from "./runtime.ts";
import { elementCount, isDense, type Shape } from "./shape.ts";
import type { View } from "./view.ts";

/** Elements by their axes; a number for a scalar, booleans for dtype bool. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** Reads one element at a byte offset of the shared memory. */
export function readElement(dtype: DType, offset: number): number {
  const { memory } = runtime;
  switch (dtype) {
    case "float32":
      return memory.f32[offset / 4]!;
    case "bool":
      return memory.u8[offset]!;
    default:
      return memory.f64[offset / 8]!;
  }
}

/** Elements of any view in row-major order. A copy. */
export function readElements(view: View): Float64Array {
  return readElementsIn(runtime.memory, view);
}

/** The same of a view of any memory, where this thread may compute in another by now. */
export function readElementsIn(memory: SharedMemory, view: View): Float64Array {
  const { shape, strides } = view;
  const source = view.dtype === "float32" ? memory.f32 : view.dtype === "bool" ? memory.u8 : memory.f64;
  const start = view.offset / BYTES_PER_ELEMENT[view.dtype];
  const count = elementCount(shape);
  const out = new Float64Array(count);
  if (isDense(shape, strides)) {
    out.set(source.subarray(start, start + count));
    return out;
  }
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0, at = start; i < count; i++) {
    out[i] = source[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Nests elements that follow each other in row-major order by the axes of their shape. */
export function nested(flat: Float64Array, shape: Shape, dtype: DType): NestedArray {
  let at = 0;
  const build = (axis: number): NestedArray => {
    if (axis < shape.length) return Array.from({ length: shape[axis]! }, () => build(axis + 1));
    const value = flat[at++]!;
    return dtype === "bool" ? value !== 0 : value;
  };
  return build(0);
}

/** Nested arrays on one line; NaN and infinities as they are called, which JSON cannot. */
export function formatNested(value: NestedArray): string {
  if (typeof value !== "object") return Object.is(value, -0) ? "-0" : String(value);
  return `[${value.map(formatNested).join(",")}]`;
}
