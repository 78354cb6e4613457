import { elementCount } from "../core/shape.ts";
import { readElement } from "../core/elements.ts";
import type { Site } from "../protocol/site.ts";
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
  /** An exponential and a square of learned values, as the divergence of a normal distribution has. */
  readonly isDivergence: boolean;
}

/** The scalars that the first root of a pass is the sum of; itself where it is no sum. */
export function addendsOf(view: PassView): readonly Addend[] {
  const [root] = view.pass.roots;
  if (root === undefined) return [];
  const found: Addend[] = [];
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
  return found;
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
  const logs = view.inputs(at).find((one) => view.is(one, "log-softmax", "logarithm", "log-sigmoid"));
  const other = view.inputs(at).find((one) => one !== logs);
  if (logs === undefined || other === undefined) return false;
  return view.is(other, "exponential", "softmax", "sigmoid")
    ? view.inputs(other)[0] === logs || view.inputs(other)[0] === view.inputs(logs)[0] || view.inputs(logs)[0] === other
    : false;
}

/** @param outer what the row is multiplied with on its way to the loss */
function describe(view: PassView, row: number, outer: number): Addend {
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
    isSum: view.is(at, "sum") && !own.some((one) => view.is(one, "mean")),
    isDivergence:
      own.some((one) => view.is(one, "exponential")) &&
      own.some((one) => view.is(one, "square", "power", "multiply")) &&
      operands.every(
        (one) => view.isLive(one) || view.consumers(one).some((consumer) => view.is(consumer, "linear", "convolution")),
      ),
  };
}
