import { checkOptions } from "../../context/options.ts";
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
