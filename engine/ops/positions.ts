import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastShapes, broadcastStrides, denseStrides, elementCount, type Shape } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import { Tensor } from "../core/tensor.ts";

/** @throws EngineError unless `index` is an int64 tensor. */
export function requireIndex(op: string, index: Tensor): void {
  if (index.dtype === "int64") return;
  throw new EngineError("dtype", `${op}: an index must be an int64 tensor, this is ${index.dtype}`, {
    fix:
      index.dtype === "bool"
        ? "use .maskedSelect(...) for a mask"
        : 'convert it with .long(), or create it with { dtype: "int64" }',
  });
}

/**
 * Checks every index against the size it picks from; negative ones count from the end where `negative` is set.
 * @returns the indices from 0, in row-major order.
 */
export function checkedIndices(op: string, index: Tensor, size: number, what: string, negative = false): Float64Array {
  requireIndex(op, index);
  const values = readElements(index);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= size || value < (negative ? -size : 0)) {
      throw new EngineError("value", `${op}: index ${value} is out of range for ${what} of size ${size}`);
    }
    if (value < 0) values[i] = value + size;
  }
  return values;
}

/** Flat positions as an int64 tensor, which is what kernels take. */
export function positionsTensor(positions: Float64Array, shape: Shape): Tensor {
  const out = Tensor.empty(shape, "int64");
  runtime.memory.f64.set(positions, out.offset / 8);
  return out;
}

/**
 * For ops like gather: the positions in a dense tensor of shape `target` that an index names along `dim`, all other
 * coordinates being the index element's own.
 */
export function alongDim(op: string, target: Shape, dim: number, index: Tensor): Tensor {
  const values = checkedIndices(op, index, target[dim] ?? 1, `dim ${dim}`);
  if (target.length === 0) return positionsTensor(values.fill(0), index.shape);
  const strides = denseStrides(target);
  const { shape } = index;
  const counter = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < values.length; i++) {
    let position = values[i]! * strides[dim]!;
    for (let axis = 0; axis < shape.length; axis++) if (axis !== dim) position += counter[axis]! * strides[axis]!;
    values[i] = position;
    for (let axis = shape.length - 1; axis >= 0 && ++counter[axis]! === shape[axis]!; axis--) counter[axis] = 0;
  }
  return positionsTensor(values, shape);
}

/** What advanced indexing gives: the result's shape and, for each of its elements, the position in the dense input. */
export interface Indexed {
  readonly shape: Shape;
  readonly positions: Tensor;
}

/** Where the axes that indices give stand in the result, and its shape. PyTorch's and NumPy's rule. */
export function indexedShape(
  op: string,
  target: Shape,
  axes: readonly number[],
  indices: readonly Tensor[],
): { readonly shape: number[]; readonly picked: Shape; readonly at: number } {
  let picked: Shape = [];
  for (const index of indices) {
    try {
      picked = broadcastShapes(op, picked, index.shape);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw new EngineError(
        "shape",
        `${op}: the indices do not broadcast: ${indices.map((each) => formatShape(each.shape)).join(", ")}`,
      );
    }
  }
  const together = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1);
  const at = together ? axes[0]! : 0;
  const rest = target.filter((_, axis) => !axes.includes(axis));
  return { shape: [...rest.slice(0, at), ...picked, ...rest.slice(at)], picked, at };
}

/** Positions for `x[…, index, …]`, with an index on each of `axes`, which broadcast together. */
export function indexedPositions(
  op: string,
  target: Shape,
  axes: readonly number[],
  indices: readonly Tensor[],
): Indexed {
  const { shape, picked, at } = indexedShape(op, target, axes, indices);
  const strides = denseStrides(target);
  const base = new Float64Array(elementCount(picked));
  indices.forEach((index, k) => {
    const axis = axes[k]!;
    const values = checkedIndices(op, index, target[axis]!, `axis ${axis}`, true);
    forEachBroadcast(index.shape, picked, (i, from) => (base[i] = base[i]! + values[from]! * strides[axis]!));
  });
  const rest = target.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const before = positionsOver(rest.slice(0, at), target, strides);
  const after = positionsOver(rest.slice(at), target, strides);
  const positions = new Float64Array(before.length * base.length * after.length);
  let next = 0;
  for (const outer of before) {
    for (const middle of base) for (const inner of after) positions[next++] = outer + middle + inner;
  }
  return { shape, positions: positionsTensor(positions, shape) };
}

/** Offsets of all combinations along some axes, in row-major order. */
function positionsOver(axes: readonly number[], target: Shape, strides: readonly number[]): Float64Array {
  let known = Float64Array.of(0);
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i]!;
    const next = new Float64Array(target[axis]! * known.length);
    for (let n = 0; n < target[axis]!; n++) {
      for (let j = 0; j < known.length; j++) next[n * known.length + j] = n * strides[axis]! + known[j]!;
    }
    known = next;
  }
  return known;
}

/** Calls `visit` with each flat position of `to` and the flat position of `from` that broadcasts there. */
function forEachBroadcast(from: Shape, to: Shape, visit: (position: number, source: number) => void): void {
  const strides = broadcastStrides(from, denseStrides(from), to);
  const counter = new Array<number>(to.length).fill(0);
  for (let i = 0, at = 0, count = elementCount(to); i < count; i++) {
    visit(i, at);
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++counter[axis]! < to[axis]!) break;
      at -= strides[axis]! * to[axis]!;
      counter[axis] = 0;
    }
  }
}
