import type { Cause } from "../../protocol/check.ts";
import { agree, factorText, type Suspect } from "./suspect.ts";

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const slope = (v: number): number => sigmoid(v) * (1 - sigmoid(v));
const density = (v: number): number => Math.exp(-0.5 * v * v) / Math.sqrt(2 * Math.PI);

/** Fewer elements than these could be the sum of any two terms. */
const FEWEST = 4;

/** Terms of which local derivatives are sums. */
const TERMS: readonly (readonly [of: (x: number, y: number) => number, text: string])[] = [
  [() => 1, "1"],
  [(x) => x, "x"],
  [(_, y) => y, "y"],
  [(x) => x * x, "x²"],
  [(_, y) => y * y, "y²"],
  [(x) => x ** 3, "x³"],
  [(x) => x ** 4, "x⁴"],
  [Math.cos, "cos x"],
  [Math.sin, "sin x"],
  [(x) => x * Math.cos(x), "x cos x"],
  [(x) => x * Math.sin(x), "x sin x"],
  [Math.exp, "exp x"],
  [(x) => x * Math.exp(x), "x exp x"],
  [(x) => Math.exp(-x), "exp(−x)"],
  [(x) => Math.exp(-x * x), "exp(−x²)"],
  [(x) => x * x * Math.exp(-x * x), "x² exp(−x²)"],
  [sigmoid, "σ(x)"],
  [slope, "σ′(x)"],
  [(x) => x * slope(x), "x σ′(x)"],
  [Math.tanh, "tanh x"],
  [(x) => 1 - Math.tanh(x) ** 2, "tanh′ x"],
  [(x) => x * (1 - Math.tanh(x) ** 2), "x tanh′ x"],
  [density, "φ(x)"],
  [(x) => x * density(x), "x φ(x)"],
  [Math.log, "log x"],
  [(x) => 1 / x, "1/x"],
  [(x) => 1 / (x * x), "1/x²"],
  [Math.sqrt, "√x"],
  [(x) => 1 / Math.sqrt(x), "1/√x"],
  [Math.abs, "|x|"],
];

/**
 * A local derivative that is a sum of two terms, of which one is missing or has another factor.
 * @param right the local derivative of each element. @param used the one that backward has.
 */
export function termOfSum(suspect: Suspect, right: Float64Array, used: Float64Array): Cause | null {
  const { x, y } = suspect;
  if (x.length < FEWEST) return null;
  const terms = TERMS.map(([of, text]) => ({ values: x.map((value, i) => of(value, y[i]!)), text })).filter(
    ({ values }) => values.every(Number.isFinite),
  );
  for (let a = 0; a < terms.length; a++) {
    for (let b = a + 1; b < terms.length; b++) {
      const [p, q] = [terms[a]!, terms[b]!];
      const rightly = fitOf(suspect, right, p.values, q.values);
      const wrongly = rightly && fitOf(suspect, used, p.values, q.values);
      if (!rightly || !wrongly) continue;
      const changed = [0, 1].filter((i) => Math.abs(rightly[i]! - wrongly[i]!) > 1e-4 * Math.abs(rightly[i]!));
      if (changed.length !== 1 || rightly.some((factor) => Math.abs(factor) < 1e-6)) continue;
      const [at] = changed as [number];
      const { text } = at === 0 ? p : q;
      const whole = `${product(rightly[0], p.text)} + ${product(rightly[1], q.text)}`;
      if (Math.abs(wrongly[at]!) < 1e-6) {
        return {
          kind: "missing-term",
          text: `a term of the sum is missing: the local derivative is ${whole}, and ${product(rightly[at]!, text)} is left out`,
        };
      }
      return {
        kind: "scale",
        ratio: wrongly[at]! / rightly[at]!,
        text: `a factor in one term of the sum is wrong: the local derivative is ${whole}, and backward has ${product(wrongly[at]!, text)} for ${product(rightly[at]!, text)}`,
      };
    }
  }
  return oneTerm(suspect, right, used, terms);
}

/** What is wrong with one term of a sum of several. */
function oneTerm(
  suspect: Suspect,
  right: Float64Array,
  used: Float64Array,
  terms: readonly { readonly values: Float64Array; readonly text: string }[],
): Cause | null {
  const rest = right.map((value, i) => value - used[i]!);
  for (const { values, text } of terms) {
    const factor = dot(rest, values) / dot(values, values);
    const fitted = values.map((value) => factor * value);
    if (!Number.isFinite(factor) || factor === 0 || !agree(suspect, rest, fitted)) continue;
    return {
      kind: "missing-term",
      text: `a term of the sum is missing, or has the wrong factor: ${product(factor, text)} is to be added to the local derivative`,
    };
  }
  return null;
}

function product(factor: number, text: string): string {
  const number = factorText(factor);
  return text === "1" ? number : number === "1" ? text : `${number} ${text}`;
}

function fitOf(suspect: Suspect, values: Float64Array, p: Float64Array, q: Float64Array): [number, number] | null {
  const [pp, pq, qq, vp, vq] = [dot(p, p), dot(p, q), dot(q, q), dot(values, p), dot(values, q)];
  const determinant = pp * qq - pq * pq;
  if (!(determinant > 1e-9 * pp * qq)) return null;
  const a = (vp * qq - vq * pq) / determinant;
  const b = (vq * pp - vp * pq) / determinant;
  const fitted = values.map((_, i) => a * p[i]! + b * q[i]!);
  return agree(suspect, values, fitted) ? [a, b] : null;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
