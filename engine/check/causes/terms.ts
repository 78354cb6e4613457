import type { Cause } from "../../protocol/check.ts";
import { agree, isElementwise, largest, weightedTruth, type Suspect } from "./suspect.ts";

/** Local derivatives of an elementwise function: the true one, and the one that the backward used. */
function localDerivatives({ jacobian, given, upstream, x }: Suspect): { truth: Float64Array; used: Float64Array } {
  const n = x.length;
  return {
    truth: Float64Array.from({ length: n }, (_, e) => jacobian[e * n + e]!),
    used: given.map((value, e) => value / upstream[e]!),
  };
}

/** The local derivative left out, applied twice or inverted, or a well-known one taken at the wrong place. */
export async function activationDerivative(suspect: Suspect): Promise<Cause | null> {
  if (!isElementwise(suspect)) return outerDerivative(suspect);
  const { x, y, inputs, index, upstream } = suspect;
  const { truth, used } = localDerivatives(suspect);
  const each = (f: (x: number, y: number, derivative: number) => number): Float64Array =>
    x.map((value, i) => f(value, y[i]!, truth[i]!));
  const hypotheses: readonly (readonly [candidate: Float64Array, what: string])[] = [
    [each(() => 1), "the local derivative is left out: the gradient from above is passed on as it is"],
    [each((_, __, d) => d * d), "the local derivative is applied twice"],
    [each((_, __, d) => 1 / d), "the gradient is divided by the local derivative instead of multiplied"],
    [each((_, value) => value), "the result is used in place of the local derivative"],
    [each((_, value) => 1 - value), "1 − y is used in place of the local derivative"],
    [each((_, value) => value * (1 - value)), "y (1 − y) is used in place of the local derivative"],
    [each((_, value) => 1 - value * value), "1 − y² is used in place of the local derivative"],
    [each((value) => value * (1 - value)), "σ (1 − σ) is taken at the input, where the output belongs"],
    [each((value) => 1 - value * value), "1 − x² is used: the derivative of tanh takes the output, not the input"],
    [each((value) => value), "the input is used in place of the local derivative"],
    [each((_, value) => 1 + value * value), "1 + y² is used in place of the local derivative"],
  ];
  for (const [candidate, what] of hypotheses) {
    if (agree(used, candidate) && !agree(candidate, truth)) return { kind: "activation-derivative", text: what };
  }
  const atOutput = await suspect.truthAt(
    inputs.map((input, i) => (i === index ? suspect.tensorOf(y, input.shape) : input)),
    index,
  );
  if (
    agree(
      used,
      atOutput.map((value, e) => value / upstream[e]!),
    )
  ) {
    return { kind: "activation-derivative", text: "the local derivative is taken at the output instead of the input" };
  }
  return null;
}

/** y = σ(z) with z a product of the inputs: σ′ left out, or applied twice, in what is passed on through z. */
function outerDerivative(suspect: Suspect): Cause | null {
  const { given, y } = suspect;
  for (const [derivative, name] of [
    [(value: number) => 1 - value * value, "tanh: 1 − y²"],
    [(value: number) => value * (1 - value), "σ: y (1 − y)"],
    [(value: number) => 1 - Math.exp(-value), "softplus: 1 − exp(−y)"],
    [(value: number) => value, "exp: y"],
  ] as const) {
    for (const [power, what] of [
      [-1, "left out"],
      [1, "applied twice"],
      [-2, "divided by instead of multiplied with"],
    ] as const) {
      const candidate = weightedTruth(suspect, (k) => derivative(y[k]!) ** power);
      if (!agree(given, candidate)) continue;
      return { kind: "activation-derivative", text: `the derivative of the outer function (${name}) is ${what}` };
    }
  }
  return null;
}

/** One term of the product rule, or the path through a mean, a variance or a sum, is not there. */
export function missingTerm(suspect: Suspect): Cause | null {
  const { given, truth, x, y, upstream, shape } = suspect;
  const missing = truth.map((value, i) => value - given[i]!);
  if (largest(given) === 0) return null;
  if (x.length === y.length) {
    const ratio = proportion(missing, upstream);
    if (ratio !== null) {
      return {
        kind: "missing-term",
        text: "the path that passes the input on directly is missing: the gradient from above is to be added",
      };
    }
    if (isElementwise(suspect)) return productRule(suspect);
  }
  const length = shape.at(-1) ?? 1;
  if (length < 4) return wholeTerm(suspect, missing);
  const paths: readonly (readonly [values: readonly Float64Array[], what: string])[] = [
    [[new Float64Array(x.length).fill(1)], "the term through the mean or sum"],
    [[x], "the term through the mean square or norm"],
    ...(x.length === y.length
      ? ([
          [[y], "the term through the normalising sum (along the result)"],
          [[y.map(Math.exp)], "the term through the normalising sum (along exp of the result)"],
        ] as const)
      : []),
    [[x.map(Math.exp)], "the term through the sum of exponentials"],
    [[new Float64Array(x.length).fill(1), x], "the terms through the mean and the variance"],
  ];
  for (const [basis, what] of paths) {
    if (spansRows(missing, basis, length)) return { kind: "missing-term", text: `${what} is missing` };
    // Normalised over the first axis, as a batch is: the same along the columns.
    const rows = x.length / length;
    if (rows < 4) continue;
    const turn = (values: Float64Array): Float64Array =>
      values.map((_, i) => values[(i % rows) * length + Math.floor(i / rows)]!);
    if (spansRows(turn(missing), basis.map(turn), rows)) {
      return { kind: "missing-term", text: `${what}, over the first axis, is missing` };
    }
  }
  return wholeTerm(suspect, missing);
}

/** f(x) = x · h(x): one of h(x) and x · h′(x) is there, the other is not. */
function productRule(suspect: Suspect): Cause | null {
  const { x, y } = suspect;
  const { truth, used } = localDerivatives(suspect);
  const factor = y.map((value, i) => value / x[i]!);
  const inner = truth.map((value, i) => value - factor[i]!);
  if (agree(used, factor)) {
    return {
      kind: "missing-term",
      text: "a term of the product rule is missing: the second factor depends on the input too",
    };
  }
  if (agree(used, inner)) {
    return {
      kind: "missing-term",
      text: "a term of the product rule is missing: the input itself is a factor as well",
    };
  }
  // Sums of well-known pieces: what is left is one of them times a constant.
  const rest = truth.map((value, i) => value - used[i]!);
  for (const [piece, name] of [
    [x, "x"],
    [y, "y"],
    [new Float64Array(x.length).fill(1), "1"],
    [x.map((value) => value * value), "x²"],
    [y.map((value) => value * value), "y²"],
    [x.map(Math.cos), "cos x"],
    [x.map(Math.sin), "sin x"],
    [x.map(Math.exp), "exp x"],
    [x.map((value) => 1 / value), "1 / x"],
  ] as const) {
    const ratio = proportion(rest, piece);
    if (ratio === null) continue;
    const factorText = Number(ratio.toPrecision(4));
    return {
      kind: "missing-term",
      text: `a term of the sum is missing: ${factorText} · ${name} of the local derivative`,
    };
  }
  return null;
}

/** What is missing is a multiple of the given part, element by element, with the sign of a second equal term. */
function wholeTerm({ x, y, upstream }: Suspect, missing: Float64Array): Cause | null {
  const candidates =
    x.length === y.length ? [upstream.map((g, i) => g * x[i]!), upstream.map((g, i) => g * y[i]!)] : [];
  for (const candidate of candidates) {
    if (proportion(missing, candidate) !== null) {
      return {
        kind: "missing-term",
        text: "a term of the sum is missing: one in which the gradient from above is multiplied by the values",
      };
    }
  }
  return null;
}

/** c with values = c · of, or null. */
function proportion(values: Float64Array, of: Float64Array): number | null {
  if (values.length !== of.length || largest(values) === 0) return null;
  let numerator = 0;
  let denominator = 0;
  for (let i = 0; i < of.length; i++) {
    numerator += values[i]! * of[i]!;
    denominator += of[i]! * of[i]!;
  }
  const c = numerator / denominator;
  return Number.isFinite(c) &&
    c !== 0 &&
    agree(
      values,
      of.map((value) => c * value),
    )
    ? c
    : null;
}

/** Whether every row of `values` is a combination of the rows of `basis` (one or two), with coefficients of its own. */
function spansRows(values: Float64Array, basis: readonly Float64Array[], length: number): boolean {
  const fitted = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += length) {
    const row = values.subarray(start, start + length);
    const [a, b] = basis.map((vector) => vector.subarray(start, start + length));
    const coefficients = leastSquares(row, a!, b);
    for (let i = 0; i < length; i++) fitted[start + i] = coefficients[0] * a![i]! + (b ? coefficients[1] * b[i]! : 0);
  }
  return agree(values, fitted);
}

function leastSquares(row: Float64Array, a: Float64Array, b: Float64Array | undefined): [number, number] {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ra = 0;
  let rb = 0;
  for (let i = 0; i < row.length; i++) {
    const q = b?.[i] ?? 0;
    aa += a[i]! * a[i]!;
    ab += a[i]! * q;
    bb += q * q;
    ra += row[i]! * a[i]!;
    rb += row[i]! * q;
  }
  if (b === undefined || bb === 0) return [aa === 0 ? 0 : ra / aa, 0];
  const determinant = aa * bb - ab * ab;
  if (Math.abs(determinant) < 1e-12 * aa * bb) return [ra / aa, 0];
  return [(ra * bb - rb * ab) / determinant, (rb * aa - ra * ab) / determinant];
}
