import { elementCount } from "../core/shape.ts";
import { readElement } from "../core/elements.ts";
import type { Site } from "../protocol/site.ts";
import { REDUCTIONS, WHOLE } from "./loss-terms.ts";
import type { PassView } from "./pass-view.ts";

/** One of the scalars that a loss is the sum of. */
export interface Addend {
  readonly row: number;
  readonly site: Site | null;
  readonly value: number;
  /** Nothing but parameters is behind it, or it is the entropy of probabilities: a bonus. */
  readonly isPenalty: boolean;
  /** What it is multiplied with. */
  readonly factor: number;
  /** Whether its elements were summed up, none of them averaged. */
  readonly isSum: boolean;
  /** How much one element of what was brought together counts: the factor, divided by the number that means were taken of. */
  readonly perElement: number;
  /** The result of a layer that it measures the size of, and that another addend is made of as well: a penalty on a code. */
  readonly tempers: boolean;
  /** An exponential and a square of learned values, as the divergence of a normal distribution has. */
  readonly isDivergence: boolean;
}

/** The scalars that the first root of a pass is the sum of; itself where it is no sum. */
export function addendsOf(view: PassView): readonly Addend[] {
  const [root] = view.pass.roots;
  if (root === undefined) return [];
  const found: (Omit<Addend, "tempers"> & { readonly measured: number | null })[] = [];
  const visit = (row: number, factor: number): void => {
    const inputs = view.inputs(row);
    const scalars = inputs.filter((input) => view.shape(input).length === 0 && view.isOp(input));
    if (view.is(row, "add", "subtract") && scalars.length > 0 && scalars.length === inputs.length) {
      for (const scalar of scalars) visit(scalar, factor);
      return;
    }
    const scaled = scaledSum(view, row);
    const whole = describe(view, row, factor);
    // A penalty is one, however many weights it is the sum of.
    if (scaled === null || whole.isPenalty) found.push(whole);
    else visit(scaled.sum, factor * scaled.factor);
  };
  visit(root, 1);
  return found.map(({ measured, ...addend }) => ({
    ...addend,
    tempers:
      measured !== null &&
      found.some(
        ({ row, measured: other }) => row !== addend.row && other !== measured && view.behind(row).has(measured),
      ),
  }));
}

/** The result of a layer whose size a scalar is, |x| or x² brought together; null where it is something else. */
function measuredBy(view: PassView, row: number): number | null {
  let at = row;
  let isSize = false;
  for (let steps = 0; steps < 16; steps++) {
    const inputs = view.inputs(at);
    const squares = view.is(at, "multiply") && inputs.length === 2 && inputs[0] === inputs[1];
    if (view.is(at, "absolute", "square", "norm") || squares || (view.is(at, "power") && view.number(at) === 2))
      isSize = true;
    else if (!view.is(at, "mean", "sum", "reshape", "convert", "square-root")) break;
    at = inputs[0]!;
  }
  // What is never negative is its own size.
  if (view.is(at, "rectifier", "sigmoid", "softplus") && at !== row) return at;
  return isSize && view.is(at, "linear", "convolution", "tanh", "activation") ? at : null;
}

/** How much one element counts in a scalar that is a mean, a sum, or a function that brings elements together itself. */
function shareOf(view: PassView, row: number): number {
  let share = 1;
  for (let at = row; view.isOp(at);) {
    const [input] = view.inputs(at);
    if (input === undefined) break;
    const size = (one: number): number => Math.max(1, elementCount(view.shape(one)));
    const number = view.number(at);
    if (view.is(at, "mean")) share /= size(input) / size(at);
    else if (view.is(at, "multiply", "divide") && view.inputs(at).length === 1 && !view.isNumberFirst(at)) {
      share *= Math.abs(view.is(at, "multiply") ? number : 1 / number);
    } else if (!view.is(at, "sum", "negate", "reshape", "convert")) {
      const isOne = view.shape(at).length === 0 && view.inputs(at).length > 1;
      return isOne && !isSummed(view, at) ? share / size(input) : share;
    }
    at = input;
  }
  return share;
}

/** Whether a loss that is one op was told to sum. */
function isSummed(view: PassView, row: number): boolean {
  const whole = WHOLE.get(view.name(row));
  const told = view.attribute(row, "reduction") ?? (whole ? view.attribute(row, String(whole[1])) : undefined);
  return told === "sum" || told === REDUCTIONS.indexOf("sum");
}

/** A sum of scalars times a number. */
function scaledSum(view: PassView, row: number): { readonly sum: number; readonly factor: number } | null {
  const number = view.number(row);
  if (!view.is(row, "multiply", "divide") || Number.isNaN(number) || view.isNumberFirst(row)) return null;
  const [sum] = view.inputs(row);
  if (sum === undefined || !view.is(sum, "add", "subtract") || view.shape(sum).length > 0) return null;
  if (view.inputs(sum).length < 2 || !view.inputs(sum).every((input) => view.isOp(input))) return null;
  return { sum, factor: view.is(row, "multiply") ? number : 1 / number };
}

/** Whether a scalar is Σ p log p, or its mean over examples. */
function isEntropy(view: PassView, row: number): boolean {
  let at = row;
  while (view.is(at, "mean", "sum", "negate", "reshape") && view.inputs(at).length === 1) at = view.inputs(at)[0]!;
  if (!view.is(at, "multiply") || view.inputs(at).length !== 2) return false;
  const [one, two] = view.inputs(at).map((input) => unclamped(view, input)) as [number, number];
  for (const [logs, other] of [
    [one, two],
    [two, one],
  ] as const) {
    const isLog = view.is(logs, "log-softmax", "logarithm", "log-sigmoid") || isNormalised(view, logs);
    if (!isLog || !view.is(other, "exponential", "softmax", "sigmoid")) continue;
    const [scores, source] = [view.inputs(logs)[0]!, unclamped(view, view.inputs(other)[0]!)];
    if (source === logs || source === unclamped(view, scores) || unclamped(view, scores) === other) return true;
  }
  return false;
}

/** Whether a row is x − log Σ exp x, logarithms of probabilities written out. */
function isNormalised(view: PassView, row: number): boolean {
  const [scores, sum] = view.inputs(row);
  if (!view.is(row, "subtract") || scores === undefined || sum === undefined) return false;
  const [from] = view.sources(sum);
  return from !== undefined && view.is(from, "log-sum-exp") && view.inputs(from)[0] === scores;
}

/** What a row is where bounds that keep it finite are taken off. */
function unclamped(view: PassView, row: number): number {
  let at = row;
  while (view.is(at, "clamp") && view.inputs(at).length > 0) at = view.inputs(at)[0]!;
  return at;
}

/** @param outer what the row is multiplied with on its way to the loss */
function describe(
  view: PassView,
  row: number,
  outer: number,
): Omit<Addend, "tempers"> & { readonly measured: number | null } {
  const { dtype, offset, shape } = view.value(row);
  let factor = outer;
  let at = row;
  while (view.is(at, "multiply", "divide", "negate") && view.inputs(at).length === 1) {
    const number = view.number(at);
    if (view.is(at, "multiply")) factor *= number;
    else if (view.is(at, "divide") && !view.isNumberFirst(at)) factor /= number;
    at = view.inputs(at)[0]!;
  }
  const behind = [...view.behind(row)];
  // A constant number is where a sum began.
  const operands = behind.filter((one) => !view.isOp(one) && (view.isLive(one) || elementCount(view.shape(one)) > 1));
  const own = behind.filter((one) => view.isOp(one) && !view.is(one, "linear", "convolution"));
  return {
    row,
    site: view.callSite(row),
    value: shape.length === 0 ? outer * readElement(dtype, offset) : Number.NaN,
    isPenalty: (operands.length > 0 && operands.every((one) => view.isParameter(one))) || isEntropy(view, at),
    factor: Math.abs(factor),
    perElement: Math.abs(factor) * shareOf(view, at),
    measured: measuredBy(view, at),
    isSum: view.is(at, "sum") && !own.some((one) => view.is(one, "mean")),
    isDivergence:
      own.some((one) => view.is(one, "exponential")) &&
      own.some((one) => view.is(one, "square", "power", "multiply")) &&
      operands.every(
        (one) => view.isLive(one) || view.consumers(one).some((consumer) => view.is(consumer, "linear", "convolution")),
      ),
  };
}
