import { composite } from "../../../context/scope.ts";
import type { Positional } from "./positional.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { convert } from "../../../ops/conversion.ts";
import * as cumulative from "../../../ops/cumulative.ts";
import * as extremes from "../../../ops/extremes.ts";
import { norm } from "../../../ops/norms.ts";
import { expectTensor, describeValue, floating } from "../../../ops/operands.ts";
import type { Op } from "../../../ops/op.ts";
import { checkOptions } from "../../../context/options.ts";
import * as reductions from "../../../ops/reductions.ts";
import { normalizeDim, normalizeDims } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";
import { namedResults, type InOrder } from "../../../ops/named-results.ts";

/** One axis or several, counted from the end when negative; all axes when left out. */
export type Dims = number | readonly number[] | null;

/** What an op that picks along an axis gives, as PyTorch's named tuples do. */
export interface ValuesAndIndices extends InOrder {
  readonly values: Tensor;
  readonly indices: Tensor;
}

export interface Extremes extends InOrder {
  readonly min: Tensor;
  readonly max: Tensor;
}

export interface SpreadOptions {
  /** Divide by n − 1 (the default) rather than n. */
  readonly unbiased?: boolean;
  /** Divide by n − correction. */
  readonly correction?: number;
  readonly keepdim?: boolean;
}

/** Python's keywords `dim` and `keepdim`. */
export interface DimKeywords {
  readonly dim?: Dims;
  readonly keepdim?: boolean;
}

/** The same, for ops that take one axis. */
export interface AxisKeywords {
  readonly dim: number;
  readonly keepdim?: boolean;
}

export interface KeepdimKeyword {
  readonly keepdim: boolean;
}

declare module "../../../core/tensor.ts" {
  interface Tensor {
    sum(keywords: DimKeywords): Tensor;
    sum(dim: Dims, keywords: KeepdimKeyword): Tensor;
    sum(dim?: Dims, keepdim?: boolean): Tensor;
    mean(keywords: DimKeywords): Tensor;
    mean(dim: Dims, keywords: KeepdimKeyword): Tensor;
    mean(dim?: Dims, keepdim?: boolean): Tensor;
    prod(keywords: DimKeywords): Tensor;
    prod(dim: Dims, keywords: KeepdimKeyword): Tensor;
    prod(dim?: number | null, keepdim?: boolean): Tensor;
    /** The variance, divided by n − 1 unless `unbiased` is false. */
    var(dim?: Dims | SpreadOptions, options?: SpreadOptions | boolean): Tensor;
    /** The standard deviation, divided by n − 1 unless `unbiased` is false. */
    std(dim?: Dims | SpreadOptions, options?: SpreadOptions | boolean): Tensor;
    /** The largest element of all, where equal ones share the gradient; or of each pair, with another tensor. */
    max(other?: Tensor): Tensor;
    /** The largest elements along an axis and where they are; the first of equal ones gets the gradient. */
    max(keywords: AxisKeywords): ValuesAndIndices;
    max(dim: number, keywords: KeepdimKeyword): ValuesAndIndices;
    max(dim: number, keepdim?: boolean): ValuesAndIndices;
    min(other?: Tensor): Tensor;
    min(keywords: AxisKeywords): ValuesAndIndices;
    min(dim: number, keywords: KeepdimKeyword): ValuesAndIndices;
    min(dim: number, keepdim?: boolean): ValuesAndIndices;
    /** The largest elements; equal ones share the gradient evenly. */
    amax(keywords: DimKeywords): Tensor;
    amax(dim: Dims, keywords: KeepdimKeyword): Tensor;
    amax(dim?: Dims, keepdim?: boolean): Tensor;
    amin(keywords: DimKeywords): Tensor;
    amin(dim: Dims, keywords: KeepdimKeyword): Tensor;
    amin(dim?: Dims, keepdim?: boolean): Tensor;
    aminmax(options?: { readonly dim?: number | null; readonly keepdim?: boolean }): Extremes;
    /** Position of the largest element: the first, flat without `dim`. int64. */
    argmax(keywords: DimKeywords): Tensor;
    argmax(dim: Dims, keywords: KeepdimKeyword): Tensor;
    argmax(dim?: number | null, keepdim?: boolean): Tensor;
    argmin(keywords: DimKeywords): Tensor;
    argmin(dim: Dims, keywords: KeepdimKeyword): Tensor;
    argmin(dim?: number | null, keepdim?: boolean): Tensor;
    /** ln Σ e^x, without overflow. */
    logsumexp(keywords: DimKeywords): Tensor;
    logsumexp(dim: Dims, keywords: KeepdimKeyword): Tensor;
    logsumexp(dim: Dims, keepdim?: boolean): Tensor;
    /** Whether any element differs from 0. */
    any(keywords: DimKeywords): Tensor;
    any(dim: Dims, keywords: KeepdimKeyword): Tensor;
    any(dim?: Dims, keepdim?: boolean): Tensor;
    all(keywords: DimKeywords): Tensor;
    all(dim: Dims, keywords: KeepdimKeyword): Tensor;
    all(dim?: Dims, keepdim?: boolean): Tensor;
    /** How many elements differ from 0. int64. */
    countNonzero(keywords: { readonly dim: Dims }): Tensor;
    countNonzero(dim?: Dims): Tensor;
    /** The p-norm (2 when left out); `p` may be Infinity. */
    norm(keywords: DimKeywords & { readonly p?: number | "fro" }): Tensor;
    norm(p: number | "fro" | null, keywords: DimKeywords): Tensor;
    norm(p?: number | "fro" | null, dim?: Dims, keepdim?: boolean): Tensor;
    /** √ of the sum of squares of this − other, or another p. */
    dist(other: Tensor, p?: number): Tensor;
    cumsum(keywords: { readonly dim: number }): Tensor;
    cumsum(dim: number): Tensor;
    cumprod(keywords: { readonly dim: number }): Tensor;
    cumprod(dim: number): Tensor;
    /** The sum without NaN. */
    nansum(keywords: DimKeywords): Tensor;
    nansum(dim: Dims, keywords: KeepdimKeyword): Tensor;
    nansum(dim?: Dims, keepdim?: boolean): Tensor;
    nanmean(keywords: DimKeywords): Tensor;
    nanmean(dim: Dims, keywords: KeepdimKeyword): Tensor;
    nanmean(dim?: Dims, keepdim?: boolean): Tensor;
  }
}

const proto = Tensor.prototype as unknown as Positional;

function over(op: string, x: Tensor, dim: unknown, keepdim: unknown): reductions.OverDims {
  if (keepdim !== undefined && typeof keepdim !== "boolean") {
    throw new EngineError("value", `${op}: keepdim must be true or false, got ${describeValue(keepdim)}`);
  }
  const dims = listDims(op, x, dim);
  return { dims, keepdim: keepdim === true };
}

function listDims(op: string, x: Tensor, dim: unknown): readonly number[] {
  const all = x.shape.map((_, axis) => axis);
  if (dim === undefined || dim === null) return all;
  if (typeof dim === "number") return normalizeDims(op, dim, x.rank);
  if (!Array.isArray(dim)) {
    throw new EngineError("value", `${op}: dim must be a number or an array of numbers, got ${describeValue(dim)}`);
  }
  return dim.length === 0 ? all : normalizeDims(op, dim as number[], x.rank);
}

/** An axis, of ops that take one only. */
function oneDim(op: string, x: Tensor, dim: unknown): number {
  if (typeof dim !== "number") throw new EngineError("value", `${op}: dim must be a number, got ${describeValue(dim)}`);
  return normalizeDim(op, dim, x.rank);
}

function reduce(op: Op<reductions.OverDims>, x: Tensor, dim: unknown, keepdim: unknown): Tensor {
  return apply(op, [x], over(op.name, x, dim, keepdim));
}

proto.sum = function (dim, keepdim) {
  return reduce(reductions.sum, this, dim, keepdim);
};
proto.mean = function (dim, keepdim) {
  return reduce(reductions.mean, this, dim, keepdim);
};
proto.prod = function (dim, keepdim) {
  return reduce(reductions.prod, this, dim ?? null, keepdim);
};
proto.any = function (dim, keepdim) {
  return reduce(reductions.any, this, dim, keepdim);
};
proto.all = function (dim, keepdim) {
  return reduce(reductions.all, this, dim, keepdim);
};
proto.amax = function (dim, keepdim) {
  return reduce(extremes.amax, this, dim, keepdim);
};
proto.amin = function (dim, keepdim) {
  return reduce(extremes.amin, this, dim, keepdim);
};
proto.logsumexp = function (dim, keepdim) {
  return apply(reductions.logsumexp, [floating(this)], over("logsumexp", this, dim, keepdim));
};

function spread(
  op: Op<reductions.OverDims & { readonly correction: number }>,
  x: Tensor,
  dim: Dims | SpreadOptions | undefined,
  options: SpreadOptions | boolean | undefined,
): Tensor {
  const leading = typeof dim === "object" && dim !== null && !Array.isArray(dim) ? (dim as SpreadOptions) : undefined;
  const given = leading ?? (typeof options === "boolean" ? { unbiased: options } : (options ?? {}));
  checkOptions(op.name, given, ["unbiased", "correction", "keepdim"]);
  const correction = given.correction ?? (given.unbiased === false ? 0 : 1);
  if (typeof correction !== "number") {
    throw new EngineError("value", `${op.name}: correction must be a number, got ${describeValue(correction)}`);
  }
  return apply(op, [x], { ...over(op.name, x, leading ? null : dim, given.keepdim), correction });
}
proto.var = function (dim, options) {
  return spread(reductions.variances, this, dim, options);
};
proto.std = function (dim, options) {
  return spread(reductions.deviations, this, dim, options);
};

function position(op: Op<extremes.AlongDim>, x: Tensor, dim: unknown, keepdim: unknown): Tensor {
  const along = dim === undefined || dim === null ? null : oneDim(op.name, x, dim);
  return apply(op, [x], { dim: along, keepdim: keepdim === true });
}
proto.argmax = function (dim, keepdim) {
  return position(extremes.argmax, this, dim, keepdim);
};
proto.argmin = function (dim, keepdim) {
  return position(extremes.argmin, this, dim, keepdim);
};

/** Values along an axis at the positions that `op` gives: the gradient goes to those alone. */
function pick(name: string, op: Op<extremes.AlongDim>, x: Tensor, dim: unknown, keepdim: boolean): ValuesAndIndices {
  const axis = oneDim(name, x, dim);
  if (x.rank > 0) extremes.requireElements(name, x, [axis]);
  const indices = apply(op, [x], { dim: axis, keepdim: true });
  return composite(name, () => {
    const values = x.rank === 0 ? x.clone() : x.gather(axis, indices);
    if (keepdim || x.rank === 0) return namedResults({ values, indices });
    return namedResults({ values: values.squeeze(axis), indices: indices.squeeze(axis) });
  });
}

function extreme(
  name: "max" | "min",
  x: Tensor,
  dim: unknown,
  keepdim: boolean | undefined,
): Tensor | ValuesAndIndices {
  if (dim instanceof Tensor) return name === "max" ? x.maximum(dim) : x.minimum(dim);
  if (dim !== undefined)
    return pick(name, name === "max" ? extremes.argmax : extremes.argmin, x, dim, keepdim === true);
  if (x.numel() === 0) {
    throw new EngineError("shape", `${name}: ${formatShape(x.shape)} has no elements`, {
      fix: "name a dim that has some",
    });
  }
  return reduce(extremes[name], x, undefined, undefined);
}
proto.max = function (this: Tensor, dim?: unknown, keepdim?: boolean) {
  return extreme("max", this, dim, keepdim);
} as typeof proto.max;
proto.min = function (this: Tensor, dim?: unknown, keepdim?: boolean) {
  return extreme("min", this, dim, keepdim);
} as typeof proto.min;
proto.aminmax = function (options) {
  const { dim = null, keepdim = false } = options ?? {};
  return namedResults({ min: this.amin(dim, keepdim), max: this.amax(dim, keepdim) });
};

proto.countNonzero = function (dim) {
  return convert(this.ne(0), "int64").sum(dim);
};

proto.norm = function (p, dim, keepdim) {
  const exponent = p === undefined || p === null || p === "fro" ? 2 : p;
  if (typeof exponent !== "number" || Number.isNaN(exponent)) {
    throw new EngineError("value", `norm: p must be a number or Infinity, got ${describeValue(p)}`);
  }
  const dims = over("norm", this, dim, keepdim);
  if (Math.abs(exponent) === Infinity && dims.dims.length > 0 && exponent < 0)
    extremes.requireElements("norm", this, dims.dims);
  return apply(norm, [this], { ...dims, p: exponent });
};
proto.dist = function (other, p = 2) {
  return this.sub(expectTensor("dist", other)).norm(p);
};

proto.cumsum = function (dim) {
  const x = this.dtype === "bool" ? convert(this, "int64") : this;
  return apply(cumulative.cumsum, [x], { dim: oneDim("cumsum", this, dim) });
};
proto.cumprod = function (dim) {
  const x = this.dtype === "bool" ? convert(this, "int64") : this;
  return apply(cumulative.cumprod, [x], { dim: oneDim("cumprod", this, dim) });
};

proto.nansum = function (dim, keepdim) {
  return this.maskedFill(this.isnan(), 0).sum(dim, keepdim);
};
proto.nanmean = function (dim, keepdim) {
  return composite("nanmean", () => this.nansum(dim, keepdim).div(this.isnan().logicalNot().sum(dim, keepdim)));
};
