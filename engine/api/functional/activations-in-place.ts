import type { Tensor } from "../../core/tensor.ts";
import * as A from "./activations.ts";

/** Activations that change their argument in place, as those of PyTorch with a trailing underscore do, and return it. */

export function relu_(x: Tensor): Tensor {
  return x.relu_();
}

export function elu_(x: Tensor, alpha = 1): Tensor {
  return x.copy_(A.elu(x.clone(), alpha));
}

export function celu_(x: Tensor, alpha = 1): Tensor {
  return x.copy_(A.celu(x.clone(), alpha));
}

export function selu_(x: Tensor): Tensor {
  return x.copy_(A.selu(x.clone()));
}

export function leakyRelu_(x: Tensor, negativeSlope = 0.01): Tensor {
  return x.copy_(A.leakyRelu(x.clone(), negativeSlope));
}

export function hardtanh_(x: Tensor, min = -1, max = 1): Tensor {
  return x.copy_(A.hardtanh(x.clone(), min, max));
}

export function threshold_(x: Tensor, limit: number, value: number): Tensor {
  return x.copy_(A.threshold(x.clone(), limit, value));
}
