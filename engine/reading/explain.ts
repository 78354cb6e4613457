import type { NodeId } from "../protocol/ids.ts";
import type { ElementExplanation, RuleAtElement } from "../protocol/inspection.ts";
import { runtime } from "../core/runtime.ts";
import { adopt } from "../core/adopt.ts";
import { elementCount, sameShape } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { ArithmeticEdges } from "./arithmetic-edges.ts";
import { flatIndex, unflatten } from "../core/element-index.ts";
import { LargestTerms } from "./largest-terms.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { pullBack, pushForward } from "./rule-replay.ts";

/**
 * The chain rule with numbers: the terms ∂L/∂y · ∂y/∂x that sum to one element's gradient, y being the results of the
 * arithmetic that reads the element, directly or through views and copies.
 * @throws RangeError when the index does not lie within the row's shape.
 */
export function explainElement(
  reader: ReadablePass,
  row: number,
  index: readonly number[],
  steps: number,
): ElementExplanation {
  const flat = flatIndex(reader.shape(row), index);
  const around = new ArithmeticEdges(reader, row);
  const arrived = around.edges.filter((edge) => around.hasArrived(edge, steps));
  const terms = new LargestTerms();
  if (arrived.length > 0) {
    const tangents = around.tangents(oneHot(adopt(reader.value(row)), flat));
    for (const { edge } of arrived) {
      const tangent = tangents.get(reader.input(edge));
      if (tangent) addTerms(terms, reader, edge, tangent);
    }
  }
  const isRoot = reader.roots.some((root) => root === row);
  return {
    index: [...index],
    value: Float64Array.of(elementAt(reader.value(row), flat)),
    gradient: Float64Array.of(isRoot && terms.count === 0 ? 1 : terms.sum),
    ...terms.taken(reader),
  };
}

/**
 * An op's rule with numbers at one element of its result: for each input, the element that the chosen one depends on
 * most (the one at the same place where shapes agree), and the terms by which the op gives it a gradient. Empty where the result's
 * gradient is not complete, and for custom Functions, whose derivatives nobody wrote down.
 * @throws RangeError when the index does not lie within the row's shape.
 */
export function explainRule(
  reader: ReadablePass,
  row: number,
  index: readonly number[],
  steps: number,
): readonly RuleAtElement[] {
  const shape = reader.shape(row);
  const flat = flatIndex(shape, index);
  if (reader.op(row) === undefined || reader.schedule.gradientState(row, steps) !== "complete") return [];
  const rules: RuleAtElement[] = [];
  for (let edge = reader.inputStart(row); edge < reader.inputStart(row + 1); edge++) {
    const input = reader.input(edge);
    if (!reader.requiresGrad(input) || elementCount(reader.shape(input)) === 0) continue;
    const inputShape = reader.shape(input);
    const element = sameShape(inputShape, shape) ? flat : strongestInput(reader, edge, flat);
    if (element === null) continue;
    const terms = new LargestTerms();
    addTerms(terms, reader, edge, oneHot(adopt(reader.value(input)), element));
    rules.push({
      position: edge - reader.inputStart(row),
      input: input as NodeId,
      index: unflatten(inputShape, element),
      value: Float64Array.of(elementAt(reader.value(input), element)),
      sum: Float64Array.of(terms.sum),
      ...terms.taken(reader),
    });
  }
  return rules;
}

/** The element of an edge's input that one element of the consumer's result depends on most. */
function strongestInput(reader: ReadablePass, edge: number, flat: number): number | null {
  const derivatives = pullBack(reader, edge, oneHot(adopt(reader.value(reader.schedule.edgeOwner[edge]!)), flat));
  if (derivatives === null) return null;
  let best = 0;
  const values = readElements(derivatives);
  values.forEach((derivative, i) => {
    if (Math.abs(derivative) > Math.abs(values[best]!)) best = i;
  });
  return best;
}

/** One term for each element of the edge's consumer that a change of its input by `tangent` changes. */
function addTerms(terms: LargestTerms, reader: ReadablePass, edge: number, tangent: Tensor): void {
  const consumer = reader.schedule.edgeOwner[edge]!;
  const gradient = reader.gradient(consumer);
  if (gradient === null) return;
  if (reader.op(consumer) === undefined) {
    // A custom Function's local derivatives are its own affair; what it passed back is one term.
    const passed = reader.storedContribution(edge);
    const change = readElements(tangent);
    const product = passed && readElements(passed).reduce((sum, x, i) => sum + x * change[i]!, 0);
    if (product !== null) terms.add(consumer, -1, Number.NaN, Number.NaN, product);
    return;
  }
  const column = pushForward(reader, edge, tangent);
  const local = column && readElements(column);
  const upstream = readElements(gradient);
  const before = terms.count;
  local?.forEach((derivative, k) => {
    if (derivative !== 0) terms.add(consumer, k, upstream[k]!, derivative, upstream[k]! * derivative);
  });
  // That nothing passes (a relu that is off) is an answer, too, where it is plain which element it is about.
  if (terms.count === before && sameShape(tangent.shape, reader.shape(consumer))) {
    const k = readElements(tangent).findIndex((x) => x !== 0);
    if (k >= 0) terms.add(consumer, k, upstream[k]!, 0, 0);
  }
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
