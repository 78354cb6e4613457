import { checkOptions } from "../../context/options.ts";
import { channelShuffle, fold, type WindowOptions } from "../functional/channels.ts";
import { pairwiseDistance } from "../functional/distances.ts";
import { interpolate, type InterpolateOptions } from "../functional/resizing.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";

/** Brings the spatial axes of x [N, C, ...] to another size. PyTorch: `torch.nn.Upsample`. */
export class Upsample extends Module {
  readonly options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    checkOptions(this.constructor.name, options, ["size", "scaleFactor", "mode", "alignCorners"]);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
}

export class UpsamplingNearest2d extends Upsample {}

export class UpsamplingBilinear2d extends Upsample {
  constructor(options: Pick<InterpolateOptions, "size" | "scaleFactor">) {
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}

/** Columns added up where their windows overlap. PyTorch: `torch.nn.Fold`. */
export class Fold extends Module {
  readonly outputSize: number | readonly number[];
  readonly kernelSize: number | readonly number[];
  readonly options: WindowOptions;

  constructor(
    outputSize: number | readonly number[],
    kernelSize: number | readonly number[],
    options: WindowOptions = {},
  ) {
    super();
    checkOptions("Fold", options, ["dilation", "padding", "stride"]);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.kernelSize, this.options);
  }
}

export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  override forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups);
  }
}

export class PairwiseDistance extends Module {
  readonly options: NonNullable<Parameters<typeof pairwiseDistance>[2]>;

  constructor(options: NonNullable<Parameters<typeof pairwiseDistance>[2]> = {}) {
    super();
    checkOptions("PairwiseDistance", options, ["p", "eps", "keepdim"]);
    this.options = options;
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return pairwiseDistance(a, b, this.options);
  }
}
