import { outputIndex, output } from "../../ops/output-of.ts";
import { runtime } from "../../core/runtime.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { fromNumbers } from "../../core/creation.ts";
import { denseStrides, elementCount } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import type { View } from "../../core/view.ts";

/** One output of a Function that has several, among those that the pass uses. */
interface Part {
  /** The tape row of this output. */
  readonly row: number;
  /** Which of the Function's outputs it is. */
  readonly index: number;
  readonly shape: readonly number[];
  /** Where its elements are in the joined tensor. */
  readonly start: number;
  readonly count: number;
}

/**
 * A Function with several outputs is replayed as an op with one: the outputs that the pass uses, flat, one behind the
 * other. Empty for a Function with one output.
 */
export function partsOf(reader: ReadablePass, row: number): Part[] {
  const parts: Part[] = [];
  let start = 0;
  const rows = [...new Set([...reader.schedule.edgesTo(row)].map((edge) => reader.schedule.edgeOwner[edge]!))];
  for (const consumer of rows.filter((candidate) => reader.op(candidate) === output)) {
    const shape = reader.shape(consumer);
    const count = elementCount(shape);
    parts.push({ row: consumer, index: outputIndex(reader.attributes(consumer)), shape, start, count });
    start += count;
  }
  return parts;
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

export function joinOutputs(parts: readonly Part[], outputs: readonly View[]): Tensor {
  const joined = Tensor.empty([sizeOf(parts)], "float64");
  for (const part of parts) runtime.kernels.copy(outputs[part.index]!, window(joined, part));
  return joined;
}

/** The output that a row stands for, out of its Function's joined ones. */
export function partOf(reader: ReadablePass, row: number, joined: Tensor): Tensor {
  return window(joined, ownPart(reader, row));
}

/** The cotangent of the joined outputs that one output's cotangent is. */
export function inJoined(reader: ReadablePass, row: number, cotangent: Tensor, joined: Tensor): Tensor {
  const all = fromNumbers(new Float64Array(joined.numel()), joined.shape, "float64");
  runtime.kernels.copy(cotangent, window(all, ownPart(reader, row)));
  return all;
}

/** One cotangent per output of the Function; null for outputs that the pass does not use. */
export function splitCotangent(parts: readonly Part[], joined: Tensor): (View | null)[] {
  const last = Math.max(...parts.map(({ index }) => index));
  const cotangents = new Array<View | null>(last + 1).fill(null);
  for (const part of parts) {
    const { dtype, offset, shape, strides } = window(joined, part);
    cotangents[part.index] = { dtype, offset, shape, strides };
  }
  return cotangents;
}

function window(joined: Tensor, { shape, start }: Part): Tensor {
  return new Tensor(joined.storage, shape, denseStrides(shape), joined.elementOffset + start);
}

function ownPart(reader: ReadablePass, row: number): Part {
  const tuple = reader.inputs(row)[0]!;
  return partsOf(reader, tuple).find((part) => part.row === row)!;
}
