import { readElements } from "../core/elements.ts";
import { apply } from "./apply.ts";
import { elementsOf } from "./dense.ts";
import type { Attributes } from "../recording/attributes.ts";
import { defineOp, type ComputeOp, type Op } from "./op.ts";

/** Fills the result with a function of each element. */
function eachElement<A extends Attributes = Attributes>(
  of: (x: number, attributes: A) => number,
): ComputeOp<A>["compute"] {
  return ([x], attributes, out) => {
    const values = readElements(x!);
    const { elements, start } = elementsOf(out);
    for (let i = 0; i < values.length; i++) elements[start + i] = of(values[i]!, attributes);
  };
}

const same: ComputeOp["infer"] = ([x]) => ({ shape: x!.shape, dtype: x!.dtype });

/** Coefficients of Lanczos' approximation with g = 7 and nine terms, good to 15 digits. Lanczos, 1964; Godfrey, 2001. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln |Γ(x)|. */
export function lnGamma(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (x === 1 || x === 2) return 0;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lnGamma(1 - x);
  const z = x - 1;
  const sum = LANCZOS.reduce((total, coefficient, i) => total + (i === 0 ? coefficient : coefficient / (z + i)), 0);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Bernoulli's numbers B2, B4, …, for the asymptotic series. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** ψ(x) = d ln Γ(x) / dx: raised by its recurrence to where the asymptotic series is exact, reflected below 0. */
function psi(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x < 0) return Number.isInteger(x) ? NaN : psi(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let shift = 0;
  let at = x;
  while (at < 12) shift -= 1 / at++;
  const squared = 1 / (at * at);
  let series = 0;
  for (let k = BERNOULLI.length; k >= 1; k--) series = squared * (series + BERNOULLI[k - 1]! / (2 * k));
  return shift + Math.log(at) - 1 / (2 * at) - series;
}

/** The n-th derivative of ψ, n ≥ 1: (−1)^(n+1) n! ζ(n + 1, x), by Euler and Maclaurin. */
function polygammaOf(n: number, x: number): number {
  if (n === 0) return psi(x);
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  const s = n + 1;
  const terms = 14;
  let sum = 0;
  let at = x;
  // The recurrence also carries what is below 0 up to where the series holds.
  while (at < terms) sum += (at++) ** -s;
  sum += at ** (1 - s) / (s - 1) + 0.5 * at ** -s;
  let rising = s;
  let factorial = 2;
  let power = at ** (-s - 1);
  for (let k = 1; k <= BERNOULLI.length; k++) {
    sum += (BERNOULLI[k - 1]! * rising * power) / factorial;
    rising *= (s + 2 * k - 1) * (s + 2 * k);
    factorial *= (2 * k + 1) * (2 * k + 2);
    power /= at * at;
  }
  let scale = n % 2 === 0 ? -1 : 1;
  for (let k = 2; k <= n; k++) scale *= k;
  return scale * sum;
}

export const lgamma: Op = defineOp({
  id: "lgamma",
  name: "lgamma",
  infer: same,
  compute: eachElement((x) => lnGamma(x)),
  vjp: [(g, at) => g.mul(apply(polygamma, [at.input(0)], { n: 0 }))],
  saves: [0],
  formula: { forward: "\\ln |\\Gamma(x)|", backward: ["\\bar y\\, \\psi(x)"] },
  elementwise: true,
});

/** ψ and its derivatives; `n` = 0 is digamma. */
export const polygamma: Op<{ readonly n: number }> = defineOp<{ readonly n: number }>({
  id: "polygamma",
  name: "polygamma",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: eachElement<{ readonly n: number }>((x, { n }) => polygammaOf(n, x)),
  vjp: [(g, at) => g.mul(apply(polygamma, [at.input(0)], { n: at.attributes.n + 1 }))],
  saves: [0],
  formula: { forward: "\\psi^{(n)}(x)", backward: ["\\bar y\\, \\psi^{(n+1)}(x)"] },
  elementwise: true,
});

/** The inverse of erf: a rational start (Giles, 2010), and two steps of Halley's method on erf itself. */
function inverseErf(y: number): number {
  if (!(Math.abs(y) < 1)) return y === 1 ? Infinity : y === -1 ? -Infinity : NaN;
  const w = -Math.log((1 - y) * (1 + y));
  let x =
    w < 5
      ? polynomial(w - 2.5, [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941]) * y // prettier-ignore
      : polynomial(Math.sqrt(w) - 3, [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682]) * y; // prettier-ignore
  for (let i = 0; i < 2; i++) {
    const error = erfOf(x) - y;
    const step = error / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
    x -= step / (1 + x * step);
  }
  return x;
}

function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/** erf in double precision: its series near 0, the continued fraction of erfc beyond. */
function erfOf(x: number): number {
  const a = Math.abs(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
      if (n > 200) break;
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

export const erfinv: Op = defineOp({
  id: "erfinv",
  name: "erfinv",
  infer: same,
  compute: eachElement((x) => inverseErf(x)),
  vjp: [
    (g, at) =>
      g.mul(
        at.output
          .square()
          .exp()
          .mul(Math.sqrt(Math.PI) / 2),
      ),
  ],
  saves: ["output"],
  formula: { forward: "\\operatorname{erf}^{-1} x", backward: ["\\tfrac{\\sqrt\\pi}{2}\\, \\bar y\\, e^{y^2}"] },
  elementwise: true,
});

/** I₀(x), the modified Bessel function of order 0: its series, which is all positive. */
function bessel0(x: number): number {
  return besselSeries(x, 1, (k) => k * k);
}

/** I₁(x). */
function bessel1(x: number): number {
  return (x / 2) * besselSeries(x, 1, (k) => k * (k + 1));
}

function besselSeries(x: number, first: number, divisor: (k: number) => number): number {
  let term = first;
  let sum = first;
  for (let k = 1; term > 1e-17 * sum && k < 1000; k++) {
    term *= (x * x) / 4 / divisor(k);
    sum += term;
  }
  return sum;
}

export const i0: Op = defineOp({
  id: "i0",
  name: "i0",
  infer: same,
  compute: eachElement((x) => bessel0(x)),
  vjp: [(g, at) => g.mul(apply(i1, [at.input(0)]))],
  saves: [0],
  formula: { forward: "I_0(x)", backward: ["\\bar y\\, I_1(x)"] },
  elementwise: true,
});

export const i1: Op = defineOp({
  id: "i1",
  name: "i1",
  infer: same,
  compute: eachElement((x) => bessel1(x)),
  vjp: [
    (g, at) => {
      const x = at.input(0);
      // I₁(x) / x is ½ at 0.
      const ratio = at.output.div(x.maskedFill(x.eq(0), 1)).maskedFill(x.eq(0), 0.5);
      return g.mul(apply(i0, [x]).sub(ratio));
    },
  ],
  saves: [0, "output"],
  formula: { forward: "I_1(x)", backward: ["\\bar y\\, (I_0(x) - I_1(x) / x)"] },
  elementwise: true,
});
