import { describeValue } from "../../ops/operands.ts";
import { EngineError } from "../../context/engine-error.ts";
import * as F from "../functional/dropout.ts";
import type { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";

abstract class DropoutModule extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1))
      throw new EngineError(
        "value",
        `${this.constructor.name}: p must be in [0, 1], found ${typeof p === "number" ? p : describeValue(p)}`,
      );
    this.p = p;
  }
}

/** Drops elements in training. PyTorch: `torch.nn.Dropout`. */
export class Dropout extends DropoutModule {
  override forward(x: Tensor): Tensor {
    return F.dropout(x, this.p, this.training);
  }
}

/** Drops whole channels of x [N, C, L] in training. PyTorch: `torch.nn.Dropout1d`. */
export class Dropout1d extends DropoutModule {
  override forward(x: Tensor): Tensor {
    return F.dropout1d(x, this.p, this.training);
  }
}

/** Drops whole channels in training. PyTorch: `torch.nn.Dropout2d`. */
export class Dropout2d extends DropoutModule {
  override forward(x: Tensor): Tensor {
    return F.dropout2d(x, this.p, this.training);
  }
}

/** Drops whole channels of x [N, C, D, H, W] in training. PyTorch: `torch.nn.Dropout3d`. */
export class Dropout3d extends DropoutModule {
  override forward(x: Tensor): Tensor {
    return F.dropout3d(x, this.p, this.training);
  }
}

/** Drops elements and keeps mean 0 and variance 1, in training; for SELU. PyTorch: `torch.nn.AlphaDropout`. */
export class AlphaDropout extends DropoutModule {
  override forward(x: Tensor): Tensor {
    return F.alphaDropout(x, this.p, this.training);
  }
}

/** The same for whole channels of x [N, C, ...]. PyTorch: `torch.nn.FeatureAlphaDropout`. */
export class FeatureAlphaDropout extends DropoutModule {
  override forward(x: Tensor): Tensor {
    return F.featureAlphaDropout(x, this.p, this.training);
  }
}
