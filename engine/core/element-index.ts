import { denseStrides, elementCount } from "./shape.ts";

/** @throws RangeError when the index does not lie within the shape. */
export function flatIndex(shape: readonly number[], index: readonly number[]): number {
  const inside = index.length === shape.length && index.every((i, axis) => i >= 0 && i < shape[axis]!);
  if (!inside || elementCount(shape) === 0)
    throw new RangeError(`no element [${index.join(", ")}] in [${shape.join(", ")}]`);
  const strides = denseStrides(shape);
  return index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
}

/** The index of a row-major element. */
export function unflatten(shape: readonly number[], flat: number): number[] {
  let rest = flat;
  return denseStrides(shape).map((stride) => {
    const i = Math.floor(rest / stride);
    rest -= i * stride;
    return i;
  });
}
