import { apply } from "../../ops/apply.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    add(other: Tensor): Tensor;
    mul(other: Tensor): Tensor;
  }
}

Tensor.prototype.add = function (other) {
  return apply(add, [this, other]);
};
Tensor.prototype.mul = function (other) {
  return apply(mul, [this, other]);
};
