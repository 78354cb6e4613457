import { EngineError, formatShape } from "../../context/engine-error.ts";
import { expectTensor } from "../../ops/operands.ts";
import { runtime } from "../../core/runtime.ts";
import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { PerAxis } from "../functional/convolution.ts";
import * as convolution from "./convolution.ts";
import { fans } from "./init.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import * as normalisation from "./normalisation.ts";
import { fillUniform } from "./random-fill.ts";
import { isUninitialized, materialize, uninitialized } from "./uninitialized.ts";

/*
 * Layers that learn their input's size from the first x that they get, and are ordinary layers from then on. Until then
 * their parameters have no elements; an optimizer that was given them has the right ones. PyTorch: `torch.nn.Lazy…`.
 */

/** A layer with a weight and perhaps a bias, both drawn from ±1/√(fan in). */
interface Weighted extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
}

/** A layer whose weight, bias and statistics are one number for each feature. */
interface PerFeature extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
  forward(x: Tensor): Tensor;
}

function awaitSizes(tensors: readonly (Tensor | null | undefined)[]): void {
  for (const tensor of tensors) if (tensor) uninitialized(tensor);
}

/** The size of x along `axis`, counted from the end. @throws EngineError when x has no such axis. */
function sizeAt(layer: Module, given: unknown, axis: number): number {
  const x = expectTensor(layer.constructor.name, given);
  const size = x.shape.at(axis);
  if (size !== undefined) return size;
  throw new EngineError(
    "shape",
    `${layer.constructor.name}: x ${formatShape(x.shape)} has too few axes to tell the sizes`,
  );
}

/** Makes an ordinary layer of a lazy one: PyTorch changes the class too. */
function become(layer: Module, kind: { readonly prototype: Module }, facts: Readonly<Record<string, number>>): void {
  Object.assign(layer, facts);
  Object.setPrototypeOf(layer, kind.prototype);
}

/** Gives a layer's weight the shape that x asks for, unless a state that was loaded has, and draws weight and bias. */
function drawWeights(layer: Weighted, shape: Shape): void {
  const { weight, bias } = layer;
  if (isUninitialized(weight)) {
    materialize(weight, shape);
    const bound = 1 / Math.sqrt(Math.max(1, fans(weight).fanIn));
    fillUniform(weight, -bound, bound);
  }
  if (bias === null || !isUninitialized(bias)) return;
  const bound = 1 / Math.sqrt(Math.max(1, fans(weight).fanIn));
  materialize(bias, bias.shape);
  fillUniform(bias, -bound, bound);
}

/** As it starts: a weight and a variance of 1, a bias and a mean of 0. */
function fillFeatures(layer: PerFeature, features: number): void {
  const { weight, bias, runningMean, runningVar } = layer;
  const starts: readonly (readonly [Tensor | null | undefined, number])[] = [
    [weight, 1],
    [bias, 0],
    [runningMean, 0],
    [runningVar, 1],
  ];
  for (const [tensor, value] of starts) {
    if (!tensor || !isUninitialized(tensor)) continue;
    materialize(tensor, [features]);
    runtime.kernels.fill(tensor, value);
  }
}

/** PyTorch: `torch.nn.LazyLinear`. */
export class LazyLinear extends Linear {
  constructor(outFeatures: number, options: ConstructorParameters<typeof Linear>[2] = {}) {
    super(0, outFeatures, options);
    awaitSizes([this.weight, this.bias]);
  }

  override forward(x: Tensor): Tensor {
    const inFeatures = sizeAt(this, x, -1);
    drawWeights(this, [this.outFeatures, inFeatures]);
    become(this, Linear, { inFeatures });
    return super.forward(x);
  }
}

type Options = convolution.ConvolutionLayerOptions;
type TransposedOptions = convolution.TransposedConvolutionLayerOptions;

/** A convolution [out, in / groups, ...] whose number of channels comes with x. */
function lazyConvolution(
  kind: new (inChannels: number, outChannels: number, kernelSize: PerAxis, options?: Options) => convolution.Conv1d,
): new (outChannels: number, kernelSize: PerAxis, options?: Options) => convolution.Conv1d {
  return class extends kind {
    constructor(outChannels: number, kernelSize: PerAxis, options: Options = {}) {
      super(0, outChannels, kernelSize, options);
      awaitSizes([this.weight, this.bias]);
    }

    override forward(x: Tensor): Tensor {
      const { weight, options } = this;
      const [channels, groups] = [channelsOf(this, x), options.groups ?? 1];
      convolution.checkGroups(this.constructor.name, channels, weight.shape[0]!, groups);
      drawWeights(this, weight.shape.with(1, channels / groups));
      become(this, kind, {});
      return super.forward(x);
    }
  };
}

/** A transposed convolution [in, out / groups, ...] whose number of channels comes with x. */
function lazyTransposed(
  kind: new (
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options?: TransposedOptions,
  ) => convolution.ConvTranspose1d,
): new (outChannels: number, kernelSize: PerAxis, options?: TransposedOptions) => convolution.ConvTranspose1d {
  return class extends kind {
    constructor(outChannels: number, kernelSize: PerAxis, options: TransposedOptions = {}) {
      super(0, outChannels, kernelSize, options);
      awaitSizes([this.weight, this.bias]);
    }

    override forward(x: Tensor): Tensor {
      const { weight, options } = this;
      const [channels, groups] = [channelsOf(this, x), options.groups ?? 1];
      convolution.checkGroups(this.constructor.name, channels, weight.shape[1]! * groups, groups);
      drawWeights(this, weight.shape.with(0, channels));
      become(this, kind, {});
      return super.forward(x);
    }
  };
}

/** The channels of x, before as many axes as the kernel spans. */
function channelsOf(layer: Weighted, x: Tensor): number {
  return sizeAt(layer, x, 1 - layer.weight.rank);
}

/** PyTorch: `torch.nn.LazyConv1d`. */
export class LazyConv1d extends lazyConvolution(convolution.Conv1d) {}
/** PyTorch: `torch.nn.LazyConv2d`. */
export class LazyConv2d extends lazyConvolution(convolution.Conv2d) {}
/** PyTorch: `torch.nn.LazyConv3d`. */
export class LazyConv3d extends lazyConvolution(convolution.Conv3d) {}
/** PyTorch: `torch.nn.LazyConvTranspose1d`. */
export class LazyConvTranspose1d extends lazyTransposed(convolution.ConvTranspose1d) {}
/** PyTorch: `torch.nn.LazyConvTranspose2d`. */
export class LazyConvTranspose2d extends lazyTransposed(convolution.ConvTranspose2d) {}
/** PyTorch: `torch.nn.LazyConvTranspose3d`. */
export class LazyConvTranspose3d extends lazyTransposed(convolution.ConvTranspose3d) {}

/** A normalisation whose number of features comes with x: its second axis, or the first of a single example. */
function lazyNorm<O>(
  kind: new (features: number, options?: O) => PerFeature,
  exampleRank: number | null,
): new (options?: O) => PerFeature {
  return class extends kind {
    constructor(options?: O) {
      super(0, options);
      awaitSizes([this.weight, this.bias, this.runningMean, this.runningVar]);
    }

    override forward(x: Tensor): Tensor {
      const features = sizeAt(this, x, x.rank === exampleRank ? 0 : 1);
      fillFeatures(this, features);
      become(this, kind, { features });
      return super.forward(x);
    }
  };
}

/** PyTorch: `torch.nn.LazyBatchNorm1d`. */
export class LazyBatchNorm1d extends lazyNorm(normalisation.BatchNorm1d, null) {}
/** PyTorch: `torch.nn.LazyBatchNorm2d`. */
export class LazyBatchNorm2d extends lazyNorm(normalisation.BatchNorm2d, null) {}
/** PyTorch: `torch.nn.LazyBatchNorm3d`. */
export class LazyBatchNorm3d extends lazyNorm(normalisation.BatchNorm3d, null) {}
/** PyTorch: `torch.nn.LazyInstanceNorm1d`. */
export class LazyInstanceNorm1d extends lazyNorm(normalisation.InstanceNorm1d, 2) {}
/** PyTorch: `torch.nn.LazyInstanceNorm2d`. */
export class LazyInstanceNorm2d extends lazyNorm(normalisation.InstanceNorm2d, 3) {}
/** PyTorch: `torch.nn.LazyInstanceNorm3d`. */
export class LazyInstanceNorm3d extends lazyNorm(normalisation.InstanceNorm3d, 4) {}
