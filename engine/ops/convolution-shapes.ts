import { EngineError, formatShape } from "../context/engine-error.ts";
import type { Tensor } from "../core/tensor.ts";
import { requireOneFloat } from "./dense.ts";
import { SPATIAL_LETTERS, type SpatialRank } from "./spatial-axes.ts";

/** One entry per spatial axis. */
export type ConvolutionAttributes = {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
};
export type TransposedAttributes = ConvolutionAttributes & { readonly outputPadding: readonly number[] };

/** @throws EngineError unless x [N, C, ...], weight and bias belong to a convolution over `axes` axes. */
function checkRanks(name: string, axes: SpatialRank, inputs: readonly Tensor[]): void {
  const [x, weight] = inputs as readonly [Tensor, Tensor];
  requireOneFloat(name, inputs);
  if (x.rank !== axes + 2 || weight.rank !== axes + 2) {
    throw new EngineError(
      "shape",
      `${name}: expected x [N, C, ${SPATIAL_LETTERS[axes]}] and weight with ${axes + 2} axes, found ${formatShape(x.shape)} and ${formatShape(weight.shape)}`,
    );
  }
}

function checkBias(name: string, bias: Tensor | undefined, outChannels: number): void {
  if (bias === undefined || (bias.rank === 1 && bias.shape[0] === outChannels)) return;
  throw new EngineError(
    "shape",
    `${name}: bias ${formatShape(bias.shape)} does not fit ${outChannels} output channels`,
  );
}

/** The shape of x [N, C, ...] ∗ weight [O, C / groups, ...] (+ bias [O]). @throws EngineError where they do not fit. */
export function convolutionShape(
  name: string,
  axes: SpatialRank,
  inputs: readonly Tensor[],
  { stride, padding, dilation, groups }: ConvolutionAttributes,
): number[] {
  checkRanks(name, axes, inputs);
  const [x, w, bias] = inputs as readonly [Tensor, Tensor, Tensor | undefined];
  const [count, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const [outChannels, perGroup, ...kernel] = w.shape as [number, number, ...number[]];
  if (channels !== perGroup * groups || outChannels % groups !== 0) {
    throw new EngineError(
      "shape",
      `${name}: x ${formatShape(x.shape)} has ${channels} channels, weight ${formatShape(w.shape)} with ${groups} group${groups === 1 ? "" : "s"} takes ${perGroup * groups}`,
    );
  }
  checkBias(name, bias, outChannels);
  const out = sizes.map((size, i) => {
    const field = dilation[i]! * (kernel[i]! - 1) + 1;
    if (size + 2 * padding[i]! < field) {
      throw new EngineError(
        "shape",
        `${name}: the kernel reaches over ${field}, more than the padded input's ${size + 2 * padding[i]!} of x ${formatShape(x.shape)}`,
      );
    }
    return Math.floor((size + 2 * padding[i]! - field) / stride[i]!) + 1;
  });
  return [count, outChannels, ...out];
}

/** The shape of what a transposed convolution gives. @throws EngineError where x, weight and bias do not fit. */
export function transposedShape(
  name: string,
  axes: SpatialRank,
  inputs: readonly Tensor[],
  { stride, padding, dilation, groups, outputPadding }: TransposedAttributes,
): number[] {
  checkRanks(name, axes, inputs);
  const [x, w, bias] = inputs as readonly [Tensor, Tensor, Tensor | undefined];
  const [count, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const [inChannels, perGroup, ...kernel] = w.shape as [number, number, ...number[]];
  if (channels !== inChannels || channels % groups !== 0) {
    throw new EngineError(
      "shape",
      `${name}: x ${formatShape(x.shape)} has ${channels} channels, weight ${formatShape(w.shape)} takes ${inChannels}`,
    );
  }
  checkBias(name, bias, perGroup * groups);
  const out = sizes.map((size, i) => {
    if (outputPadding[i]! >= Math.max(stride[i]!, dilation[i]!)) {
      throw new EngineError(
        "value",
        `${name}: outputPadding ${outputPadding[i]!} must be smaller than stride or dilation`,
      );
    }
    return (size - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (kernel[i]! - 1) + outputPadding[i]! + 1;
  });
  if (out.some((size) => size < 1)) {
    throw new EngineError("shape", `${name}: x ${formatShape(x.shape)} gives an output of size ${formatShape(out)}`);
  }
  return [count, perGroup * groups, ...out];
}
