import { checkOptions } from "../../context/options.ts";
import { bilinear } from "../functional/channels.ts";
import * as F from "../functional/linear.ts";
import type { DType } from "../../protocol/dtype.ts";
import { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { fillUniform } from "./random-fill.ts";

/** x · weightᵀ + bias; weight [out, in] and bias [out] start uniform on ±1/√in. PyTorch: `torch.nn.Linear`. */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    inFeatures: number,
    outFeatures: number,
    options: { readonly bias?: boolean; readonly dtype?: DType } = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, ["bias", "dtype"]);
    const { bias = true, dtype = "float32" } = options;
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(fillUniform(Tensor.empty([outFeatures, inFeatures], dtype), -bound, bound));
    this.bias = bias ? new Parameter(fillUniform(Tensor.empty([outFeatures], dtype), -bound, bound)) : null;
  }

  /** x [..., in] → [..., out]. */
  override forward(x: Tensor): Tensor {
    return F.linear(x, this.weight, this.bias);
  }
}

/** x1ᵀ A x2 + b for each output: weight [out, in1, in2]. PyTorch: `torch.nn.Bilinear`. */
export class Bilinear extends Module {
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: { readonly bias?: boolean; readonly dtype?: DType } = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, ["bias", "dtype"]);
    const { bias = true, dtype = "float32" } = options;
    const bound = 1 / Math.sqrt(in1Features);
    const weight = Tensor.empty([outFeatures, in1Features, in2Features], dtype);
    this.weight = new Parameter(fillUniform(weight, -bound, bound));
    this.bias = bias ? new Parameter(fillUniform(Tensor.empty([outFeatures], dtype), -bound, bound)) : null;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }
}
