import { EngineError, formatShape } from "../../context/engine-error.ts";
import { elementsOf } from "../../ops/dense.ts";
import { runtime } from "../../core/runtime.ts";
import type { Tensor } from "../../core/tensor.ts";
import { fillNormal, fillUniform } from "./random-fill.ts";

/** What `nn.init` offers. Each fills its first argument in place, outside the graph, and returns it. */

export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";
type FanMode = "fanIn" | "fanOut";

export function constant_(x: Tensor, value: number): Tensor {
  x.storage.prepareWrite(true);
  runtime.kernels.fill(x, value);
  return x;
}

export function zeros_(x: Tensor): Tensor {
  return constant_(x, 0);
}

export function ones_(x: Tensor): Tensor {
  return constant_(x, 1);
}

/** Ones on the diagonal of a matrix, zeros elsewhere. @throws EngineError unless x has two axes. */
export function eye_(x: Tensor): Tensor {
  if (x.rank !== 2) throw new EngineError("shape", `init.eye_: expected a matrix, found ${formatShape(x.shape)}`);
  zeros_(x);
  const { elements, start } = elementsOf(x);
  for (let i = 0; i < Math.min(x.shape[0]!, x.shape[1]!); i++)
    elements[start + i * (x.strides[0]! + x.strides[1]!)] = 1;
  return x;
}

/**
 * Keeps what a convolution's input is: weight [out, in, ...kernel] has ones at its centre, where out and in are the same.
 * @throws EngineError unless x has 3, 4 or 5 axes, and its first divides by `groups`.
 */
export function dirac_(x: Tensor, groups = 1): Tensor {
  if (x.rank < 3 || x.rank > 5 || x.shape[0]! % groups !== 0) {
    throw new EngineError(
      "shape",
      `init.dirac_: expected a weight [out, in, ...kernel] with out a multiple of ${groups}, found ${formatShape(x.shape)}`,
    );
  }
  zeros_(x);
  const { elements, start } = elementsOf(x);
  const perGroup = x.shape[0]! / groups;
  const centre = x.shape.slice(2).reduce((at, size, i) => at + Math.floor(size / 2) * x.strides[i + 2]!, 0);
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < Math.min(perGroup, x.shape[1]!); i++) {
      elements[start + (group * perGroup + i) * x.strides[0]! + i * x.strides[1]! + centre] = 1;
    }
  }
  return x;
}

export function uniform_(x: Tensor, low = 0, high = 1): Tensor {
  return fillUniform(x, low, high);
}

export function normal_(x: Tensor, mean = 0, std = 1): Tensor {
  return fillNormal(x, mean, std);
}

/** Normal draws, those outside [low, high] drawn again. */
export function truncNormal_(x: Tensor, mean = 0, std = 1, low = -2, high = 2): Tensor {
  fillNormal(x, mean, std);
  const { elements, start } = elementsOf(x);
  const draw = fillNormal(x.detach().clone(), mean, std);
  for (let i = 0; i < x.numel(); i++) {
    for (let tries = 0; elements[start + i]! < low || elements[start + i]! > high; tries++) {
      const spare = elementsOf(draw);
      const at = (i + tries) % x.numel();
      if (tries > 0 && at === i) fillNormal(draw, mean, std);
      elements[start + i] = spare.elements[spare.start + at]!;
    }
  }
  return x;
}

/** Uniform on ±gain · √(6 / (fanIn + fanOut)). Glorot and Bengio, 2010. */
export function xavierUniform_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(x);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return fillUniform(x, -bound, bound);
}

/** Normal with σ = gain · √(2 / (fanIn + fanOut)). Glorot and Bengio, 2010. */
export function xavierNormal_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(x);
  return fillNormal(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

export interface KaimingOptions {
  /** Negative slope, for leakyRelu. */
  readonly a?: number;
  readonly mode?: FanMode;
  readonly nonlinearity?: Nonlinearity;
}

/** Uniform on ±gain · √(3 / fan). He and others, 2015. */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = kaimingStd(x, options) * Math.sqrt(3);
  return fillUniform(x, -bound, bound);
}

/** Normal with σ = gain / √fan. He and others, 2015. */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  return fillNormal(x, 0, kaimingStd(x, options));
}

function kaimingStd(x: Tensor, { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions): number {
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(x)[mode]);
}

/** Rows (or columns, if there are fewer) orthonormal, times `gain`. Saxe and others, 2013. */
export function orthogonal_(x: Tensor, gain = 1): Tensor {
  if (x.rank < 2)
    throw new EngineError("shape", `init.orthogonal_: expected two axes or more, found ${formatShape(x.shape)}`);
  fillNormal(x, 0, 1);
  const rows = x.shape[0]!;
  const columns = x.numel() / rows;
  const { elements, start } = elementsOf(x);
  const byRow = rows <= columns;
  const [count, length] = byRow ? [rows, columns] : [columns, rows];
  const at = (vector: number, i: number): number => start + (byRow ? vector * columns + i : i * columns + vector);
  const dot = (u: number, v: number): number => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += elements[at(u, i)]! * elements[at(v, i)]!;
    return sum;
  };
  for (let v = 0; v < count; v++) {
    for (let u = 0; u < v; u++) {
      const projection = dot(u, v);
      for (let i = 0; i < length; i++) elements[at(v, i)]! -= projection * elements[at(u, i)]!;
    }
    const norm = Math.sqrt(dot(v, v));
    for (let i = 0; i < length; i++) elements[at(v, i)]! /= norm;
  }
  for (let i = 0; i < x.numel(); i++) elements[start + i]! *= gain;
  return x;
}

/** The factor by which a nonlinearity shrinks the spread of its input, to be made up for. */
export function calculateGain(nonlinearity: Nonlinearity, a = 0.01): number {
  switch (nonlinearity) {
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + a * a));
    case "tanh":
      return 5 / 3;
    case "selu":
      return 3 / 4;
    default:
      return 1;
  }
}

/** How many inputs and outputs each unit of a weight [out, in, ...kernel] has. */
export function fans(x: Tensor): { readonly fanIn: number; readonly fanOut: number } {
  if (x.rank < 2) {
    throw new EngineError("shape", `init: fan in and fan out need two axes or more, found ${formatShape(x.shape)}`);
  }
  const field = x.numel() / (x.shape[0]! * x.shape[1]!);
  return { fanIn: x.shape[1]! * field, fanOut: x.shape[0]! * field };
}
