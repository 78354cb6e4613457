import { logSoftmax, softmax } from "../../functional/softmax.ts";
import type { Positional } from "./positional.ts";
import { Tensor } from "../../../core/tensor.ts";

declare module "../../../core/tensor.ts" {
  interface Tensor {
    /** e^x / Σ e^x along `dim`. */
    softmax(keywords: { readonly dim: number }): Tensor;
    softmax(dim: number): Tensor;
    /** x − log Σ e^x along `dim`, without computing the softmax first. */
    logSoftmax(keywords: { readonly dim: number }): Tensor;
    logSoftmax(dim: number): Tensor;
  }
}

const proto = Tensor.prototype as unknown as Positional;

proto.softmax = function (dim) {
  return softmax(this, dim);
};
proto.logSoftmax = function (dim) {
  return logSoftmax(this, dim);
};
