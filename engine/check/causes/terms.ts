import type { Cause, CauseFix } from "../../protocol/check.ts";
import { otherFactor } from "./expressions.ts";
import { termOfSum } from "./sums.ts";
import { agree, asFraction, isElementwise, largest, timesOf, weightedTruth, type Suspect } from "./suspect.ts";

/** Local derivatives of an elementwise function: the true one, and the one that the backward used. */
function localDerivatives({ jacobian, given, upstream, x }: Suspect): { truth: Float64Array; used: Float64Array } {
  const n = x.length;
  return {
    truth: Float64Array.from({ length: n }, (_, e) => jacobian[e * n + e]!),
    used: given.map((value, e) => value / upstream[e]!),
  };
}

/** What belongs where forward does not change with its input, as of a rounding. */
const CONSTANT: readonly [null, string, string, CauseFix?] = [null, "", "0"];

/** The local derivative left out, applied twice or inverted, or a well-known one taken at the wrong place. */
export function activationDerivative(suspect: Suspect): Cause | null {
  if (!isElementwise(suspect)) return null;
  const { x, y } = suspect;
  const { truth, used } = localDerivatives(suspect);
  const each = (f: (x: number, y: number, derivative: number) => number): Float64Array =>
    x.map((value, i) => f(value, y[i]!, truth[i]!));
  const { name } = suspect;
  const write = (code: string): CauseFix => ({ kind: "write", code });
  const s = (value: number): number => 1 / (1 + Math.exp(-value));
  const hypotheses: readonly (readonly [candidate: Float64Array, what: string, right?: string, fix?: CauseFix])[] = [
    [
      each(() => 1),
      "the local derivative is left out: the gradient from above is passed on as it is",
      "1",
      write("grad"),
    ],
    // A power of slopes 1, 0 and −1 says nothing.
    ...(truth.every((slope) => Math.abs(slope) < 1e-9 || Math.abs(Math.abs(slope) - 1) < 1e-9)
      ? []
      : ([
          [each((_, __, d) => d * d), "the local derivative is applied twice"],
          [each((_, __, d) => 1 / d), "the gradient is divided by the local derivative instead of multiplied"],
        ] as const)),
    [
      each((_, value) => value),
      "the result is used in place of the local derivative",
      "the result y",
      write("grad.mul(y)"),
    ],
    [each((_, value) => 1 - value), "1 − y is used in place of the local derivative"],
    [
      each((_, value) => value * (1 - value)),
      "y (1 − y) is used in place of the local derivative",
      "y (1 − y)",
      write("grad.mul(y).mul(y.neg().add(1))"),
    ],
    [
      each((_, value) => 1 - value * value),
      "1 − y² is used in place of the local derivative",
      "1 − y²",
      write("grad.mul(y.square().neg().add(1))"),
    ],
    [each((value) => value * (1 - value)), "σ (1 − σ) is taken at the input, where the output belongs"],
    [each((value) => 1 - value * value), "1 − x² is used: the derivative of tanh takes the output, not the input"],
    [
      each((value) => value),
      "the input is used in place of the local derivative",
      "the input",
      write(`grad.mul(${name})`),
    ],
    [
      each((value) => 2 * value),
      "2 x is used in place of the local derivative",
      "2 x",
      write(`grad.mul(${name}).mul(2)`),
    ],
    [
      each((value) => 3 * value * value),
      "3 x² is used in place of the local derivative",
      "3 x²",
      write(`grad.mul(${name}.square()).mul(3)`),
    ],
    [
      each((value) => value * value),
      "x² is used in place of the local derivative",
      "x²",
      write(`grad.mul(${name}.square())`),
    ],
    [each((value) => 1 / value), "1 / x is used in place of the local derivative", "1 / x", write(`grad.div(${name})`)],
    [
      each((value) => -1 / (value * value)),
      "−1 / x² is used in place of the local derivative",
      "−1 / x²",
      write(`grad.div(${name}.square()).neg()`),
    ],
    [
      each((value) => 0.5 / Math.sqrt(value)),
      "1 / (2 √x) is used in place of the local derivative",
      "1 / (2 √x)",
      write(`grad.div(${name}.sqrt()).div(2)`),
    ],
    [each((value) => 1 / Math.sqrt(value)), "1 / √x is used in place of the local derivative"],
    [each((value) => Math.sqrt(value)), "√x is used in place of the local derivative"],
    [each((_, value) => 1 + value * value), "1 + y² is used in place of the local derivative", "1 + y²"],
    [each((_, value) => 1 - value ** 3), "1 − y³ is used in place of the local derivative"],
    [each((_, value) => value * value), "y² is used in place of the local derivative", "y²"],
    [each((_, value) => -value * value), "−y² is used in place of the local derivative", "−y²"],
    [each((_, value) => 1 / value), "1 / y is used in place of the local derivative", "1 / y"],
    [each(Math.exp), "exp x is used in place of the local derivative", "exp x", write(`grad.mul(${name}.exp())`)],
    [each((_, value) => Math.exp(value)), "exp y is used in place of the local derivative", "exp y"],
    [each(Math.log), "log x is used in place of the local derivative"],
    [each(Math.cos), "cos x is used in place of the local derivative", "cos x", write(`grad.mul(${name}.cos())`)],
    [each(Math.sin), "sin x is used in place of the local derivative", "sin x", write(`grad.mul(${name}.sin())`)],
    [
      each((value) => -Math.sin(value)),
      "−sin x is used in place of the local derivative",
      "−sin x",
      write(`grad.mul(${name}.sin()).neg()`),
    ],
    [each((value) => -Math.cos(value)), "−cos x is used in place of the local derivative", "−cos x"],
    [each(s), "σ(x) is used in place of the local derivative", "σ(x)", write(`grad.mul(${name}.sigmoid())`)],
    [each((value) => 1 - s(value)), "1 − σ(x) is used in place of the local derivative", "1 − σ(x)"],
    [
      each((value) => s(value) * (1 - s(value))),
      "σ(x) (1 − σ(x)) is used in place of the local derivative",
      "σ(x) (1 − σ(x))",
    ],
    [each((value) => s(value) ** 2), "σ(x)² is used in place of the local derivative"],
    [each(Math.tanh), "tanh x is used in place of the local derivative", "tanh x"],
    [each((value) => 1 - Math.tanh(value) ** 2), "1 − tanh² x is used in place of the local derivative", "1 − tanh² x"],
    [each((value) => 1 - Math.tanh(value)), "1 − tanh x is used in place of the local derivative"],
    [each((_, value) => 1 - Math.tanh(value) ** 2), "1 − tanh² y is used: tanh is applied twice"],
    [each((_, value) => s(value) * (1 - s(value))), "σ(y) (1 − σ(y)) is used: the sigmoid is applied twice"],
    [each((value) => 1 / (1 + value * value)), "1 / (1 + x²) is used in place of the local derivative", "1 / (1 + x²)"],
    [
      each((value) => 1 / Math.sqrt(1 - value * value)),
      "1 / √(1 − x²) is used in place of the local derivative",
      "1 / √(1 − x²)",
    ],
    [
      each((value) => Math.sign(value)),
      "the sign of x is used in place of the local derivative",
      "the sign of x",
      write(`grad.mul(${name}.sign())`),
    ],
    [each((value) => Math.abs(value)), "|x| is used in place of the local derivative"],
    [each((value) => Number(value > 0)), "1 where x > 0 is used in place of the local derivative", "1 where x > 0"],
  ];
  const isConstant = largest(truth) <= suspect.tolerance * largest(used);
  for (const [candidate, what] of hypotheses) {
    if (!agree(suspect, used, candidate) || agree(suspect, candidate, truth)) continue;
    // With the right one, which is what a person will write.
    const right = isConstant
      ? CONSTANT
      : hypotheses.find(([other, , text]) => text !== undefined && agree(suspect, truth, other));
    // Where the right one is a sum or a product, what was used may be a part of it.
    if (right === undefined) {
      const part = productRule(suspect) ?? (suspect.others.length > 0 ? otherFactor(suspect) : null);
      if (part !== null) return part;
    }
    const text = right === undefined ? what : `${what}: ${right[2]} is right`;
    return { kind: "activation-derivative", text, ...(right && { fix: right[3] }) };
  }
  return null;
}

/** y = σ(z) with z a product of the inputs: σ′ left out, or applied twice, in what is passed on through z. */
export function outerDerivative(suspect: Suspect): Cause | null {
  const { given, y } = suspect;
  for (const [derivative, name] of [
    [(value: number) => 1 - value * value, "tanh: 1 − y²"],
    [(value: number) => value * (1 - value), "σ: y (1 − y)"],
    [(value: number) => 1 - Math.exp(-value), "softplus: 1 − exp(−y)"],
    [(value: number) => value, null],
  ] as const) {
    for (const [power, what] of [
      [-1, "left out"],
      [1, "applied twice"],
      [-2, "divided by instead of multiplied with"],
    ] as const) {
      const candidate = weightedTruth(suspect, (k) => derivative(y[k]!) ** power);
      if (!agree(suspect, given, candidate)) continue;
      // The result is a factor of the derivative of exp, of a product, of a power: that is all that is known.
      const factor =
        name === null ? "a factor y, the result itself," : `the derivative of the outer function (${name})`;
      return { kind: "activation-derivative", text: `${factor} is ${what}` };
    }
  }
  return null;
}

/** One term of the product rule, or the path through a mean, a variance or a sum, is not there. */
export function missingTerm(suspect: Suspect): Cause | null {
  const { given, truth, x, y, upstream, shape, name } = suspect;
  const missing = truth.map((value, i) => value - given[i]!);
  if (largest(given) === 0) return null;
  if (x.length === y.length) {
    const ratio = proportion(suspect, missing, upstream);
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
  // Each row may have a coefficient of its own, so that what fits is a direction: what leads there is no more than likely.
  const paths: readonly (readonly [values: readonly Float64Array[], what: string, off: string])[] = [
    [[new Float64Array(x.length).fill(1)], "the term through the mean or sum", "one number"],
    [[x], "the term through the mean square or norm", `a multiple of ${name}`],
    ...(x.length === y.length
      ? ([
          [[y], "the term through the normalising sum (along the result)", "a multiple of the result"],
          [[y.map(Math.exp)], "the term through the normalising sum", "a multiple of exp of the result"],
        ] as const)
      : []),
    [[x.map(Math.exp)], "the term through the sum of exponentials", `a multiple of exp(${name})`],
    [
      [new Float64Array(x.length).fill(1), x],
      "a term through the mean or the variance",
      `one number and a multiple of ${name}`,
    ],
  ];
  for (const [basis, what, off] of paths) {
    if (spansRows(suspect, missing, basis, length)) {
      const text = `what backward returns is off by ${off} in each row, as where ${what} is missing, or has another factor`;
      return { kind: "missing-term", text };
    }
    // Normalised over the first axis, as a batch is: the same along the columns.
    const rows = x.length / length;
    if (rows < 4) continue;
    const turn = (values: Float64Array): Float64Array =>
      values.map((_, i) => values[(i % rows) * length + Math.floor(i / rows)]!);
    if (spansRows(suspect, turn(missing), basis.map(turn), rows)) {
      const text = `what backward returns is off by ${off} in each column, as where ${what} over the first axis is missing, or has another factor`;
      return { kind: "missing-term", text };
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
  if (agree(suspect, used, factor)) {
    return {
      kind: "missing-term",
      text: "a term of the product rule is missing: the second factor depends on the input too",
    };
  }
  if (agree(suspect, used, inner)) {
    return {
      kind: "missing-term",
      text: "a term of the product rule is missing: the input itself is a factor as well",
    };
  }
  const isProduct = x.length > 3;
  for (const [term, rest, what] of [
    [inner, factor, "in which the second factor is differentiated"],
    [factor, inner, "in which the input itself is"],
  ] as const) {
    const others = used.map((value, i) => value - rest[i]!);
    const ratio = isProduct ? proportion(suspect, others, term) : null;
    if (ratio === null || asFraction(ratio) === null) continue;
    const text = `a factor in one term of the sum is wrong: the term of the product rule ${what} comes ${timesOf(ratio)} what it must be`;
    return { kind: "scale", ratio, text };
  }
  return termOfSum(suspect, truth, used);
}

/** What is missing is a multiple of the given part, element by element, with the sign of a second equal term. */
function wholeTerm(suspect: Suspect, missing: Float64Array): Cause | null {
  const { x, y, upstream } = suspect;
  const candidates =
    x.length === y.length ? [upstream.map((g, i) => g * x[i]!), upstream.map((g, i) => g * y[i]!)] : [];
  for (const candidate of candidates) {
    if (proportion(suspect, missing, candidate) !== null) {
      return {
        kind: "missing-term",
        text: "a term of the sum is missing: one in which the gradient from above is multiplied by the values",
      };
    }
  }
  return null;
}

/** c with values = c · of, or null. */
function proportion(suspect: Suspect, values: Float64Array, of: Float64Array): number | null {
  // One number is a multiple of any other.
  if (values.length !== of.length || values.length < 2 || largest(values) === 0) return null;
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
      suspect,
      values,
      of.map((value) => c * value),
    )
    ? c
    : null;
}

/** Whether every row of `values` is a combination of the rows of `basis` (one or two), with coefficients of its own. */
function spansRows(suspect: Suspect, values: Float64Array, basis: readonly Float64Array[], length: number): boolean {
  const fitted = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += length) {
    const row = values.subarray(start, start + length);
    const [a, b] = basis.map((vector) => vector.subarray(start, start + length));
    const coefficients = leastSquares(row, a!, b);
    for (let i = 0; i < length; i++) fitted[start + i] = coefficients[0] * a![i]! + (b ? coefficients[1] * b[i]! : 0);
  }
  return agree(suspect, values, fitted);
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
