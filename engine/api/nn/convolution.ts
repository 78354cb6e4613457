import { checkOptions } from "../../context/options.ts";
import * as F from "../functional/convolution.ts";
import { perAxis, type PerAxis } from "../functional/convolution.ts";
import { pad } from "../functional/padding.ts";
import { EngineError } from "../../context/engine-error.ts";
import type { DType } from "../../protocol/dtype.ts";
import type { SpatialRank } from "../../ops/spatial-axes.ts";
import { Tensor } from "../../core/tensor.ts";
import { fans } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { fillUniform } from "./random-fill.ts";

export interface ConvolutionLayerOptions {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis | "same" | "valid";
  readonly dilation?: PerAxis;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
  readonly dtype?: DType;
}

/** Weight and bias uniform on ±1/√(fan in). */
function initialised(
  shape: readonly number[],
  outChannels: number,
  bias: boolean,
  dtype: DType,
): [Parameter, Parameter | null] {
  const weight = Tensor.empty(shape, dtype);
  const bound = 1 / Math.sqrt(Math.max(1, fans(weight).fanIn));
  return [
    new Parameter(fillUniform(weight, -bound, bound)),
    bias ? new Parameter(fillUniform(Tensor.empty([outChannels], dtype), -bound, bound)) : null,
  ];
}

/** @throws EngineError unless every group has as many channels as the others. */
export function checkGroups(name: string, inChannels: number, outChannels: number, groups: number): void {
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new EngineError(
    "value",
    `${name}: ${inChannels} and ${outChannels} channels do not divide into ${groups} groups`,
  );
}

abstract class Convolution extends Module {
  weight: Parameter;
  bias: Parameter | null;
  protected readonly options: F.ConvolutionOptions;
  readonly #mode: "reflect" | "replicate" | "circular" | null;
  readonly #around: readonly number[];

  constructor(
    axes: SpatialRank,
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: ConvolutionLayerOptions,
  ) {
    super();
    checkOptions(this.constructor.name, options, [
      "stride",
      "padding",
      "dilation",
      "groups",
      "bias",
      "paddingMode",
      "dtype",
    ]);
    const { paddingMode = "zeros", groups = 1, bias = true, dtype = "float32", padding = 0 } = options;
    const name = this.constructor.name;
    const kernel = perAxis(name, "kernelSize", kernelSize, axes, 1);
    checkGroups(name, inChannels, outChannels, groups);
    [this.weight, this.bias] = initialised([outChannels, inChannels / groups, ...kernel], outChannels, bias, dtype);
    this.#mode = paddingMode === "zeros" ? null : paddingMode;
    const dilation = perAxis(name, "dilation", options.dilation ?? 1, axes, 1);
    this.#around =
      padding === "same"
        ? kernel.flatMap((size, i) => split(dilation[i]! * (size - 1))).toReversed()
        : perAxis(name, "padding", padding === "valid" ? 0 : padding, axes, 0)
            .toReversed()
            .flatMap((n) => [n, n]);
    this.options = {
      stride: options.stride ?? 1,
      padding: this.#mode === null ? padding : 0,
      dilation,
      groups,
    };
  }

  /** Another padding than zeros comes before the convolution. */
  protected padded(x: Tensor): Tensor {
    return this.#mode === null ? x : pad(x, this.#around, { mode: this.#mode });
  }
}

/** The padding of one axis as [after, before]: the extra element goes after. */
function split(total: number): [number, number] {
  return [total - Math.floor(total / 2), Math.floor(total / 2)];
}

/** x [N, C, L] or [C, L]. PyTorch: `torch.nn.Conv1d`. */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvolutionLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return F.conv1d(this.padded(x), this.weight, this.bias, this.options);
  }
}

/** x [N, C, H, W] or [C, H, W]. PyTorch: `torch.nn.Conv2d`. */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvolutionLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return F.conv2d(this.padded(x), this.weight, this.bias, this.options);
  }
}

/** x [N, C, D, H, W] or [C, D, H, W]. PyTorch: `torch.nn.Conv3d`. */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvolutionLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return F.conv3d(this.padded(x), this.weight, this.bias, this.options);
  }
}

export interface TransposedConvolutionLayerOptions extends F.TransposedConvolutionOptions {
  readonly bias?: boolean;
  readonly dtype?: DType;
}

abstract class TransposedConvolution extends Module {
  weight: Parameter;
  bias: Parameter | null;
  protected readonly options: F.TransposedConvolutionOptions;

  constructor(
    axes: SpatialRank,
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: TransposedConvolutionLayerOptions,
  ) {
    super();
    checkOptions(this.constructor.name, options, [
      "stride",
      "padding",
      "outputPadding",
      "groups",
      "dilation",
      "bias",
      "dtype",
    ]);
    const { bias = true, dtype = "float32", ...geometry } = options;
    const { groups = 1 } = geometry;
    const name = this.constructor.name;
    const kernel = perAxis(name, "kernelSize", kernelSize, axes, 1);
    checkGroups(name, inChannels, outChannels, groups);
    [this.weight, this.bias] = initialised([inChannels, outChannels / groups, ...kernel], outChannels, bias, dtype);
    this.options = geometry;
  }
}

/** x [N, C, L] or [C, L]. PyTorch: `torch.nn.ConvTranspose1d`. */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: TransposedConvolutionLayerOptions = {},
  ) {
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return F.convTranspose1d(x, this.weight, this.bias, this.options);
  }
}

/** x [N, C, H, W] or [C, H, W]. PyTorch: `torch.nn.ConvTranspose2d`. */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: TransposedConvolutionLayerOptions = {},
  ) {
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return F.convTranspose2d(x, this.weight, this.bias, this.options);
  }
}

/** x [N, C, D, H, W] or [C, D, H, W]. PyTorch: `torch.nn.ConvTranspose3d`. */
export class ConvTranspose3d extends TransposedConvolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: TransposedConvolutionLayerOptions = {},
  ) {
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return F.convTranspose3d(x, this.weight, this.bias, this.options);
  }
}
