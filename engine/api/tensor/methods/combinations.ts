import { composite } from "../../../context/scope.ts";
import { EngineError } from "../../../context/engine-error.ts";
import { expectNumber, expectTensor, type Operand } from "../../../ops/operands.ts";
import { select } from "../../../ops/selection.ts";
import { isFloating, Tensor } from "../../../core/tensor.ts";

// Functions that people know by one name and that are made of a few ops: one group on the tape.

const proto = Tensor.prototype;

proto.lerp = function (end, weight) {
  expectTensor("lerp", end, "the end as a tensor");
  if (!isFloating(this.dtype))
    throw new EngineError("dtype", `lerp: only defined for floating-point tensors, this is ${this.dtype}`);
  if (end.dtype !== this.dtype) {
    throw new EngineError("dtype", `lerp: start and end must have one dtype, found ${this.dtype} and ${end.dtype}`);
  }
  if (!(weight instanceof Tensor)) expectNumber("lerp", weight, "the weight to be a number or a tensor");
  return composite("lerp", () => this.add(end.sub(this).mul(weight)));
};
proto.addcmul = function (a, b, options) {
  const value = expectNumber("addcmul", options?.value ?? 1);
  const product = (): Tensor => expectTensor("addcmul", a).mul(expectTensor("addcmul", b));
  return composite("addcmul", () => this.add(value === 1 ? product() : product().mul(value)));
};
proto.addcdiv = function (a, b, options) {
  const value = expectNumber("addcdiv", options?.value ?? 1);
  const quotient = (): Tensor => expectTensor("addcdiv", a).div(expectTensor("addcdiv", b));
  return composite("addcdiv", () => this.add(value === 1 ? quotient() : quotient().mul(value)));
};
proto.logaddexp = function (other) {
  expectTensor("logaddexp", other);
  return composite("logaddexp", () => {
    const top = this.maximum(other).detach();
    const shift = top.maskedFill(top.isinf(), 0);
    return this.sub(shift).exp().add(other.sub(shift).exp()).log().add(shift);
  });
};
proto.hypot = function (other) {
  expectTensor("hypot", other);
  return composite("hypot", () => this.square().add(other.square()).sqrt());
};
proto.xlogy = function (other: Operand) {
  return composite("xlogy", () => {
    const logarithm = other instanceof Tensor ? other.log() : Math.log(expectNumber("xlogy", other));
    return select(this.eq(0), 0, this.mul(logarithm));
  });
};
proto.copysign = function (other: Operand) {
  const negative =
    other instanceof Tensor ? other.lt(0).logicalOr(other.eq(0).logicalAnd(other.reciprocal().lt(0))) : null;
  if (negative === null) return Object.is(other, -0) || Number(other) < 0 ? this.abs().neg() : this.abs();
  return select(negative, this.abs().neg(), this.abs());
};
