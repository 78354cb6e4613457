import { cutOff, writeInPlace } from "../../../autograd/in-place.ts";
import { EngineError } from "../../../context/engine-error.ts";
import { apply } from "../../../ops/apply.ts";
import { expectNumber, expectTensor, type Operand } from "../../../ops/operands.ts";
import { copy, fill } from "../../../ops/writes.ts";
import { full } from "../../../core/creation.ts";
import { bernoulli, normal, rand } from "../random.ts";
import { Tensor } from "../../../core/tensor.ts";
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
Object.defineProperty(proto, "data", {
  get(this: Tensor): Tensor {
    return this.detach();
  },
});
