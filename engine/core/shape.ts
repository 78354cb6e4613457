import { EngineError, formatShape } from "../context/engine-error.ts";

export type Shape = readonly number[];
/** Sizes of a shape, as one array or one by one. */
export type Sizes = readonly [Shape] | readonly number[];

export function elementCount(shape: Shape): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) count *= shape[i]!;
  return count;
}

const NO_STRIDES: readonly number[] = [];
const ONE_STRIDE: readonly number[] = [1];

/** Strides, in elements, of a dense row-major tensor. */
export function denseStrides(shape: Shape): readonly number[] {
  // The same for every scalar and every vector.
  if (shape.length < 2) return shape.length === 0 ? NO_STRIDES : ONE_STRIDE;
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, stride = 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= Math.max(1, shape[i]!);
  }
  return strides;
}

/** Whether strides are those of a dense row-major tensor; axes of size 1 may have any. */
export function isDense(shape: Shape, strides: readonly number[]): boolean {
  for (let i = shape.length - 1, stride = 1; i >= 0; i--) {
    const size = shape[i]!;
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[i] !== stride) return false;
      stride *= size;
    }
  }
  return true;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * The shape both broadcast to, by PyTorch's rule: aligned at the last axis, sizes equal or 1.
 * @throws EngineError naming `op` and both shapes.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const p = a.length >= i ? a[a.length - i]! : 1;
    const q = b.length >= i ? b[b.length - i]! : 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new EngineError(
        "shape",
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: axis ${rank - i} has sizes ${p} and ${q}`,
      );
    }
    shape[rank - i] = p === 1 ? q : p;
  }
  return shape;
}

/** Whether a tensor of shape `from` can be expanded to `to`. */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((size, axis) => size === 1 || size === to[axis + lead]);
}

/** Strides that read a tensor as if it had the larger `shape`: 0 along repeated axes. */
export function broadcastStrides(from: Shape, strides: readonly number[], shape: Shape): number[] {
  const lead = shape.length - from.length;
  const out = new Array<number>(shape.length);
  for (let i = 0; i < shape.length; i++) {
    const j = i - lead;
    out[i] = j < 0 || (from[j] === 1 && shape[i] !== 1) ? 0 : strides[j]!;
  }
  return out;
}

/**
 * An axis counted from 0, given one that may count from the end. A scalar has a virtual axis, as in PyTorch.
 * @throws EngineError when it is out of range.
 */
export function normalizeDim(op: string, dim: number, rank: number): number {
  const size = Math.max(1, rank);
  if (typeof (dim as unknown) !== "number" || Number.isNaN(dim)) {
    throw new EngineError("value", `${op}: needs a dim, a whole number: which axis to go along`, {
      fix: rank === 1 ? "the only one is 0" : "the last axis is -1",
    });
  }
  if (!Number.isInteger(dim) || dim < -size || dim >= size) {
    throw new EngineError(
      "shape",
      `${op}: dim ${String(dim)} is out of range: a tensor of rank ${rank} has dims ${-size} … ${size - 1}`,
    );
  }
  return dim < 0 ? dim + size : dim;
}

/** Axes counted from 0, sorted. @throws EngineError on one out of range or named twice. */
export function normalizeDims(op: string, dims: number | readonly number[], rank: number): number[] {
  const given: unknown = dims;
  if (typeof given !== "number" && !Array.isArray(given)) {
    throw new EngineError("value", `${op}: expected a dim or an array of dims, got ${typeof given}`);
  }
  const list = (typeof dims === "number" ? [dims] : dims).map((dim) => normalizeDim(op, dim, rank));
  list.sort((a, b) => a - b);
  for (let i = 1; i < list.length; i++) {
    if (list[i] === list[i - 1]) throw new EngineError("shape", `${op}: dim ${list[i]} appears twice in dims`);
  }
  return rank === 0 ? [] : list;
}

/** @throws EngineError unless `sizes` is an array of whole numbers that are not negative. */
export function checkSizes(op: string, sizes: unknown): asserts sizes is Shape {
  if (!Array.isArray(sizes)) {
    throw new EngineError(
      "value",
      `${op}: expected a shape such as [2, 3], got ${sizes === null ? "null" : typeof sizes}`,
    );
  }
  for (const size of sizes as unknown[]) {
    if (typeof size !== "number" || !Number.isInteger(size)) {
      throw new EngineError("value", `${op}: sizes must be whole numbers, got ${String(size)}`);
    }
    if (size < 0) throw new EngineError("shape", `${op}: negative size ${size} in ${formatShape(sizes as number[])}`);
  }
}

/** The single array, or the separate numbers, that a method such as `view(2, 3)` or `view([2, 3])` was given. */
export function asList(op: string, args: readonly unknown[]): number[] {
  const list: readonly unknown[] = args.length === 1 && Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  for (const entry of list) {
    if (typeof entry !== "number" || !Number.isInteger(entry)) {
      throw new EngineError(
        "value",
        `${op}: expected whole numbers, got ${entry === null ? "null" : typeof entry === "number" ? entry : typeof entry}`,
      );
    }
  }
  return [...(list as readonly number[])];
}

/**
 * Fills in the size that is left open by −1, so that the elements of `from` fit.
 * @throws EngineError when they cannot.
 */
export function completeShape(op: string, from: Shape, sizes: readonly number[]): number[] {
  const count = elementCount(from);
  const open = sizes.indexOf(-1);
  if (sizes.some((size) => size < -1)) {
    throw new EngineError("shape", `${op}: negative size in ${formatShape(sizes)}`);
  }
  if (open !== sizes.lastIndexOf(-1)) {
    throw new EngineError("shape", `${op}: only one size can be left open, ${formatShape(sizes)} leaves several`);
  }
  const shape = [...sizes];
  if (open >= 0) {
    const known = sizes.reduce((product, size, axis) => (axis === open ? product : product * size), 1);
    if (known === 0) {
      throw new EngineError(
        "shape",
        `${op}: the open size in ${formatShape(sizes)} could be anything for ${formatShape(from)}, as the others leave no elements`,
      );
    }
    shape[open] = count / known;
  }
  if (elementCount(shape) !== count || !shape.every(Number.isInteger)) {
    throw new EngineError(
      "shape",
      `${op}: ${formatShape(from)} has ${count} elements, which do not fit into ${formatShape(sizes)}`,
    );
  }
  return shape;
}
