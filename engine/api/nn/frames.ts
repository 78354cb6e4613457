import { checkOptions } from "../../context/options.ts";
import * as C from "../functional/channels.ts";
import * as D from "../functional/distances.ts";
import { pad, type PadOptions } from "../functional/padding.ts";
import { pixelShuffle } from "../functional/resizing.ts";
import * as R from "../functional/regression-losses.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";

/** Frames around the last axes, as modules; a number is the width on every side. */
abstract class Padding extends Module {
  readonly padding: number | readonly number[];
  readonly value: number;
  protected abstract readonly axes: number;
  protected abstract readonly mode: NonNullable<PadOptions["mode"]>;

  constructor(padding: number | readonly number[], value = 0) {
    super();
    this.padding = padding;
    this.value = value;
  }

  override forward(x: Tensor): Tensor {
    const { padding } = this;
    const sizes = typeof padding === "number" ? new Array<number>(2 * this.axes).fill(padding) : padding;
    return pad(x, sizes, this.mode === "constant" ? { value: this.value } : { mode: this.mode });
  }
}

/** PyTorch: `torch.nn.ConstantPad1d`. */
export class ConstantPad1d extends Padding {
  protected override readonly axes = 1;
  protected override readonly mode = "constant";
}

/** PyTorch: `torch.nn.ConstantPad2d`. */
export class ConstantPad2d extends Padding {
  protected override readonly axes = 2;
  protected override readonly mode = "constant";
}

/** PyTorch: `torch.nn.ConstantPad3d`. */
export class ConstantPad3d extends Padding {
  protected override readonly axes = 3;
  protected override readonly mode = "constant";
}

/** PyTorch: `torch.nn.ZeroPad1d`. */
export class ZeroPad1d extends Padding {
  protected override readonly axes = 1;
  protected override readonly mode = "constant";
}

/** PyTorch: `torch.nn.ZeroPad2d`. */
export class ZeroPad2d extends Padding {
  protected override readonly axes = 2;
  protected override readonly mode = "constant";
}

/** PyTorch: `torch.nn.ZeroPad3d`. */
export class ZeroPad3d extends Padding {
  protected override readonly axes = 3;
  protected override readonly mode = "constant";
}

/** PyTorch: `torch.nn.ReflectionPad1d`. */
export class ReflectionPad1d extends Padding {
  protected override readonly axes = 1;
  protected override readonly mode = "reflect";
}

/** PyTorch: `torch.nn.ReflectionPad2d`. */
export class ReflectionPad2d extends Padding {
  protected override readonly axes = 2;
  protected override readonly mode = "reflect";
}

/** PyTorch: `torch.nn.ReflectionPad3d`. */
export class ReflectionPad3d extends Padding {
  protected override readonly axes = 3;
  protected override readonly mode = "reflect";
}

/** PyTorch: `torch.nn.ReplicationPad1d`. */
export class ReplicationPad1d extends Padding {
  protected override readonly axes = 1;
  protected override readonly mode = "replicate";
}

/** PyTorch: `torch.nn.ReplicationPad2d`. */
export class ReplicationPad2d extends Padding {
  protected override readonly axes = 2;
  protected override readonly mode = "replicate";
}

/** PyTorch: `torch.nn.ReplicationPad3d`. */
export class ReplicationPad3d extends Padding {
  protected override readonly axes = 3;
  protected override readonly mode = "replicate";
}

/** PyTorch: `torch.nn.CircularPad1d`. */
export class CircularPad1d extends Padding {
  protected override readonly axes = 1;
  protected override readonly mode = "circular";
}

/** PyTorch: `torch.nn.CircularPad2d`. */
export class CircularPad2d extends Padding {
  protected override readonly axes = 2;
  protected override readonly mode = "circular";
}

/** PyTorch: `torch.nn.CircularPad3d`. */
export class CircularPad3d extends Padding {
  protected override readonly axes = 3;
  protected override readonly mode = "circular";
}

/** x [N, C · r², H, W] → [N, C, H · r, W · r]. */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }
}

export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  override forward(x: Tensor): Tensor {
    return C.pixelUnshuffle(x, this.downscaleFactor);
  }
}

/** Windows as columns. */
export class Unfold extends Module {
  readonly kernelSize: number | readonly number[];
  readonly options: C.WindowOptions;

  constructor(kernelSize: number | readonly number[], options: C.WindowOptions = {}) {
    super();
    checkOptions("Unfold", options, ["dilation", "padding", "stride"]);
    this.kernelSize = kernelSize;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return C.unfold(x, this.kernelSize, this.options);
  }
}

export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: { readonly alpha?: number; readonly beta?: number; readonly k?: number };

  constructor(size: number, options: { readonly alpha?: number; readonly beta?: number; readonly k?: number } = {}) {
    super();
    checkOptions("LocalResponseNorm", options, ["alpha", "beta", "k"]);
    this.size = size;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    const { alpha, beta, k } = this.options;
    return C.localResponseNorm(x, this.size, alpha, beta, k);
  }
}

export class CosineSimilarity extends Module {
  readonly options: NonNullable<Parameters<typeof D.cosineSimilarity>[2]>;

  constructor(options: NonNullable<Parameters<typeof D.cosineSimilarity>[2]> = {}) {
    super();
    this.options = options;
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return D.cosineSimilarity(a, b, this.options);
  }
}

export class GaussianNLLLoss extends Module {
  readonly options: NonNullable<Parameters<typeof R.gaussianNllLoss>[3]>;

  constructor(options: NonNullable<Parameters<typeof R.gaussianNllLoss>[3]> = {}) {
    super();
    this.options = options;
  }

  override forward(mean: Tensor, target: Tensor, variance: Tensor): Tensor {
    return R.gaussianNllLoss(mean, target, variance, this.options);
  }
}

export class PoissonNLLLoss extends Module {
  readonly options: NonNullable<Parameters<typeof R.poissonNllLoss>[2]>;

  constructor(options: NonNullable<Parameters<typeof R.poissonNllLoss>[2]> = {}) {
    super();
    this.options = options;
  }

  override forward(x: Tensor, target: Tensor): Tensor {
    return R.poissonNllLoss(x, target, this.options);
  }
}
