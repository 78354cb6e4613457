import { apply } from "../../../ops/apply.ts";
import * as comparisons from "../../../ops/comparisons.ts";
import { expectNumber, expectTensor, type Operand } from "../../../ops/operands.ts";
import { Tensor } from "../../../core/tensor.ts";

export interface ClosenessOptions {
  readonly rtol?: number;
  readonly atol?: number;
  readonly equalNan?: boolean;
}

declare module "../../../core/tensor.ts" {
  interface Tensor {
    eq(other: Operand): Tensor;
    ne(other: Operand): Tensor;
    lt(other: Operand): Tensor;
    le(other: Operand): Tensor;
    gt(other: Operand): Tensor;
    ge(other: Operand): Tensor;
    logicalAnd(other: Tensor): Tensor;
    logicalOr(other: Tensor): Tensor;
    logicalXor(other: Tensor): Tensor;
    logicalNot(): Tensor;
    isnan(): Tensor;
    isinf(): Tensor;
    isfinite(): Tensor;
    /** Where |this − other| ≤ atol + rtol · |other|. */
    isclose(other: Tensor, options?: ClosenessOptions): Tensor;
    /** Whether all elements are close. */
    allclose(other: Tensor, options?: ClosenessOptions): boolean;
    /** Whether shape and all elements are equal. */
    equal(other: Tensor): boolean;
  }
}

const proto = Tensor.prototype;

const RELATIONS = ["eq", "ne", "lt", "le", "gt", "ge"] as const;
for (const name of RELATIONS) {
  const relation = comparisons[name];
  proto[name] = function (other: Operand) {
    return comparisons.compare(relation, this, other);
  };
}
for (const name of ["logicalNot", "isnan", "isinf", "isfinite"] as const) {
  const op = comparisons[name];
  proto[name] = function () {
    return apply(op, [this]);
  };
}
for (const name of ["logicalAnd", "logicalOr", "logicalXor"] as const) {
  const relation = comparisons[name];
  proto[name] = function (other: Tensor) {
    return comparisons.compare(relation, this, expectTensor(name, other));
  };
}
proto.isclose = function (other, options) {
  const rtol = expectNumber("isclose", options?.rtol ?? 1e-5);
  const atol = expectNumber("isclose", options?.atol ?? 1e-8);
  const equalNan = options?.equalNan ?? false;
  return comparisons.isclose(this, expectTensor("isclose", other), rtol, atol, equalNan);
};
proto.allclose = function (other, options) {
  return this.isclose(expectTensor("allclose", other), options).all().item() === 1;
};
proto.equal = function (other) {
  expectTensor("equal", other);
  return this.shape.join() === other.shape.join() && this.eq(other).all().item() === 1;
};
