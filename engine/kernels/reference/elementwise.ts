import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { BinaryFunction, Kernels, UnaryFunction } from "../kernels.ts";
import { elementsOf, forEachRow, rowStep } from "./elements.ts";
import { erf } from "./error-function.ts";
import { sigmoid, sigmoidOfSingle } from "./sigmoid.ts";

const truth = (condition: boolean): number => (condition ? 1 : 0);

/** Ties go to the even neighbour, as IEEE 754 and PyTorch round. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** 0.5 · (1 + erf(x/√2)), the normal distribution function. */
function normalCdf(x: number): number {
  return 0.5 * (1 + erf(x * Math.SQRT1_2));
}

const UNARY: Readonly<Record<UnaryFunction, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => truth(x > 0) - truth(x < 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven,
  trunc: Math.trunc,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  erf,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid,
  relu: (x) => Math.max(x, 0),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gelu: (x) => x * normalCdf(x),
  silu: (x) => x * sigmoid(x),
  logicalNot: (x) => truth(x === 0),
  isnan: (x) => truth(Number.isNaN(x)),
  isinf: (x) => truth(Math.abs(x) === Infinity),
  isfinite: (x) => truth(Number.isFinite(x)),
};

/** Those that have other ends in float32. */
const UNARY_OF_SINGLES: Readonly<Partial<Record<UnaryFunction, (x: number) => number>>> = {
  sigmoid: sigmoidOfSingle,
  silu: (x) => x * sigmoidOfSingle(x),
};

/** Python's modulo: the result has the divisor's sign. */
function remainder(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  return Math.round((a - remainder(a, b)) / b);
}

/** IEEE 754 pow, which unlike JavaScript's gives 1 for 1^NaN and (±1)^±Infinity. */
function pow(a: number, b: number): number {
  if (a === 1) return 1;
  return a === -1 && Math.abs(b) === Infinity ? 1 : a ** b;
}

const BINARY: Readonly<Record<BinaryFunction, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow,
  maximum: Math.max,
  minimum: Math.min,
  remainder,
  floorDivide,
  atan2: Math.atan2,
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
  logicalAnd: (a, b) => truth(a !== 0 && b !== 0),
  logicalOr: (a, b) => truth(a !== 0 || b !== 0),
  logicalXor: (a, b) => truth((a !== 0) !== (b !== 0)),
  reluBackward: (grad, x) => (x <= 0 ? 0 : grad),
  tanhBackward: (grad, y) => grad * (1 - y * y),
  sigmoidBackward: (grad, y) => grad * (1 - y) * y,
  geluBackward: (grad, x) => grad * (normalCdf(x) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)),
  siluBackward: (grad, x) => grad * sigmoid(x) * (1 + x * (1 - sigmoid(x))),
};

/** How a number becomes an element of the view: truncated, or compared with zero, where the dtype asks for it. */
function converterTo(view: View): ((value: number) => number) | null {
  if (view.dtype === "bool") return (value) => truth(value !== 0);
  return view.dtype === "int64" ? Math.trunc : null;
}

type ElementwiseKernels = Pick<
  Kernels,
  "copy" | "fill" | "unary" | "binary" | "binaryScalar" | "scalarBinary" | "where" | "clamp"
>;

export function elementwiseKernels(memory: SharedMemory): ElementwiseKernels {
  function map1(x: View, out: View, fn: (x: number) => number): void {
    const from = elementsOf(memory, x.dtype);
    const to = elementsOf(memory, out.dtype);
    const xStep = rowStep(x);
    const outStep = rowStep(out);
    forEachRow([out, x], (starts, length) => {
      let o = starts[0] ?? 0;
      let i = starts[1] ?? 0;
      for (let n = 0; n < length; n++, o += outStep, i += xStep) to[o] = fn(from[i] ?? 0);
    });
  }

  function map2(a: View, b: View, out: View, fn: (a: number, b: number) => number): void {
    const fromA = elementsOf(memory, a.dtype);
    const fromB = elementsOf(memory, b.dtype);
    const to = elementsOf(memory, out.dtype);
    const [aStep, bStep, outStep] = [rowStep(a), rowStep(b), rowStep(out)];
    forEachRow([out, a, b], (starts, length) => {
      let o = starts[0] ?? 0;
      let i = starts[1] ?? 0;
      let j = starts[2] ?? 0;
      for (let n = 0; n < length; n++, o += outStep, i += aStep, j += bStep) to[o] = fn(fromA[i] ?? 0, fromB[j] ?? 0);
    });
  }

  return {
    copy(x, out) {
      const convert = x.dtype === out.dtype ? null : converterTo(out);
      map1(x, out, convert ?? ((value) => value));
    },
    fill(out, value) {
      const converted = converterTo(out)?.(value) ?? value;
      map1(out, out, () => converted);
    },
    unary(name, x, out) {
      const fn = (x.dtype === "float32" ? UNARY_OF_SINGLES[name] : undefined) ?? UNARY[name];
      const convert = converterTo(out);
      map1(x, out, convert ? (value) => convert(fn(value)) : fn);
    },
    binary(name, a, b, out) {
      const fn = BINARY[name];
      const convert = converterTo(out);
      map2(a, b, out, convert ? (p, q) => convert(fn(p, q)) : fn);
    },
    binaryScalar(name, a, b, out) {
      // PyTorch takes these powers by square roots, which differs at -Infinity.
      if (name === "pow" && Math.abs(b) === 0.5 && out.dtype !== "int64") {
        return map1(a, out, b > 0 ? Math.sqrt : (value) => 1 / Math.sqrt(value));
      }
      const fn = BINARY[name];
      const convert = converterTo(out);
      map1(a, out, convert ? (value) => convert(fn(value, b)) : (value) => fn(value, b));
    },
    scalarBinary(name, a, b, out) {
      const fn = BINARY[name];
      const convert = converterTo(out);
      map1(b, out, convert ? (value) => convert(fn(a, value)) : (value) => fn(a, value));
    },
    where(condition, a, b, out) {
      const mask = elementsOf(memory, condition.dtype);
      const fromA = elementsOf(memory, a.dtype);
      const fromB = elementsOf(memory, b.dtype);
      const to = elementsOf(memory, out.dtype);
      forEachRow([out, condition, a, b], (starts, length) => {
        const [o = 0, c = 0, i = 0, j = 0] = starts;
        for (let n = 0; n < length; n++) {
          const taken = mask[c + n * rowStep(condition)] !== 0;
          to[o + n * rowStep(out)] = (taken ? fromA[i + n * rowStep(a)] : fromB[j + n * rowStep(b)]) ?? 0;
        }
      });
    },
    clamp(x, min, max, out) {
      map1(x, out, (value) => Math.min(Math.max(value, min), max));
    },
  };
}
