import { runtime } from "../../core/runtime.ts";
import { Tensor } from "../../core/tensor.ts";
import type { View } from "../../core/view.ts";

/** The only part of a value that differs from the replay's: one index along one axis. */
export interface Slab {
  readonly axis: number;
  readonly index: number;
}

/**
 * A value in several samples of a pass at once: entry k of axis 0 is the value in sample k. Where the samples differ
 * from the replay in a slab alone, only that is held, with size 1 along its axis.
 */
export interface Stack {
  readonly values: Tensor;
  readonly slab: Slab | null;
}

/** All elements of a stack, beside the replay's value. */
export function wholeOf({ values, slab }: Stack, base: Tensor): Tensor {
  if (slab === null) return values;
  const out = repeated(base, values.shape[0]!);
  runtime.kernels.copy(values, out.narrow(slab.axis + 1, slab.index, 1));
  return out;
}

/** Dense copies of a tensor along a new first axis. */
export function repeated(tensor: Tensor, count: number): Tensor {
  const out = Tensor.empty([count, ...tensor.shape], tensor.dtype);
  const view: View = {
    dtype: tensor.dtype,
    offset: tensor.offset,
    shape: out.shape,
    strides: [0, ...tensor.strides],
  };
  runtime.kernels.copy(view, out);
  return out;
}

/** Tensors of one shape as a stack. */
export function stackOf(tensors: readonly Tensor[]): Stack {
  const [{ shape, dtype }] = tensors as [Tensor, ...Tensor[]];
  const values = Tensor.empty([tensors.length, ...shape], dtype);
  tensors.forEach((tensor, k) => runtime.kernels.copy(tensor, entryOf(values, k)));
  return { values, slab: null };
}

/** One sample's value, of the values of a dense stack. */
export function entryOf({ storage, shape, strides, elementOffset }: Tensor, k: number): Tensor {
  return new Tensor(storage, shape.slice(1), strides.slice(1), elementOffset + k * strides[0]!);
}

/** What lies in a slab, of the elements of a value in row-major order. */
export function inSlab(elements: Float64Array, shape: readonly number[], slab: Slab | null): Float64Array {
  if (slab === null) return elements;
  const { axis, index } = slab;
  const size = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const outer = elements.length / (size * inner);
  const out = new Float64Array(outer * inner);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    const from = (o * size + index) * inner;
    for (let i = 0; i < inner; i++) out[to++] = elements[from + i]!;
  }
  return out;
}

/** An element of a tensor, and the value it has in one sample. */
export interface ElementMove {
  /** Flat index. */
  readonly element: number;
  readonly value: number;
}

/** A dense float64 tensor with one element changed in each sample. All lie at one index of axis 0 where `asSlab` says so. */
export function stackOfMoves(tensor: Tensor, moves: readonly ElementMove[], asSlab: boolean): Stack {
  const size = tensor.numel() / Math.max(1, tensor.shape[0] ?? 1);
  const index = asSlab ? Math.floor(moves[0]!.element / size) : 0;
  const slab = asSlab ? { axis: 0, index } : null;
  const values = repeated(asSlab ? tensor.narrow(0, index, 1) : tensor, moves.length);
  const each = values.numel() / moves.length;
  const start = values.offset / 8 - index * size;
  moves.forEach(({ element, value }, k) => (runtime.memory.f64[start + k * each + element] = value));
  return { values, slab };
}
