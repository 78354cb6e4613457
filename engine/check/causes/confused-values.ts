import { sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { largest } from "./suspect.ts";
import type { ForwardMistake, TracedSearch } from "./traced-search.ts";

/** A term that a gradient may have. */
interface Term {
  readonly text: string;
  readonly elements: Float64Array;
  /** How much was done to a value of the forward to get it; 0 for the value itself. */
  readonly depth: number;
}

/** Functions of a value that stand in gradients as terms: p − t, σ(z) − t. */
const FUNCTIONS: readonly (readonly [of: (v: Tensor) => Tensor, text: (v: string) => string])[] = [
  [(v) => v.exp(), (v) => `exp(${v})`],
  [(v) => v.sigmoid(), (v) => `σ(${v})`],
  [(v) => v.tanh(), (v) => `tanh(${v})`],
  [(v) => v.log(), (v) => `log(${v})`],
  [(v) => v.square(), (v) => `${v}²`],
  [(v) => v.neg().add(1), (v) => `1 − ${v}`],
  [(v) => v.sign(), (v) => `sign(${v})`],
  [(v) => v.abs(), (v) => `|${v}|`],
  [(v) => v.reciprocal(), (v) => `1 / ${v}`],
];

/** Fewer elements than these could be the difference of any two terms. */
const FEWEST = 4;
const MOST_ELEMENTS = 4096;
const MOST_TERMS = 160;

/**
 * In a gradient that is a sum, as p − t is, one term stands in the place of another: the logarithm of a probability in that of
 * the probability, a softmax along one axis in that of another. It looks at functions with one result, and at elementwise ones.
 */
export function confusedValues(search: TracedSearch): ForwardMistake | null {
  const { traced } = search;
  const [output] = traced.outputs;
  const count = traced.input.numel();
  if (traced.outputs.length !== 1 || count < FEWEST || count > MOST_ELEMENTS) return null;
  const isLoss = output!.numel() === 1;
  if (!isLoss && !sameShape(output!.shape, traced.input.shape)) return null;
  const terms = termsOf(search);
  // By how much the local derivative is off: of a loss up to the one number that comes from above.
  const off = search.differences.map(({ probe, off: whole }) => {
    const upstream = readElements(probe.cotangents[0]!);
    return isLoss ? whole : whole.map((value, e) => value / upstream[e]!);
  });
  const allowed = search.differences.map(
    (difference, n) => (difference.allowed * largest(off[n]!)) / largest(difference.off),
  );
  const pairs = terms.flatMap((used) => terms.map((right) => ({ used, right })));
  pairs.sort((a, b) => a.used.depth + a.right.depth - (b.used.depth + b.right.depth));
  for (const { used, right } of pairs) {
    if (used === right || used.text === right.text) continue;
    const factors = off.map((values, n) => factorOf(values, used.elements, right.elements, allowed[n]!));
    if (factors.includes(null)) continue;
    const [truth, factor] = [search.differences[0]!.right, factors[0]!];
    const scaled = isLoss
      ? truth
      : truth.map((value, e) => value / readElements(search.differences[0]!.probe.cotangents[0]!)[e]!);
    const isIn = (term: Term, times: number): boolean => isTermOf(scaled, term, times, terms, allowed[0]!);
    // The terms must be those of the gradient: others may differ by the same numbers.
    const text = isIn(right, factor)
      ? `${used.text} is used where ${right.text} belongs`
      : isIn(used, -factor)
        ? `${right.text} is used where ${used.text} belongs`
        : null;
    if (text === null) continue;
    return { kind: "activation-derivative", text: `in the gradient, ${text}` };
  }
  return null;
}

/** Whether a gradient is so many times a term, and nothing or one more term as many times. */
function isTermOf(truth: Float64Array, term: Term, times: number, terms: readonly Term[], allowed: number): boolean {
  const rest = truth.map((value, e) => value / times - term.elements[e]!);
  const close = allowed / Math.abs(times);
  const isRest = (of: (e: number) => number): boolean =>
    rest.every((value, e) => Math.abs(value - of(e)) <= close) ||
    rest.every((value, e) => Math.abs(value + of(e)) <= close);
  return isRest(() => 0) || isRest(() => 1) || terms.some(({ elements }) => isRest((e) => elements[e]!));
}

function termsOf(search: TracedSearch): Term[] {
  const { traced, names } = search;
  const { input } = traced;
  const terms: Term[] = [];
  const values = [input, ...traced.values.filter((value) => value !== input)];
  const add = (tensor: Tensor, text: string, depth: number): void => {
    const elements = readElements(tensor);
    if (elements.every(Number.isFinite)) terms.push({ text, elements, depth });
  };
  for (const value of values) {
    if (!isFloating(value.dtype) || !sameShape(value.shape, input.shape) || terms.length > MOST_TERMS) continue;
    const name = names.value(value);
    add(value, name, 0);
    for (const [of, text] of FUNCTIONS) add(of(value), text(name), 1);
    if (value !== input) continue;
    for (const [elements, text] of oneHots(search)) terms.push({ elements, text, depth: 1 });
    for (let axis = 0; axis < input.rank; axis++) {
      add(input.softmax(axis), `softmax(${name}) along axis ${axis}`, 1);
      add(input.logSoftmax(axis), `logSoftmax(${name}) along axis ${axis}`, 1);
    }
  }
  return terms;
}

/** Ones where indices that the Function was given point to along an axis of the input, and zeros elsewhere. */
function oneHots({ traced, names }: TracedSearch): readonly (readonly [elements: Float64Array, text: string])[] {
  const { shape } = traced.input;
  return traced.kept.flatMap((indices) => {
    if (isFloating(indices.dtype) || indices.dtype === "bool") return [];
    return shape.flatMap((size, axis) => {
      const rest = shape.toSpliced(axis, 1);
      const at = readElements(indices);
      if (!(sameShape(indices.shape, rest) && at.every((index) => index >= 0 && index < size))) return [];
      const inner = rest.slice(axis).reduce((product, length) => product * length, 1);
      const elements = new Float64Array(traced.input.numel());
      at.forEach((index, i) => (elements[(Math.floor(i / inner) * size + index) * inner + (i % inner)] = 1));
      return [[elements, `one_hot(${names.value(indices)})`] as const];
    });
  });
}

/** c, where values are c · (a − b). */
function factorOf(values: Float64Array, a: Float64Array, b: Float64Array, allowed: number): number | null {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]!) > Math.abs(values[at]!)) at = i;
  const factor = values[at]! / (a[at]! - b[at]!);
  if (!Number.isFinite(factor) || factor === 0) return null;
  let differing = 0;
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]! - factor * (a[i]! - b[i]!)) <= allowed)) return null;
    differing += Number(Math.abs(values[i]!) > allowed);
  }
  return differing >= FEWEST ? factor : null;
}
