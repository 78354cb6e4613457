import { checkOptions } from "../../context/options.ts";
import type { PerAxis } from "../functional/convolution.ts";
import * as F from "../functional/pooling.ts";
import * as V from "../functional/volume-pooling.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";

/** The pools as modules: each calls the function of the same name in `F`. */

abstract class MaxPool extends Module {
  readonly kernelSize: PerAxis;
  protected readonly options: F.MaxPoolOptions;

  constructor(kernelSize: PerAxis, options: F.MaxPoolOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["stride", "padding", "dilation", "ceilMode"]);
    this.kernelSize = kernelSize;
    this.options = options;
  }
}

export class MaxPool1d extends MaxPool {
  override forward(x: Tensor): Tensor {
    return F.maxPool1d(x, this.kernelSize, this.options);
  }
}

export class MaxPool2d extends MaxPool {
  override forward(x: Tensor): Tensor {
    return F.maxPool2d(x, this.kernelSize, this.options);
  }
}

export class MaxPool3d extends MaxPool {
  override forward(x: Tensor): Tensor {
    return V.maxPool3d(x, this.kernelSize, this.options);
  }
}

abstract class AvgPool extends Module {
  readonly kernelSize: PerAxis;
  protected readonly options: F.AvgPoolOptions;

  constructor(kernelSize: PerAxis, options: F.AvgPoolOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["stride", "padding", "ceilMode", "countIncludePad"]);
    this.kernelSize = kernelSize;
    this.options = options;
  }
}

export class AvgPool1d extends AvgPool {
  override forward(x: Tensor): Tensor {
    return F.avgPool1d(x, this.kernelSize, this.options);
  }
}

export class AvgPool2d extends AvgPool {
  override forward(x: Tensor): Tensor {
    return F.avgPool2d(x, this.kernelSize, this.options);
  }
}

export class AvgPool3d extends AvgPool {
  override forward(x: Tensor): Tensor {
    return V.avgPool3d(x, this.kernelSize, this.options);
  }
}

abstract class AdaptivePool extends Module {
  readonly size: F.AdaptiveSize;

  constructor(size: F.AdaptiveSize) {
    super();
    this.size = size;
  }
}

export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return F.adaptiveAvgPool1d(x, this.size);
  }
}

export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return F.adaptiveAvgPool2d(x, this.size);
  }
}

export class AdaptiveAvgPool3d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return V.adaptiveAvgPool3d(x, this.size);
  }
}

export class AdaptiveMaxPool1d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return F.adaptiveMaxPool1d(x, this.size);
  }
}

export class AdaptiveMaxPool2d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return F.adaptiveMaxPool2d(x, this.size);
  }
}

export class AdaptiveMaxPool3d extends AdaptivePool {
  override forward(x: Tensor): Tensor {
    return V.adaptiveMaxPool3d(x, this.size);
  }
}

/** (Σ xᵖ)^(1/p) of each window. */
export class LPPool1d extends Module {
  readonly p: number;
  readonly kernelSize: number;
  readonly stride: number;

  constructor(p: number, kernelSize: number, stride = kernelSize) {
    super();
    this.p = p;
    this.kernelSize = kernelSize;
    this.stride = stride;
  }

  override forward(x: Tensor): Tensor {
    return F.lpPool1d(x, this.p, this.kernelSize, this.stride);
  }
}

abstract class LPPool extends Module {
  readonly p: number;
  readonly kernelSize: PerAxis;
  readonly stride: PerAxis;

  constructor(p: number, kernelSize: PerAxis, stride: PerAxis = kernelSize) {
    super();
    this.p = p;
    this.kernelSize = kernelSize;
    this.stride = stride;
  }
}

/** The same over two axes. */
export class LPPool2d extends LPPool {
  override forward(x: Tensor): Tensor {
    return F.lpPool2d(x, this.p, this.kernelSize, this.stride);
  }
}

/** The same over three axes. */
export class LPPool3d extends LPPool {
  override forward(x: Tensor): Tensor {
    return V.lpPool3d(x, this.p, this.kernelSize, this.stride);
  }
}
