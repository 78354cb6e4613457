import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { expectInteger, expectNumber, expectTensor, floating, type Operand } from "../../../ops/operands.ts";
import { namedResults } from "../../../ops/named-results.ts";
import { fromNumbers } from "../../../core/creation.ts";
import { checkOptions } from "../../../context/options.ts";
import { asList, checkSizes, normalizeDim, type Shape } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";
import { defineReadOnly } from "../properties.ts";
import type { ValuesAndIndices } from "./reductions.ts";

declare module "../../../core/tensor.ts" {
  /** What PyTorch has besides, made of other methods. */
  interface Tensor {
    /** Degrees as radians. */
    deg2rad(): Tensor;
    rad2deg(): Tensor;
    /** log₂(2^this + 2^other), without overflow. */
    logaddexp2(other: Tensor): Tensor;
    /** this · 2^other. */
    ldexp(other: Operand): Tensor;
    /** As `pow`, in float64. */
    floatPower(exponent: Operand): Tensor;
    isneginf(): Tensor;
    isposinf(): Tensor;
    isNonzero(): boolean;
    isSameSize(other: Tensor): boolean;
    isFloatingPoint(): boolean;
    /** Positions of the elements that are not 0, int64 [n, rank]. */
    argwhere(): Tensor;
    /** In order along the first axis. */
    msort(): Tensor;
    /** beta · this + alpha · Σ a b over a batch. */
    addbmm(a: Tensor, b: Tensor, options?: { readonly beta?: number; readonly alpha?: number }): Tensor;
    /** How many elements fall into each of `bins` even intervals from `min` to `max` (those of the elements). */
    histc(bins?: number, min?: number, max?: number): Tensor;
    /** The most frequent element along an axis (the last), the least of several, and where it stands last. */
    mode(dim?: number, keepdim?: boolean): ValuesAndIndices;
    /** The covariance of variables in rows. */
    cov(options?: { readonly correction?: number }): Tensor;
    /** Pearson's correlation of variables in rows. */
    corrcoef(): Tensor;
    /** Summed over what was broadcast, down to a shape. */
    sumToSize(...sizes: readonly number[]): Tensor;
    /** A copy with `src` in the place of one entry along an axis. */
    selectScatter(src: Tensor, dim: number, index: number): Tensor;
    /** A copy with `src` in the place of a range along an axis. */
    sliceScatter(src: Tensor, dim?: number, start?: number | null, end?: number | null, step?: number): Tensor;
    /** A copy with `src` on the diagonal of two axes. */
    diagonalScatter(src: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor;
    /** The elements as the diagonal of a matrix. */
    diagflat(offset?: number): Tensor;
    hsplit(sections: number | readonly number[]): Tensor[];
    vsplit(sections: number | readonly number[]): Tensor[];
    dsplit(sections: number | readonly number[]): Tensor[];
    /** Each entry along an axis scaled to a p-norm of at most `maxNorm`. */
    renorm(p: number, dim: number, maxNorm: number): Tensor;
    newEmpty(shape: Shape): Tensor;
    /** The elements in a typed array, row by row. A copy. */
    numpy(): Float64Array;
    readonly nbytes: number;
    readonly itemsize: number;
    readonly isCpu: boolean;
    readonly isCuda: boolean;
    readonly device: { readonly type: "cpu"; readonly index: null };
    arccos(): Tensor;
    arccosh(): Tensor;
    arcsin(): Tensor;
    arcsinh(): Tensor;
    arctan(): Tensor;
    arctanh(): Tensor;
    positive(): Tensor;
    arctan2(other: Tensor): Tensor;
    moveaxis(source: number | readonly number[], destination: number | readonly number[]): Tensor;
    swapdims(dim0: number, dim1: number): Tensor;
    narrowCopy(dim: number, start: number, length: number): Tensor;
    nelement(): number;
    ndimension(): number;
    adjoint(): Tensor;
    splitWithSizes(sizes: readonly number[], dim?: number): Tensor[];
  }
}

const proto = Tensor.prototype;

proto.deg2rad = function () {
  return this.mul(Math.PI / 180);
};
proto.rad2deg = function () {
  return this.mul(180 / Math.PI);
};
proto.logaddexp2 = function (other) {
  return this.mul(Math.LN2).logaddexp(expectTensor("logaddexp2", other).mul(Math.LN2)).div(Math.LN2);
};
proto.ldexp = function (other) {
  return this.mul(other instanceof Tensor ? other.exp2() : 2 ** expectNumber("ldexp", other));
};
proto.floatPower = function (exponent) {
  return this.double().pow(exponent instanceof Tensor ? exponent.double() : expectNumber("floatPower", exponent));
};
proto.isneginf = function () {
  return this.eq(-Infinity);
};
proto.isposinf = function () {
  return this.eq(Infinity);
};
proto.isNonzero = function () {
  return this.item() !== 0;
};
proto.isSameSize = function (other) {
  return this.shape.join() === expectTensor("isSameSize", other).shape.join();
};
proto.isFloatingPoint = function () {
  return this.dtype === "float32" || this.dtype === "float64";
};
proto.argwhere = function () {
  return this.nonzero();
};
proto.msort = function () {
  return this.sort(0).values;
};
proto.addbmm = function (a, b, options) {
  checkOptions("addbmm", options, ["beta", "alpha"]);
  return this.mul(expectNumber("addbmm", options?.beta ?? 1)).add(
    expectTensor("addbmm", a)
      .bmm(expectTensor("addbmm", b))
      .sum(0)
      .mul(expectNumber("addbmm", options?.alpha ?? 1)),
  );
};
proto.histc = function (bins = 100, min = 0, max = 0) {
  expectNumber("histc", min);
  expectNumber("histc", max);
  if (expectInteger("histc", bins, "the number of bins") < 1) {
    throw new EngineError("value", `histc: the number of bins must be positive, got ${bins}`);
  }
  const values = this.toFloat64Array();
  const own = min === max;
  let low = own ? values.reduce((least, x) => Math.min(least, x), Infinity) : min;
  let high = own ? values.reduce((most, x) => Math.max(most, x), -Infinity) : max;
  if (low === high) [low, high] = [low - 1, high + 1];
  const counts = new Float64Array(bins);
  for (const x of values) {
    if (!(x >= low && x <= high)) continue;
    counts[Math.min(bins - 1, Math.floor(((x - low) / (high - low)) * bins))]!++;
  }
  return fromNumbers(counts, [bins], this.dtype);
};
proto.mode = function (dim = -1, keepdim = false) {
  const axis = normalizeDim("mode", dim, this.rank);
  const moved = this.movedim(axis, -1);
  const size = moved.shape[moved.rank - 1] ?? 1;
  const values = moved.toFloat64Array();
  const places: number[] = [];
  for (let from = 0; from < values.length; from += size) {
    const row = values.slice(from, from + size);
    const counts = new Map<number, number>();
    for (const x of row) counts.set(x, (counts.get(x) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const [first] = [...counts].filter(([, count]) => count === most).sort(([a], [b]) => a - b);
    places.push(row.lastIndexOf(first![0]));
  }
  const indices = fromNumbers(places, moved.shape.slice(0, -1), "int64").unsqueeze(axis);
  const picked = this.gather(axis, indices);
  return namedResults(
    keepdim ? { values: picked, indices } : { values: picked.squeeze(axis), indices: indices.squeeze(axis) },
  );
};
proto.cov = function (options) {
  checkOptions("cov", options, ["correction"]);
  const x = this.rank === 1 ? this.unsqueeze(0) : this;
  if (x.rank !== 2) throw new EngineError("shape", `cov: expected a matrix, found ${formatShape(this.shape)}`);
  const centred = floating(x).sub(floating(x).mean(1, true));
  const product = centred.matmul(centred.t()).div(x.shape[1]! - expectNumber("cov", options?.correction ?? 1));
  return this.rank === 1 ? product.squeeze() : product;
};
proto.corrcoef = function () {
  const c = this.cov();
  if (c.rank === 0) return c.div(c);
  const spread = c.diagonal().sqrt();
  return c.div(spread.unsqueeze(0)).div(spread.unsqueeze(1));
};
proto.sumToSize = function (...given) {
  const sizes = asList("sumToSize", given);
  const lead = this.rank - sizes.length;
  const axes = this.shape.flatMap((size, axis) =>
    axis < lead || (sizes[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? this : this.sum(axes, true).reshape(sizes);
};
proto.selectScatter = function (src, dim, index) {
  expectTensor("selectScatter", src);
  const out = this.clone();
  out.select(dim, index).copy_(src);
  return out;
};
proto.sliceScatter = function (src, dim = 0, start = null, end = null, step = 1) {
  const out = this.clone();
  out.slice(dim, start, end, step).copy_(src);
  return out;
};
proto.diagonalScatter = function (src, offset = 0, dim1 = 0, dim2 = 1) {
  const out = this.clone();
  out.diagonal(offset, dim1, dim2).copy_(src);
  return out;
};
proto.diagflat = function (offset = 0) {
  return this.flatten().reshape(-1).diag(offset);
};
proto.hsplit = function (sections) {
  return this.tensorSplit(sections, this.rank === 1 ? 0 : 1);
};
proto.vsplit = function (sections) {
  return this.tensorSplit(sections, 0);
};
proto.dsplit = function (sections) {
  return this.tensorSplit(sections, 2);
};
proto.renorm = function (p, dim, maxNorm) {
  expectNumber("renorm", maxNorm, "the largest norm");
  const axis = normalizeDim("renorm", dim, this.rank);
  const others = this.shape.map((_, i) => i).filter((i) => i !== axis);
  const norms = this.norm(p, others, true);
  return this.mul(norms.add(1e-7).reciprocal().mul(maxNorm).where(norms.gt(maxNorm), 1));
};
proto.newEmpty = function (shape) {
  checkSizes("newEmpty", shape);
  return this.newZeros(shape);
};
proto.numpy = function () {
  if (this.requiresGrad) {
    throw new EngineError("autograd", "numpy: this tensor requires a gradient, which an array cannot carry", {
      fix: "write .detach().numpy()",
    });
  }
  return this.toFloat64Array();
};
defineReadOnly("nbytes", function () {
  return this.numel() * this.elementBytes;
});
defineReadOnly("itemsize", function () {
  return this.elementBytes;
});
defineReadOnly("isCpu", () => true);
defineReadOnly("isCuda", () => false);
defineReadOnly("device", () => ({ type: "cpu", index: null }));

/** Names of PyTorch for what has another name too. */
const SYNONYMS = {
  arccos: "acos",
  arccosh: "acosh",
  arcsin: "asin",
  arcsinh: "asinh",
  arctan: "atan",
  arctanh: "atanh",
  positive: "clone",
  arctan2: "atan2",
  moveaxis: "movedim",
  swapdims: "swapaxes",
  narrowCopy: "narrow",
  nelement: "numel",
  ndimension: "dim",
  splitWithSizes: "split",
} as const;
for (const [synonym, name] of Object.entries(SYNONYMS)) {
  Object.defineProperty(proto, synonym, { value: Reflect.get(proto, name), writable: true, configurable: true });
}
proto.adjoint = function () {
  return this.mT;
};

/** What has no meaning here, each with a sentence. */
const REFUSED = {
  cuda: ["there is no device but the CPU", "leave it out"],
  half: ["there is no half precision", "use .float()"],
  bfloat16: ["there is no half precision", "use .float()"],
} as const;
declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** Refused: there is the CPU alone. */
    cuda(): never;
    /** Refused: there is no half precision. */
    half(): never;
    bfloat16(): never;
  }
}
for (const [name, [message, fix]] of Object.entries(REFUSED)) {
  Object.defineProperty(proto, name, {
    value() {
      throw new EngineError("value", `${name}: ${message}`, { fix });
    },
    writable: true,
    configurable: true,
  });
}
