import { fromNumbers, tensor } from "../../core/creation.ts";
import type { NestedArray } from "../../core/elements.ts";
import { Tensor, type TensorOptions } from "../../core/tensor.ts";
import { expectTensor, expectTensors } from "../../ops/operands.ts";
import { cat } from "./functions.ts";

// Functions of the torch namespace that join tensors, look values up, or make them of what is there.

export const pi = Math.PI;
export const e = Math.E;
export const inf = Infinity;
export const nan = NaN;
/** A new axis in `x.index([...])`-style code; PyTorch: `torch.newaxis`. */
export const newaxis = null;

/** The tensor itself, or one of the given numbers. */
export function asTensor(data: Tensor | NestedArray | ArrayLike<number>, options: TensorOptions = {}): Tensor {
  if (data instanceof Tensor) return options.dtype === undefined ? data : data.to(options.dtype);
  return tensor(data, options);
}
export const asarray = asTensor;

/** A scalar. */
export function scalarTensor(value: number, options: TensorOptions = {}): Tensor {
  return tensor(value, options);
}

/** At least one axis. */
export function atleast1d(x: Tensor): Tensor {
  return expectTensor("atleast1d", x).rank === 0 ? x.reshape(1) : x;
}

/** At least two axes: a vector as a row. */
export function atleast2d(x: Tensor): Tensor {
  return expectTensor("atleast2d", x).rank < 2 ? x.reshape(1, -1) : x;
}

/** At least three axes: a matrix with a new last one. */
export function atleast3d(x: Tensor): Tensor {
  return expectTensor("atleast3d", x).rank < 2 ? x.reshape(1, -1, 1) : x.rank === 2 ? x.unsqueeze(-1) : x;
}

/** Joins along the third axis. */
export function dstack(tensors: readonly Tensor[]): Tensor {
  return cat(expectTensors("dstack", tensors).map(atleast3d), 2);
}

/** Joins along the second axis, vectors as columns. */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  return cat(
    expectTensors("columnStack", tensors).map((x) => (x.rank < 2 ? x.reshape(-1, 1) : x)),
    1,
  );
}

/** Joins along the first axis, vectors as rows. */
export function rowStack(tensors: readonly Tensor[]): Tensor {
  return cat(expectTensors("rowStack", tensors).map(atleast2d), 0);
}

/** Matrices along the diagonal of one that is 0 elsewhere. */
export function blockDiag(...tensors: readonly Tensor[]): Tensor {
  const list = expectTensors("blockDiag", tensors).map(atleast2d);
  const width = list.reduce((sum, x) => sum + x.shape[1]!, 0);
  let left = 0;
  const rows = list.map((x) => {
    const zeros = (columns: number): Tensor => x.newZeros([x.shape[0]!, columns]);
    const row = cat([zeros(left), x, zeros(width - left - x.shape[1]!)], 1);
    left += x.shape[1]!;
    return row;
  });
  return cat(rows, 0);
}

export interface SearchOptions {
  /** Whether an equal boundary counts as below. */
  readonly right?: boolean;
}

/** For each value, how many of the sorted boundaries are below it. int64. */
export function bucketize(values: Tensor, boundaries: Tensor, options: SearchOptions = {}): Tensor {
  const edges = expectTensor("bucketize", boundaries).toFloat64Array();
  const isBelow =
    options.right === true ? (edge: number, x: number) => edge <= x : (edge: number, x: number) => edge < x;
  const places = expectTensor("bucketize", values)
    .toFloat64Array()
    .map((x) => {
      let [low, high] = [0, edges.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (isBelow(edges[middle]!, x)) low = middle + 1;
        else high = middle;
      }
      return low;
    });
  return fromNumbers(places, values.shape, "int64");
}

/** The same, in PyTorch's order of arguments; the sorted sequence has one axis. */
export function searchsorted(sorted: Tensor, values: Tensor, options: SearchOptions = {}): Tensor {
  return bucketize(values, sorted, options);
}

/** Whether each element is among those of another tensor. */
export function isin(elements: Tensor, among: Tensor): Tensor {
  const known = new Set(expectTensor("isin", among).toFloat64Array());
  return fromNumbers(
    Array.from(expectTensor("isin", elements).toFloat64Array(), (x) => known.has(x)),
    elements.shape,
    "bool",
  );
}

/** The integral by trapezoids along an axis (the last), at points `dx` apart. */
export function trapezoid(y: Tensor, options: { readonly dx?: number; readonly dim?: number } = {}): Tensor {
  const dim = options.dim ?? -1;
  return expectTensor("trapezoid", y)
    .slice(dim, 1)
    .add(y.slice(dim, 0, -1))
    .sum(dim)
    .mul((options.dx ?? 1) / 2);
}
export const trapz = trapezoid;
