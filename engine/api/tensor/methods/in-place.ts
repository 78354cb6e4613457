import { cutOff, writeInPlace } from "../../../autograd/in-place.ts";
import { EngineError } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { expectNumber, expectTensor, type Operand } from "../../../ops/operands.ts";
import { copy, fill } from "../../../ops/writes.ts";
import { full } from "../../../core/creation.ts";
import { bernoulli, normal, rand } from "../random.ts";
import { Tensor } from "../../../core/tensor.ts";
import { defineReadOnly } from "../properties.ts";
import type { ClampOptions } from "./elementwise.ts";
import type { IndexEntry } from "./indexing.ts";

declare module "../../../core/tensor.ts" {
  /** Methods that end in _ change the tensor, and give it back. */
  interface Tensor {
    add_(other: Operand, options?: { readonly alpha?: number }): this;
    sub_(other: Operand, options?: { readonly alpha?: number }): this;
    mul_(other: Operand): this;
    div_(other: Operand): this;
    pow_(exponent: Operand): this;
    remainder_(other: Operand): this;
    neg_(): this;
    abs_(): this;
    sign_(): this;
    floor_(): this;
    ceil_(): this;
    round_(): this;
    trunc_(): this;
    exp_(): this;
    expm1_(): this;
    log_(): this;
    log1p_(): this;
    sqrt_(): this;
    rsqrt_(): this;
    reciprocal_(): this;
    square_(): this;
    sin_(): this;
    cos_(): this;
    tanh_(): this;
    sigmoid_(): this;
    relu_(): this;
    clamp_(min?: Operand | null | ClampOptions, max?: Operand | null): this;
    clampMin_(min: Operand): this;
    clampMax_(max: Operand): this;
    lerp_(end: Tensor, weight: Operand): this;
    addcmul_(a: Tensor, b: Tensor, options?: { readonly value?: number }): this;
    addcdiv_(a: Tensor, b: Tensor, options?: { readonly value?: number }): this;
    addmm_(a: Tensor, b: Tensor, options?: { readonly beta?: number; readonly alpha?: number }): this;
    nanToNum_(nan?: number, posinf?: number | null, neginf?: number | null): this;
    tril_(diagonal?: number): this;
    triu_(diagonal?: number): this;
    cumsum_(dim: number): this;
    maskedFill_(mask: Tensor, value: Operand): this;
    maskedScatter_(mask: Tensor, source: Tensor): this;
    scatter_(dim: number, index: Tensor, src: Tensor | number): this;
    scatterAdd_(dim: number, index: Tensor, src: Tensor): this;
    indexAdd_(dim: number, index: Tensor, src: Tensor, options?: { readonly alpha?: number }): this;
    indexCopy_(dim: number, index: Tensor, src: Tensor): this;
    indexFill_(dim: number, index: Tensor, value: number): this;
    /** Sets, or adds to, what `index(entries)` would pick. */
    indexPut_(entries: readonly IndexEntry[], values: Tensor | number, accumulate?: boolean): this;
    eq_(other: Operand): this;
    ne_(other: Operand): this;
    logicalNot_(): this;
    acos_(...args: Parameters<Tensor["acos"]>): this;
    acosh_(...args: Parameters<Tensor["acosh"]>): this;
    asin_(...args: Parameters<Tensor["asin"]>): this;
    asinh_(...args: Parameters<Tensor["asinh"]>): this;
    atan_(...args: Parameters<Tensor["atan"]>): this;
    atanh_(...args: Parameters<Tensor["atanh"]>): this;
    tan_(...args: Parameters<Tensor["tan"]>): this;
    sinh_(...args: Parameters<Tensor["sinh"]>): this;
    cosh_(...args: Parameters<Tensor["cosh"]>): this;
    erf_(...args: Parameters<Tensor["erf"]>): this;
    erfc_(...args: Parameters<Tensor["erfc"]>): this;
    exp2_(...args: Parameters<Tensor["exp2"]>): this;
    log2_(...args: Parameters<Tensor["log2"]>): this;
    log10_(...args: Parameters<Tensor["log10"]>): this;
    frac_(...args: Parameters<Tensor["frac"]>): this;
    logit_(...args: Parameters<Tensor["logit"]>): this;
    sinc_(...args: Parameters<Tensor["sinc"]>): this;
    erfinv_(...args: Parameters<Tensor["erfinv"]>): this;
    lgamma_(...args: Parameters<Tensor["lgamma"]>): this;
    digamma_(...args: Parameters<Tensor["digamma"]>): this;
    deg2rad_(...args: Parameters<Tensor["deg2rad"]>): this;
    rad2deg_(...args: Parameters<Tensor["rad2deg"]>): this;
    fmod_(...args: Parameters<Tensor["fmod"]>): this;
    floorDivide_(...args: Parameters<Tensor["floorDivide"]>): this;
    hypot_(...args: Parameters<Tensor["hypot"]>): this;
    xlogy_(...args: Parameters<Tensor["xlogy"]>): this;
    copysign_(...args: Parameters<Tensor["copysign"]>): this;
    atan2_(...args: Parameters<Tensor["atan2"]>): this;
    heaviside_(...args: Parameters<Tensor["heaviside"]>): this;
    cumprod_(...args: Parameters<Tensor["cumprod"]>): this;
    lt_(...args: Parameters<Tensor["lt"]>): this;
    le_(...args: Parameters<Tensor["le"]>): this;
    gt_(...args: Parameters<Tensor["gt"]>): this;
    ge_(...args: Parameters<Tensor["ge"]>): this;
    logicalAnd_(...args: Parameters<Tensor["logicalAnd"]>): this;
    logicalOr_(...args: Parameters<Tensor["logicalOr"]>): this;
    logicalXor_(...args: Parameters<Tensor["logicalXor"]>): this;
    baddbmm_(...args: Parameters<Tensor["baddbmm"]>): this;
    addmv_(...args: Parameters<Tensor["addmv"]>): this;
    addr_(...args: Parameters<Tensor["addr"]>): this;
    addbmm_(...args: Parameters<Tensor["addbmm"]>): this;
    ldexp_(...args: Parameters<Tensor["ldexp"]>): this;
    i0_(...args: Parameters<Tensor["i0"]>): this;
    absolute_(...args: Parameters<Tensor["absolute"]>): this;
    arccos_(...args: Parameters<Tensor["arccos"]>): this;
    arccosh_(...args: Parameters<Tensor["arccosh"]>): this;
    arcsin_(...args: Parameters<Tensor["arcsin"]>): this;
    arcsinh_(...args: Parameters<Tensor["arcsinh"]>): this;
    arctan_(...args: Parameters<Tensor["arctan"]>): this;
    arctanh_(...args: Parameters<Tensor["arctanh"]>): this;
    clip_(...args: Parameters<Tensor["clip"]>): this;
    divide_(...args: Parameters<Tensor["divide"]>): this;
    fix_(...args: Parameters<Tensor["fix"]>): this;
    greater_(...args: Parameters<Tensor["greater"]>): this;
    greaterEqual_(...args: Parameters<Tensor["greaterEqual"]>): this;
    less_(...args: Parameters<Tensor["less"]>): this;
    lessEqual_(...args: Parameters<Tensor["lessEqual"]>): this;
    multiply_(...args: Parameters<Tensor["multiply"]>): this;
    negative_(...args: Parameters<Tensor["negative"]>): this;
    notEqual_(...args: Parameters<Tensor["notEqual"]>): this;
    subtract_(...args: Parameters<Tensor["subtract"]>): this;
    sgn_(...args: Parameters<Tensor["sgn"]>): this;
    trueDivide_(...args: Parameters<Tensor["trueDivide"]>): this;
    arctan2_(...args: Parameters<Tensor["arctan2"]>): this;
    polygamma_(...args: Parameters<Tensor["polygamma"]>): this;
    mvlgamma_(...args: Parameters<Tensor["mvlgamma"]>): this;
    renorm_(...args: Parameters<Tensor["renorm"]>): this;
    /** 0 everywhere. */
    zero_(): this;
    /** A number, or a scalar tensor, everywhere. */
    fill_(value: Operand): this;
    /** The elements of another tensor, which broadcasts and is converted. */
    copy_(source: Tensor): this;
    /** Draws from the uniform distribution on [from, to) everywhere. */
    uniform_(from?: number, to?: number): this;
    /** Draws from a normal distribution everywhere. */
    normal_(mean?: number, std?: number): this;
    /** 1 with probability `p`, else 0, everywhere. */
    bernoulli_(p?: number): this;
    /** A number on the diagonal of a matrix. */
    fillDiagonal_(value: number): this;
    /** Cuts this off from what made it. */
    detach_(): this;
    /** The same elements outside the graph, for changing them there. */
    readonly data: Tensor;
  }
}

const proto = Tensor.prototype;

// Each is what its functional form gives, written over the tensor.
const FUNCTIONAL = [
  ...["add", "sub", "mul", "div", "pow", "remainder", "neg", "abs", "sign", "floor", "ceil", "round", "trunc"],
  ...["exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "square", "sin", "cos", "tanh", "sigmoid", "relu"],
  ...["clamp", "clampMin", "clampMax", "lerp", "addcmul", "addcdiv", "addmm", "nanToNum", "tril", "triu", "cumsum"],
  ...["maskedFill", "maskedScatter", "scatter", "scatterAdd", "indexAdd", "indexCopy", "indexFill", "indexPut"],
  ...["eq", "ne", "logicalNot"],
  ...["acos", "acosh", "asin", "asinh", "atan", "atanh", "tan", "sinh", "cosh"],
  ...["erf", "erfc", "exp2", "log2", "log10", "frac", "logit", "sinc", "erfinv"],
  ...["lgamma", "digamma", "deg2rad", "rad2deg", "fmod", "floorDivide", "hypot", "xlogy", "copysign"],
  ...["atan2", "heaviside", "cumprod", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr"],
  ...["logicalXor", "baddbmm", "addmv", "addr", "addbmm", "ldexp", "i0", "absolute", "arccos"],
  ...["arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "clip", "divide", "fix", "greater"],
  ...["greaterEqual", "less", "lessEqual", "multiply", "negative", "notEqual", "subtract", "sgn", "trueDivide"],
  ...["arctan2", "polygamma", "mvlgamma", "renorm"],
];
for (const name of FUNCTIONAL) {
  const functional: unknown = Reflect.get(proto, name);
  if (typeof functional !== "function") throw new Error(`there is no method ${name}`);
  Object.defineProperty(proto, `${name}_`, {
    value(this: Tensor, ...args: readonly unknown[]) {
      const others = args.filter((arg) => arg instanceof Tensor);
      return writeInPlace(`${name}_`, this, others, (x) => Reflect.apply(functional, x, args) as Tensor);
    },
    writable: true,
    configurable: true,
  });
}

proto.fill_ = function (value) {
  if (value instanceof Tensor) {
    if (value.rank > 0)
      throw new EngineError(
        "shape",
        `fill_: the value must be a number or a scalar tensor, this has ${value.rank} axes`,
      );
    return writeInPlace("fill_", this, [value], (x) => apply(copy, [x, value]));
  }
  const number = expectNumber("fill_", value, "a number or a scalar tensor");
  return writeInPlace("fill_", this, [], (x) => apply(fill, [x], { value: number }));
};
proto.zero_ = function () {
  return writeInPlace("zero_", this, [], (x) => apply(fill, [x], { value: 0 }));
};
proto.copy_ = function (source) {
  expectTensor("copy_", source);
  return writeInPlace("copy_", this, [source], (x) => apply(copy, [x, source]));
};
proto.uniform_ = function (from = 0, to = 1) {
  const [low, high] = [expectNumber("uniform_", from), expectNumber("uniform_", to)];
  if (low > high) throw new EngineError("value", `uniform_: there is nothing from ${low} to ${high}`);
  return this.copy_(
    rand(this.shape, { dtype: "float64" })
      .mul(high - low)
      .add(low),
  );
};
proto.normal_ = function (mean = 0, std = 1) {
  return this.copy_(
    normal(expectNumber("normal_", mean), expectNumber("normal_", std), this.shape, { dtype: "float64" }),
  );
};
proto.bernoulli_ = function (p = 0.5) {
  return this.copy_(bernoulli(full(this.shape, expectNumber("bernoulli_", p), { dtype: "float64" })));
};
proto.fillDiagonal_ = function (value) {
  this.diagonal().fill_(value);
  return this;
};
proto.detach_ = function () {
  cutOff(this);
  return this;
};
defineReadOnly("data", function () {
  return this.detach();
});
