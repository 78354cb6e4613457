import type { NodeId } from "../protocol/ids.ts";
import type { ScalarFlow, ScalarGraph, ScalarTensor } from "../protocol/scalars.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import { isFloating, Tensor } from "../core/tensor.ts";
import { gradientAt } from "./gradient-at.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { pullBack } from "./rule-replay.ts";
import { opNameOf } from "../recording/node-names.ts";

/** Tensors of more elements than this are not opened into scalars. */
const MOST_ELEMENTS = 64;
/** Scalars shown at once; beyond that nobody can follow them. */
const MOST_SCALARS = 192;

/**
 * The neighbourhood of a row as scalars, micrograd's way: tensors of at most 64 elements, nearest first, and by which
 * local derivative each element depends on which. What depends on what is read off the op's own rule.
 * @throws RangeError when the row's tensor is empty or has too many elements.
 */
export function scalarsOf(reader: ReadablePass, row: number, steps: number): ScalarGraph {
  const count = elementCount(reader.shape(row));
  if (count === 0 || count > MOST_ELEMENTS)
    throw new RangeError(`a tensor of ${count} elements is not shown as scalars: from 1 to ${MOST_ELEMENTS} are`);
  const { rows, more } = neighbourhood(reader, row);
  const shown = new Set(rows);
  const flows: ScalarFlow[] = [];
  for (const consumer of rows) {
    for (let edge = reader.inputStart(consumer); edge < reader.inputStart(consumer + 1); edge++) {
      if (shown.has(reader.input(edge))) flows.push(flowOf(reader, edge));
    }
  }
  return { pass: reader.id, tensors: rows.map((one) => tensorOf(reader, one, steps)), flows, more };
}

/** Rows by their distance from one, small tensors whose values are there only, in tape order. */
function neighbourhood(reader: ReadablePass, row: number): { rows: number[]; more: boolean } {
  const rows = new Set([row]);
  let scalars = elementCount(reader.shape(row));
  let more = false;
  // A set goes on to what is added to it while it is walked.
  for (const at of rows) {
    const consumers = [...reader.schedule.edgesTo(at)].map((edge) => reader.schedule.edgeOwner[edge]!);
    for (const next of [...reader.inputs(at), ...consumers]) {
      if (rows.has(next)) continue;
      const count = elementCount(reader.shape(next));
      const isShown = count > 0 && count <= MOST_ELEMENTS && reader.holds(next, "value");
      if (!isShown || scalars + count > MOST_SCALARS) more = true;
      else {
        rows.add(next);
        scalars += count;
      }
    }
  }
  return { rows: [...rows].sort((a, b) => a - b), more };
}

function tensorOf(reader: ReadablePass, row: number, steps: number): ScalarTensor {
  const gradient = gradientAt(reader, row, steps);
  return {
    node: row as NodeId,
    op: opNameOf(reader, row),
    label: reader.label(row),
    shape: reader.shape(row),
    isOp: reader.isOp(row),
    requiresGrad: reader.requiresGrad(row),
    gradientState: reader.schedule.gradientState(row, steps),
    data: readElements(reader.value(row)),
    gradient: gradient && readElements(gradient),
    formula: reader.op(row)?.formula ?? null,
  };
}

function flowOf(reader: ReadablePass, edge: number): ScalarFlow {
  const consumer = reader.schedule.edgeOwner[edge]!;
  const input = reader.input(edge);
  const inputCount = elementCount(reader.shape(input));
  const count = elementCount(reader.shape(consumer));
  const from: number[] = [];
  const to: number[] = [];
  const local: number[] = [];
  const differentiable = reader.op(consumer) !== undefined && isFloating(reader.heldAs(consumer));
  for (let k = 0; k < count; k++) {
    const row = differentiable ? derivatives(reader, edge, k, 1) : null;
    // NaN spreads through a rule to all that depends on the element, also where the derivative happens to be zero.
    const depends = row && derivatives(reader, edge, k, Number.NaN);
    for (let i = 0; i < inputCount; i++) {
      const known = depends === null ? mayDepend(i, k, inputCount, count) : Number.isNaN(depends[i]!) || row![i] !== 0;
      if (!known && !(depends?.every((x) => !Number.isNaN(x)) && inputCount === count && i === k)) continue;
      from.push(i);
      to.push(k);
      local.push(row === null ? Number.NaN : row[i]!);
    }
  }
  return {
    edge,
    position: edge - reader.inputStart(consumer),
    input: input as NodeId,
    consumer: consumer as NodeId,
    from: Uint32Array.from(from),
    to: Uint32Array.from(to),
    local: Float64Array.from(local),
  };
}

/** Row k of the Jacobian, times `seed`; null where the op has no rule for this input. */
function derivatives(reader: ReadablePass, edge: number, k: number, seed: number): Float64Array | null {
  const consumer = reader.schedule.edgeOwner[edge]!;
  const g = Tensor.empty(reader.shape(consumer), reader.heldAs(consumer));
  runtime.kernels.fill(g, 0);
  runtime.kernels.fill({ dtype: g.dtype, offset: g.offset + k * g.elementBytes, shape: [], strides: [] }, seed);
  const row = pullBack(reader, edge, g);
  return row && readElements(row);
}

/** Where no rule tells: elements at the same place, all that a scalar is made of, or all that is made of a scalar. */
function mayDepend(i: number, k: number, inputCount: number, count: number): boolean {
  return inputCount === count ? i === k : count === 1 || inputCount === 1;
}
