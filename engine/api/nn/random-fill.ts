import { EngineError } from "../../context/engine-error.ts";
import { elementsOf } from "../../ops/dense.ts";
import { runtime } from "../../core/runtime.ts";
import { nextCounter, randomSeed } from "../../core/random-state.ts";
import { isFloating, Tensor } from "../../core/tensor.ts";

/** Fills a tensor, outside the graph, with draws from the uniform distribution on [low, high). */
export function fillUniform(x: Tensor, low: number, high: number): Tensor {
  return fill(x, (out) => {
    runtime.kernels.uniform(out, randomSeed(), nextCounter(out.numel()));
    scale(out, high - low, low);
  });
}

/** Fills a tensor, outside the graph, with draws from the normal distribution. */
export function fillNormal(x: Tensor, mean: number, std: number): Tensor {
  return fill(x, (out) => {
    runtime.kernels.normal(out, randomSeed(), nextCounter(out.numel()));
    scale(out, std, mean);
  });
}

/** Lets `draw` fill x, or a dense tensor that is then copied into it. */
function fill(x: Tensor, draw: (out: Tensor) => void): Tensor {
  if (!isFloating(x.dtype)) {
    throw new EngineError("dtype", `init: only floating-point tensors can be filled with draws, this is ${x.dtype}`);
  }
  x.storage.prepareWrite(x.numel() !== x.storage.length);
  if (x.isContiguous()) draw(x);
  else {
    const drawn = Tensor.empty(x.shape, x.dtype);
    draw(drawn);
    runtime.kernels.copy(drawn, x);
  }
  return x;
}

function scale(x: Tensor, factor: number, shift: number): void {
  const { elements, start } = elementsOf(x);
  for (let i = start; i < start + x.numel(); i++) elements[i] = elements[i]! * factor + shift;
}
