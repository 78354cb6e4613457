import { grad } from "../autograd/backward.ts";
import { alignCotangent } from "../autograd/cotangent.ts";
import { withGradMode } from "../autograd/grad-mode.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { ElementExplanation } from "../protocol/inspection.ts";
import { runtime } from "../runtime.ts";
import { adopt } from "../tensor/adopt.ts";
import { denseStrides, elementCount } from "../tensor/shape.ts";
import { readElements, Tensor } from "../tensor/tensor.ts";
import type { View } from "../tensor/view.ts";
import { contributionOf, hasArrived } from "./gradient-at.ts";
import type { PassReader } from "./pass-reader.ts";
import { TapeApplication } from "./rule-replay.ts";

/** Terms shown one by one; the rest are summed. */
const MOST_TERMS = 5;

interface Term {
  readonly consumer: NodeId;
  readonly consumerIndex: readonly number[];
  readonly factors: Float64Array;
}

/**
 * The chain rule with numbers: the terms ∂L/∂y · ∂y/∂x that sum to one element's gradient. The local derivatives come
 * from the op's own rule: the product g ↦ (gᵀJ)ᵢ is linear in g, so its gradient is column i of the Jacobian.
 */
export function explainElement(
  reader: PassReader,
  row: number,
  index: readonly number[],
  steps: number,
): ElementExplanation {
  const shape = reader.tape.shape(row);
  const flat = flatIndex(shape, index);
  const terms: Term[] = [];
  for (const edge of reader.edgesTo(row)) {
    if (hasArrived(reader, edge, steps)) terms.push(...termsOf(reader, edge, flat));
  }
  terms.sort((a, b) => Math.abs(b.factors[2]!) - Math.abs(a.factors[2]!));
  const rest = terms.slice(MOST_TERMS);
  const total = terms.reduce((sum, { factors }) => sum + factors[2]!, 0);
  const isRoot = reader.record.roots.some((root) => root === row);
  return {
    index: [...index],
    value: Float64Array.of(elementAt(reader.value(row), flat)),
    gradient: Float64Array.of(isRoot && terms.length === 0 ? 1 : total),
    terms: terms.slice(0, MOST_TERMS),
    others: Float64Array.of(rest.reduce((sum, { factors }) => sum + factors[2]!, 0)),
    othersCount: rest.length,
  };
}

/** The terms along one edge: one for each element of the consumer that the element flows into. */
function termsOf(reader: PassReader, edge: number, flat: number): Term[] {
  const consumer = reader.edgeOwner[edge]!;
  const gradient = reader.gradient(consumer);
  const op = reader.op(consumer);
  if (gradient === null) return [];
  if (op === undefined) {
    // A custom Function's local derivatives are its own affair; what it passed back is one term.
    const contribution = contributionOf(reader, edge);
    if (contribution === null) return [];
    const product = elementAt(contribution, flat);
    return [
      { consumer: consumer as NodeId, consumerIndex: [], factors: Float64Array.of(Number.NaN, Number.NaN, product) },
    ];
  }
  const at = new TapeApplication(reader, consumer);
  const input = adopt(reader.value(reader.tape.input(edge)));
  const g = adopt(gradient).requiresGrad_();
  const position = edge - reader.tape.inputStart(consumer);
  const column = withGradMode(true, () => {
    const rules = op.vjp;
    const cotangent = typeof rules === "function" ? rules(g, at, position) : (rules[position]?.(g, at) ?? null);
    if (cotangent === null) return null;
    const aligned = alignCotangent(cotangent, input);
    if (!aligned.requiresGrad) return null;
    return grad(aligned, g, { gradOutputs: oneHot(aligned, flat), allowUnused: true })[0] ?? null;
  });
  if (column === null) return [];
  const local = readElements(column);
  const upstream = readElements(gradient);
  const shape = reader.tape.shape(consumer);
  const terms: Term[] = [];
  local.forEach((derivative, k) => {
    if (derivative === 0) return;
    terms.push({
      consumer: consumer as NodeId,
      consumerIndex: unflatten(shape, k),
      factors: Float64Array.of(upstream[k]!, derivative, upstream[k]! * derivative),
    });
  });
  return terms;
}

function oneHot(like: Tensor, flat: number): Tensor {
  const out = Tensor.empty(like.shape, like.dtype);
  runtime.kernels.fill(out, 0);
  const cell = out.offset + flat * out.elementBytes;
  runtime.kernels.fill({ dtype: out.dtype, offset: cell, shape: [], strides: [] }, 1);
  return out;
}

function elementAt(view: View, flat: number): number {
  const index = unflatten(view.shape, flat);
  const tensor = adopt(view);
  const offset = index.reduce((sum, i, axis) => sum + i * view.strides[axis]!, 0);
  return readElements({
    dtype: view.dtype,
    offset: view.offset + offset * tensor.elementBytes,
    shape: [],
    strides: [],
  })[0]!;
}

/** @throws RangeError when the index does not lie within the shape. */
function flatIndex(shape: readonly number[], index: readonly number[]): number {
  const inside = index.length === shape.length && index.every((i, axis) => i >= 0 && i < shape[axis]!);
  if (!inside || elementCount(shape) === 0)
    throw new RangeError(`no element [${index.join(", ")}] in [${shape.join(", ")}]`);
  const strides = denseStrides(shape);
  return index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
}

function unflatten(shape: readonly number[], flat: number): number[] {
  let rest = flat;
  return denseStrides(shape).map((stride) => {
    const i = Math.floor(rest / stride);
    rest -= i * stride;
    return i;
  });
}
