import { composite } from "../../../context/scope.ts";
import type { Positional } from "./positional.ts";
import { EngineError, formatShape } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { expectInteger, expectNumber, expectTensor, floating, type Operand } from "../../../ops/operands.ts";
import { cummaxPosition, cumminPosition, logcumsumexp, runningExtreme } from "../../../ops/running-extremes.ts";
import { select } from "../../../ops/selection.ts";
import { full, ones, tensor } from "../../../core/creation.ts";
import type { NestedArray } from "../../../core/elements.ts";
import { normalizeDim, type Shape } from "../../../core/shape.ts";
import { Tensor } from "../../../core/tensor.ts";
import { defineReadOnly } from "../properties.ts";
import type { Dims, SpreadOptions, ValuesAndIndices } from "./reductions.ts";

declare module "../../../core/tensor.ts" {
  /** Made of other methods. */
  interface Tensor {
    /** The larger of two, or the one that is not NaN. */
    fmax(other: Tensor): Tensor;
    fmin(other: Tensor): Tensor;
    /** 0 below 0, 1 above, `values` at 0. */
    heaviside(values: Tensor): Tensor;
    /** sin(πx) / (πx), 1 at 0. */
    sinc(): Tensor;
    /** Whether the sign bit is set. */
    signbit(): Tensor;
    /** The largest element so far along an axis, and where it was. */
    cummax(keywords: { readonly dim: number }): ValuesAndIndices;
    cummax(dim: number): ValuesAndIndices;
    cummin(keywords: { readonly dim: number }): ValuesAndIndices;
    cummin(dim: number): ValuesAndIndices;
    /** ln Σ e^x of the elements so far along an axis. */
    logcumsumexp(keywords: { readonly dim: number }): Tensor;
    logcumsumexp(dim: number): Tensor;
    /** Differences of neighbours along an axis (the last), `n` times over. */
    diff(keywords: { readonly n?: number; readonly dim?: number }): Tensor;
    diff(n?: number, dim?: number): Tensor;
    /** The cross product of vectors of three elements along an axis: the last, or the first of size 3. */
    cross(other: Tensor, keywords: { readonly dim: number }): Tensor;
    cross(other: Tensor, dim?: number): Tensor;
    /** The sum of products along the last axes. */
    inner(other: Tensor): Tensor;
    vdot(other: Tensor): Tensor;
    /** beta · this + alpha · (u vᵀ). */
    addr(u: Tensor, v: Tensor, options?: { readonly beta?: number; readonly alpha?: number }): Tensor;
    varMean(dim?: Dims, options?: SpreadOptions): [Tensor, Tensor];
    stdMean(dim?: Dims, options?: SpreadOptions): [Tensor, Tensor];
    /** A copy into which `src` is reduced at the positions that `index` gives along an axis. */
    scatterReduce(
      dim: number,
      index: Tensor,
      src: Tensor,
      reduce: "sum" | "mean",
      options?: { readonly includeSelf?: boolean },
    ): Tensor;
    newOnes(shape: Shape, options?: TensorOptions): Tensor;
    newFull(shape: Shape, value: number, options?: TensorOptions): Tensor;
    newTensor(data: NestedArray, options?: TensorOptions): Tensor;
    typeAs(other: Tensor): Tensor;
    /** The number of axes. */
    readonly ndim: number;
    /** Distances between neighbours along each axis, or one of them, in elements. */
    stride(): readonly number[];
    stride(dim: number): number;
    /** What made this tensor; null for leaves. */
    readonly gradFn: { readonly name: string } | null;
    /** Bytes of an element. */
    elementSize(): number;
  }
}

const proto = Tensor.prototype as unknown as Positional;

proto.fmax = function (other) {
  expectTensor("fmax", other);
  return composite("fmax", () => select(this.isnan(), other, select(other.isnan(), this, this.maximum(other))));
};
proto.fmin = function (other) {
  expectTensor("fmin", other);
  return composite("fmin", () => select(this.isnan(), other, select(other.isnan(), this, this.minimum(other))));
};
proto.heaviside = function (values) {
  expectTensor("heaviside", values);
  return select(this.eq(0), values, this.gt(0).to(this.dtype));
};
proto.sinc = function () {
  return composite("sinc", () => {
    const angle = this.mul(Math.PI);
    const zero = this.eq(0);
    return select(zero, 1, angle.sin().div(angle.maskedFill(zero, 1)));
  });
};
proto.signbit = function () {
  return this.lt(0).logicalOr(this.eq(0).logicalAnd(floating(this).reciprocal().lt(0)));
};

proto.cummax = function (dim) {
  return composite("cummax", () => runningExtreme(cummaxPosition, this, normalizeDim("cummax", dim, this.rank)));
};
proto.cummin = function (dim) {
  return composite("cummin", () => runningExtreme(cumminPosition, this, normalizeDim("cummin", dim, this.rank)));
};
proto.logcumsumexp = function (dim) {
  return apply(logcumsumexp, [floating(this)], { dim: normalizeDim("logcumsumexp", dim, this.rank) });
};
proto.diff = function (n = 1, dim = -1) {
  const axis = normalizeDim("diff", dim, this.rank);
  if (this.rank === 0) throw new EngineError("shape", "diff: a scalar has no neighbours");
  if (expectInteger("diff", n, "n") < 0) throw new EngineError("value", `diff: n must not be negative, got ${n}`);
  return composite("diff", () => differences(this, n, axis));
};
function differences(x: Tensor, n: number, axis: number): Tensor {
  if (n === 0 || x.shape[axis] === 0) return x;
  return differences(x.slice(axis, 1).sub(x.slice(axis, 0, -1)), n - 1, axis);
}
proto.cross = function (other, dim) {
  expectTensor("cross", other);
  const axis = dim === undefined ? this.shape.indexOf(3) : normalizeDim("cross", dim, this.rank);
  if (this.shape[axis] !== 3 || other.shape[axis] !== 3) {
    throw new EngineError(
      "shape",
      `cross: expected vectors of three elements, found ${formatShape(this.shape)} and ${formatShape(other.shape)}`,
    );
  }
  return composite("cross", () =>
    this.roll(-1, axis)
      .mul(other.roll(-2, axis))
      .sub(this.roll(-2, axis).mul(other.roll(-1, axis))),
  );
};
proto.inner = function (other) {
  expectTensor("inner", other);
  if (this.rank === 0 || other.rank === 0) return this.mul(other);
  return composite("inner", () => {
    const product = this.reshape(-1, this.shape[this.rank - 1]!).matmul(
      other.reshape(-1, other.shape[other.rank - 1]!).t(),
    );
    return product.reshape([...this.shape.slice(0, -1), ...other.shape.slice(0, -1)]);
  });
};
proto.vdot = function (other) {
  return this.dot(other);
};
proto.addr = function (u, v, options) {
  const beta = expectNumber("addr", options?.beta ?? 1);
  const alpha = expectNumber("addr", options?.alpha ?? 1);
  return composite("addr", () => this.mul(beta).add(expectTensor("addr", u).outer(v).mul(alpha)));
};
proto.varMean = function (dim, options) {
  return [this.var(dim, options), this.mean(dim, options?.keepdim)];
};
proto.stdMean = function (dim, options) {
  return [this.std(dim, options), this.mean(dim, options?.keepdim)];
};
proto.scatterReduce = function (dim, index, src, reduce, options) {
  expectTensor("scatterReduce", index, "an int64 index");
  expectTensor("scatterReduce", src, "the source to be a tensor");
  const kinds: readonly string[] = ["sum", "mean"];
  if (!kinds.includes(reduce)) {
    throw new EngineError("value", `scatterReduce: expected "sum" or "mean", got ${JSON.stringify(reduce)}`);
  }
  const own = options?.includeSelf ?? true;
  return composite("scatterReduce", () => {
    const start = own ? this : this.scatter(dim, index, 0);
    const total = start.scatterAdd(dim, index, src);
    if (reduce === "sum") return total;
    const count = this.newOnes(this.shape)
      .scatter(dim, index, own ? 1 : 0)
      .scatterAdd(dim, index, src.newOnes(src.shape));
    return total.div(count);
  });
};

proto.newOnes = function (shape, options) {
  return ones(shape, { dtype: this.dtype, ...options });
};
proto.newFull = function (shape, value, options) {
  return full(shape, value, { dtype: this.dtype, ...options });
};
proto.newTensor = function (data, options) {
  return tensor(data, { dtype: this.dtype, ...options });
};
proto.typeAs = function (other) {
  return this.to(expectTensor("typeAs", other).dtype);
};
proto.stride = function (this: Tensor, dim?: number) {
  return dim === undefined ? this.strides : this.strides[normalizeDim("stride", dim, this.rank)];
} as typeof proto.stride;
proto.elementSize = function () {
  return this.elementBytes;
};
defineReadOnly("ndim", function () {
  return this.rank;
});
defineReadOnly("gradFn", function () {
  return this.node;
});

/** Other names of methods, which PyTorch has too. */
const ALIASES = {
  subtract: "sub",
  multiply: "mul",
  divide: "div",
  trueDivide: "div",
  negative: "neg",
  absolute: "abs",
  clip: "clamp",
  fix: "trunc",
  sgn: "sign",
  greater: "gt",
  greaterEqual: "ge",
  less: "lt",
  lessEqual: "le",
  notEqual: "ne",
  ger: "outer",
} as const;

declare module "../../../core/tensor.ts" {
  interface Tensor {
    subtract(other: Operand): Tensor;
    multiply(other: Operand): Tensor;
    divide(other: Operand): Tensor;
    trueDivide(other: Operand): Tensor;
    negative(): Tensor;
    absolute(): Tensor;
    clip(min?: Operand | null, max?: Operand | null): Tensor;
    fix(): Tensor;
    sgn(): Tensor;
    greater(other: Operand): Tensor;
    greaterEqual(other: Operand): Tensor;
    less(other: Operand): Tensor;
    lessEqual(other: Operand): Tensor;
    notEqual(other: Operand): Tensor;
    ger(other: Tensor): Tensor;
  }
}
for (const [alias, name] of Object.entries(ALIASES)) {
  Object.defineProperty(proto, alias, { value: Reflect.get(proto, name), writable: true, configurable: true });
}
