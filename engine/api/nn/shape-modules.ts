import { interpolate, pixelShuffle, type InterpolateOptions } from "../functional/resizing.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";

/** Gives back what it gets. PyTorch: `torch.nn.Identity`. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** Merges the axes from `startDim` to `endDim` into one. PyTorch: `torch.nn.Flatten`. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }
}

/** Splits axis `dim` into the given sizes. PyTorch: `torch.nn.Unflatten`. */
export class Unflatten extends Module {
  readonly dim: number;
  readonly sizes: readonly number[];

  constructor(dim: number, sizes: readonly number[]) {
    super();
    this.dim = dim;
    this.sizes = sizes;
  }

  override forward(x: Tensor): Tensor {
    const dim = this.dim < 0 ? this.dim + x.rank : this.dim;
    return x.reshape([...x.shape.slice(0, dim), ...this.sizes, ...x.shape.slice(dim + 1)]);
  }
}

/** Brings the spatial axes of x [N, C, ...] to another size, to the nearest element. PyTorch: `torch.nn.Upsample`. */
export class Upsample extends Module {
  readonly options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
}

/** Turns channels into a finer grid. PyTorch: `torch.nn.PixelShuffle`. */
export class PixelShuffle extends Module {
  readonly factor: number;

  constructor(factor: number) {
    super();
    this.factor = factor;
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.factor);
  }
}
