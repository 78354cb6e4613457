import { apply } from "../../../ops/apply.ts";
import * as arithmetic from "../../../ops/arithmetic.ts";
import { convert } from "../../../ops/conversion.ts";
import * as exponential from "../../../ops/exponential.ts";
import * as nonlinearities from "../../../ops/nonlinearities.ts";
import { checkOptions } from "../../../context/options.ts";
import {
  binary,
  binaryFloating,
  describeValue,
  expectNumber,
  expectTensor,
  floating,
  resultType,
  type Operand,
} from "../../../ops/operands.ts";
import type { Op } from "../../../ops/op.ts";
import * as rounding from "../../../ops/rounding.ts";
import * as selection from "../../../ops/selection.ts";
import * as trigonometric from "../../../ops/trigonometric.ts";
import { EngineError } from "../../../context/engine-error.ts";
import { isFloating, Tensor } from "../../../core/tensor.ts";

export interface ClampOptions {
  readonly min?: Operand | null;
  readonly max?: Operand | null;
}

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** this + alpha · other. Broadcasts. */
    add(other: Operand, options?: { readonly alpha?: number }): Tensor;
    /** this − alpha · other. Broadcasts. */
    sub(other: Operand, options?: { readonly alpha?: number }): Tensor;
    /** other − this. PyTorch: `torch.rsub`. */
    rsub(other: Operand): Tensor;
    /** this · other, element by element. Broadcasts. */
    mul(other: Operand): Tensor;
    /** this / other; integers give float32. With `roundingMode` the quotient is rounded and carries no gradient. */
    div(other: Operand, options?: { readonly roundingMode?: "floor" | "trunc" | null }): Tensor;
    /** ⌊this / other⌋. PyTorch: `floor_divide`. */
    floorDivide(other: Operand): Tensor;
    /** The rest of a division, with the sign of the divisor. */
    remainder(other: Operand): Tensor;
    /** The rest of a division, with the sign of this. */
    fmod(other: Operand): Tensor;
    /** this to the power of `exponent`, element by element. */
    pow(exponent: Operand): Tensor;
    neg(): Tensor;
    /** The magnitude; its gradient at 0 is 0. */
    abs(): Tensor;
    /** −1, 0 or 1. */
    sign(): Tensor;
    floor(): Tensor;
    ceil(): Tensor;
    /** To the nearest whole number, halves to the even one, or to so many decimals. */
    round(options?: { readonly decimals?: number }): Tensor;
    trunc(): Tensor;
    /** What is left after `trunc()`. */
    frac(): Tensor;
    exp(): Tensor;
    /** e^x − 1, exact near 0. */
    expm1(): Tensor;
    log(): Tensor;
    /** ln(1 + x), exact near 0. */
    log1p(): Tensor;
    log2(): Tensor;
    log10(): Tensor;
    sqrt(): Tensor;
    /** 1 / √x. */
    rsqrt(): Tensor;
    reciprocal(): Tensor;
    square(): Tensor;
    erf(): Tensor;
    erfc(): Tensor;
    exp2(): Tensor;
    sin(): Tensor;
    cos(): Tensor;
    tan(): Tensor;
    asin(): Tensor;
    acos(): Tensor;
    atan(): Tensor;
    /** The angle of the point (other, this). */
    atan2(other: Tensor): Tensor;
    sinh(): Tensor;
    asinh(): Tensor;
    acosh(): Tensor;
    atanh(): Tensor;
    cosh(): Tensor;
    tanh(): Tensor;
    /** 1 / (1 + e^(−x)). */
    sigmoid(): Tensor;
    /** ln(x / (1 − x)), the inverse of sigmoid. With `eps`, x is first clamped to [eps, 1 − eps]. */
    logit(eps?: number | null): Tensor;
    /** max(0, x); its gradient at 0 is 0. */
    relu(): Tensor;
    /** Cuts to [min, max]; the gradient passes at the bounds. */
    clamp(min?: Operand | null, max?: Operand | null): Tensor;
    clamp(options: ClampOptions): Tensor;
    clampMin(min: Operand): Tensor;
    clampMax(max: Operand): Tensor;
    /** The larger of two, element by element; where they are equal each gets half of the gradient. */
    maximum(other: Tensor): Tensor;
    minimum(other: Tensor): Tensor;
    /** This where `condition` holds, else `other`. */
    where(condition: Tensor, other: Operand): Tensor;
    /** `value` where `mask` holds. */
    maskedFill(mask: Tensor, value: Operand): Tensor;
    /** NaN and infinities replaced by numbers; the largest finite ones for infinities when left out. */
    nanToNum(nan?: number, posinf?: number | null, neginf?: number | null): Tensor;
    /** this + weight · (end − this). */
    lerp(end: Tensor, weight: Operand): Tensor;
    /** this + value · a · b. */
    addcmul(a: Tensor, b: Tensor, options?: { readonly value?: number }): Tensor;
    /** this + value · a / b. */
    addcdiv(a: Tensor, b: Tensor, options?: { readonly value?: number }): Tensor;
    /** ln(e^this + e^other), without overflow. */
    logaddexp(other: Tensor): Tensor;
    /** √(this² + other²). */
    hypot(other: Tensor): Tensor;
    /** this · ln(other), and 0 where this is 0. */
    xlogy(other: Operand): Tensor;
    /** The magnitude of this with the sign of `other`. */
    copysign(other: Operand): Tensor;
  }
}

const proto = Tensor.prototype;

function scaled(op: string, other: Operand, alpha: number | undefined): Operand {
  if (alpha === undefined || alpha === 1) return other;
  expectNumber(op, alpha, "alpha to be a number");
  return other instanceof Tensor ? other.mul(alpha) : expectNumber(op, other, "a tensor or a number") * alpha;
}

proto.add = function (other, options) {
  checkOptions("add", options, ["alpha"]);
  return binary(arithmetic.add, arithmetic.addNumber, this, scaled("add", other, options?.alpha));
};
proto.sub = function (other, options) {
  checkOptions("sub", options, ["alpha"]);
  if (this.dtype === "bool" && other instanceof Tensor && other.dtype === "bool") {
    throw new EngineError("dtype", "sub: not defined between two bool tensors", { fix: "use .logicalXor(...)" });
  }
  return binary(arithmetic.sub, arithmetic.subNumber, this, scaled("sub", other, options?.alpha));
};
proto.rsub = function (other) {
  if (other instanceof Tensor) return other.sub(this);
  return binary(arithmetic.sub, arithmetic.numberSub, this, other);
};
proto.mul = function (other) {
  return binary(arithmetic.mul, arithmetic.mulNumber, this, other);
};
proto.div = function (other, options) {
  const mode = options?.roundingMode ?? null;
  if (mode === "floor") return this.floorDivide(other);
  const quotient = binaryFloating(arithmetic.div, arithmetic.divNumber, this, other);
  if (mode === null) return quotient;
  if ((mode as string) !== "trunc") {
    throw new EngineError("value", `div: roundingMode must be "floor" or "trunc", got ${JSON.stringify(mode)}`);
  }
  const whole =
    !isFloating(this.dtype) && (other instanceof Tensor ? !isFloating(other.dtype) : Number.isInteger(other));
  return whole ? convert(quotient.trunc(), "int64") : quotient.trunc();
};
proto.floorDivide = function (other) {
  const zero =
    other instanceof Tensor
      ? other.dtype === "int64" && this.dtype === "int64" && other.eq(0).any().item() === 1
      : other === 0;
  if (zero && !isFloating(this.dtype)) throw new EngineError("value", "floorDivide: an integer is divided by zero");
  return binary(rounding.floorDivide, rounding.floorDivideNumber, this, other);
};
proto.remainder = function (other) {
  const zero =
    other instanceof Tensor
      ? other.dtype === "int64" && this.dtype === "int64" && other.eq(0).any().item() === 1
      : other === 0;
  if (zero && !isFloating(this.dtype)) throw new EngineError("value", "remainder: an integer is divided by zero");
  return binary(rounding.remainder, rounding.remainderNumber, this, other);
};
proto.fmod = function (other) {
  return this.sub(this.div(other).trunc().mul(other));
};
proto.pow = function (exponent) {
  if (this.dtype === "int64" && typeof exponent === "number" && Number.isInteger(exponent) && exponent < 0) {
    throw new EngineError("value", `pow: integers cannot be raised to the negative power ${exponent}`, {
      fix: "convert them with .float()",
    });
  }
  return binary(exponential.pow, exponential.powNumber, this, exponent);
};

/** Whole numbers are their own floor. */
function rounded(op: Op, x: Tensor): Tensor {
  if (x.dtype === "bool") throw new EngineError("dtype", `${op.name}: not defined for bool tensors`);
  return apply(op, [x]);
}

function signed(op: Op, x: Tensor): Tensor {
  if (x.dtype === "bool") {
    throw new EngineError("dtype", `${op.name}: not defined for bool tensors`, { fix: "use .logicalNot()" });
  }
  return apply(op, [x]);
}

proto.neg = function () {
  return signed(arithmetic.neg, this);
};
proto.abs = function () {
  return signed(rounding.abs, this);
};
proto.sign = function () {
  return apply(rounding.sign, [this]);
};
proto.floor = function () {
  return rounded(rounding.floor, this);
};
proto.ceil = function () {
  return rounded(rounding.ceil, this);
};
proto.round = function (options) {
  const decimals = options?.decimals ?? 0;
  if (decimals === 0) return rounded(rounding.round, this);
  const factor = 10 ** Math.abs(expectNumber("round", decimals, "decimals to be a number"));
  return decimals > 0 ? this.mul(factor).round().div(factor) : this.div(factor).round().mul(factor);
};
proto.trunc = function () {
  return rounded(rounding.trunc, this);
};
proto.frac = function () {
  return this.sub(this.trunc());
};

// Functions whose results are floats: integers are converted first.
const FLOATING = {
  exp: exponential.exp,
  expm1: exponential.expm1,
  log: exponential.log,
  log1p: exponential.log1p,
  log2: exponential.log2,
  log10: exponential.log10,
  sqrt: exponential.sqrt,
  rsqrt: exponential.rsqrt,
  reciprocal: exponential.reciprocal,
  erf: exponential.erf,
  sin: trigonometric.sin,
  cos: trigonometric.cos,
  tan: trigonometric.tan,
  asin: trigonometric.asin,
  acos: trigonometric.acos,
  atan: trigonometric.atan,
  asinh: trigonometric.asinh,
  acosh: trigonometric.acosh,
  atanh: trigonometric.atanh,
  sinh: trigonometric.sinh,
  cosh: trigonometric.cosh,
  tanh: nonlinearities.tanh,
  sigmoid: nonlinearities.sigmoid,
} as const;
for (const name of Object.keys(FLOATING) as (keyof typeof FLOATING)[]) {
  const op = FLOATING[name];
  proto[name] = function () {
    return apply(op, [floating(this)]);
  };
}

proto.square = function () {
  return apply(exponential.square, [this.dtype === "bool" ? convert(this, "int64") : this]);
};
proto.erfc = function () {
  return this.erf().rsub(1);
};
proto.exp2 = function () {
  return apply(exponential.numberPow, [floating(this)], { value: 2 });
};
proto.relu = function () {
  if (this.dtype === "bool") throw new EngineError("dtype", "relu: not defined for bool tensors");
  return apply(nonlinearities.relu, [this]);
};
proto.logit = function (eps) {
  const x = typeof eps === "number" ? floating(this).clamp(eps, 1 - eps) : floating(this);
  return x.div(x.rsub(1)).log();
};
proto.atan2 = function (other) {
  const dtype = resultType(this, expectTensor("atan2", other));
  return apply(trigonometric.atan2, [floating(convert(this, dtype)), floating(convert(other, dtype))]);
};

proto.clamp = function (min?: Operand | null | ClampOptions, max?: Operand | null) {
  if (typeof min === "object" && min !== null && !(min instanceof Tensor)) {
    return selection.clampTo("clamp", this, min.min, min.max);
  }
  return selection.clampTo("clamp", this, min, max);
};
proto.clampMin = function (min) {
  return selection.clampTo("clampMin", this, min, null);
};
proto.clampMax = function (max) {
  return selection.clampTo("clampMax", this, null, max);
};

function extreme(op: Op, x: Tensor, other: unknown): Tensor {
  if (!(other instanceof Tensor)) {
    throw new EngineError("value", `${op.name}: expected a tensor, got ${describeValue(other)}`, {
      fix: "use .clamp({ min }) or .clamp({ max }) with a number",
    });
  }
  const dtype = resultType(x, other);
  return apply(op, [convert(x, dtype), convert(other, dtype)]);
}
proto.maximum = function (other) {
  return extreme(selection.maximum, this, other);
};
proto.minimum = function (other) {
  return extreme(selection.minimum, this, other);
};

proto.where = function (condition, other) {
  return selection.select(condition, this, other);
};
proto.maskedFill = function (mask, value) {
  expectTensor("maskedFill", mask, "a bool mask");
  if (value instanceof Tensor) {
    if (value.rank > 0) {
      throw new EngineError(
        "shape",
        `maskedFill: the value must be a number or a scalar tensor, this has ${value.rank} axes`,
      );
    }
    return selection.select(mask, convert(value, this.dtype), this);
  }
  return apply(selection.maskedFill, [this, mask], {
    value: expectNumber("maskedFill", value, "the value to be a number"),
  });
};
proto.nanToNum = function (nan = 0, posinf, neginf) {
  if (!isFloating(this.dtype)) return this;
  const largest = this.dtype === "float32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  return this.maskedFill(this.isnan(), nan)
    .maskedFill(this.eq(Infinity), posinf ?? largest)
    .maskedFill(this.eq(-Infinity), neginf ?? -largest);
};
