import { setting } from "../settings.ts";
import { checkOptions } from "../../context/options.ts";
import * as F from "../functional/activations.ts";
import * as S from "../functional/softmax.ts";
import type { DType } from "../../protocol/dtype.ts";
import { Tensor } from "../../core/tensor.ts";
import { runtime } from "../../core/runtime.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** The activations as modules: each calls the function of the same name in `F`. */

export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return F.relu(x);
  }
}

export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return F.relu6(x);
  }
}

export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return F.sigmoid(x);
  }
}

export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return F.tanh(x);
  }
}

export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return F.silu(x);
  }
}

export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return F.mish(x);
  }
}

export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return F.selu(x);
  }
}

export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return F.softsign(x);
  }
}

export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return F.logsigmoid(x);
  }
}

export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return F.hardsigmoid(x);
  }
}

export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return F.hardswish(x);
  }
}

export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  constructor(options: { readonly approximate?: "none" | "tanh" } = {}) {
    super();
    checkOptions(this.constructor.name, options, ["approximate"]);
    this.approximate = options.approximate ?? "none";
  }

  override forward(x: Tensor): Tensor {
    return F.gelu(x, { approximate: this.approximate });
  }
}

export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  constructor(negativeSlope: number | { readonly negativeSlope: number } = 0.01) {
    super();
    this.negativeSlope = setting(this.constructor.name, "negativeSlope", negativeSlope);
  }

  override forward(x: Tensor): Tensor {
    return F.leakyRelu(x, this.negativeSlope);
  }
}

/** Learns the slope below 0: one, or one for each channel. */
export class PReLU extends Module {
  weight: Parameter;

  constructor(count = 1, options: { readonly init?: number; readonly dtype?: DType } = {}) {
    super();
    checkOptions(this.constructor.name, options, ["init", "dtype"]);
    const weight = Tensor.empty([count], options.dtype ?? "float32");
    runtime.kernels.fill(weight, options.init ?? 0.25);
    this.weight = new Parameter(weight);
  }

  override forward(x: Tensor): Tensor {
    return F.prelu(x, this.weight);
  }
}

export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha: number | { readonly alpha: number } = 1) {
    super();
    this.alpha = setting(this.constructor.name, "alpha", alpha);
  }

  override forward(x: Tensor): Tensor {
    return F.elu(x, this.alpha);
  }
}

export class Softplus extends Module {
  readonly options: { readonly beta?: number; readonly threshold?: number };

  constructor(options: { readonly beta?: number; readonly threshold?: number } = {}) {
    super();
    checkOptions(this.constructor.name, options, ["beta", "threshold"]);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return F.softplus(x, this.options);
  }
}

export class Hardtanh extends Module {
  readonly min: number;
  readonly max: number;

  constructor(min = -1, max = 1) {
    super();
    this.min = setting(this.constructor.name, "min", min);
    this.max = setting(this.constructor.name, "max", max);
  }

  override forward(x: Tensor): Tensor {
    return F.hardtanh(x, this.min, this.max);
  }
}

export class GLU extends Module {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return F.glu(x, this.dim);
  }
}

export class Softmax extends Module {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return S.softmax(x, this.dim);
  }
}

export class LogSoftmax extends Module {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return S.logSoftmax(x, this.dim);
  }
}

export class CELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return F.celu(x, this.alpha);
  }
}

/** x above a limit, else a value. */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  override forward(x: Tensor): Tensor {
    return F.threshold(x, this.threshold, this.value);
  }
}

export class Hardshrink extends Module {
  readonly lambda: number;

  constructor(lambda = 0.5) {
    super();
    this.lambda = lambda;
  }

  override forward(x: Tensor): Tensor {
    return F.hardshrink(x, this.lambda);
  }
}

export class Softshrink extends Module {
  readonly lambda: number;

  constructor(lambda = 0.5) {
    super();
    this.lambda = lambda;
  }

  override forward(x: Tensor): Tensor {
    return F.softshrink(x, this.lambda);
  }
}

export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return F.tanhshrink(x);
  }
}

export class Softmin extends Module {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  override forward(x: Tensor): Tensor {
    return S.softmin(x, this.dim);
  }
}

/** Softmax over the channels of x [N, C, H, W] or [C, H, W]. */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    return S.softmax(x, -3);
  }
}
