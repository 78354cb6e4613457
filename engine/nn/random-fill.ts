import { elementsOf } from "../ops/dense.ts";
import { runtime } from "../runtime.ts";
import { nextCounter, randomSeed } from "../tensor/random-state.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Fills a dense tensor, outside the graph, with draws from the uniform distribution on [low, high). */
export function fillUniform(x: Tensor, low: number, high: number): Tensor {
  x.storage.prepareWrite(false);
  runtime.kernels.uniform(x, randomSeed(), nextCounter(x.numel()));
  return scale(x, high - low, low);
}

/** Fills a dense tensor, outside the graph, with draws from the normal distribution. */
export function fillNormal(x: Tensor, mean: number, std: number): Tensor {
  x.storage.prepareWrite(false);
  runtime.kernels.normal(x, randomSeed(), nextCounter(x.numel()));
  return scale(x, std, mean);
}

function scale(x: Tensor, factor: number, shift: number): Tensor {
  const { elements, start } = elementsOf(x);
  for (let i = start; i < start + x.numel(); i++) elements[i] = elements[i]! * factor + shift;
  return x;
}
