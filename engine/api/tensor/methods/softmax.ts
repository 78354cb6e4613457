import { logSoftmax, softmax } from "../../functional/softmax.ts";
import { Tensor } from "../../../core/tensor.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** e^x / Σ e^x along `dim`. */
    softmax(dim: number): Tensor;
    /** x − log Σ e^x along `dim`, without computing the softmax first. */
    logSoftmax(dim: number): Tensor;
  }
}

Tensor.prototype.softmax = function (dim) {
  return softmax(this, dim);
};
Tensor.prototype.logSoftmax = function (dim) {
  return logSoftmax(this, dim);
};
