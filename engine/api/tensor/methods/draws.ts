import { Tensor } from "../../../core/tensor.ts";
import { bernoulli, multinomial } from "../random.ts";

declare module "../../../core/tensor.ts" {
  /** Random numbers whose distribution a tensor says. */
  interface Tensor {
    /** Positions drawn with these weights, [n] or [rows, n]; int64. */
    multinomial(numSamples: number, replacement?: boolean): Tensor;
    /** 1 with the probability that each element gives, else 0. */
    bernoulli(): Tensor;
  }
}

const proto = Tensor.prototype;

proto.multinomial = function (numSamples, replacement = false) {
  return multinomial(this, numSamples, replacement);
};
proto.bernoulli = function () {
  return bernoulli(this);
};
