import { checkOptions } from "../../context/options.ts";
import * as F from "../functional/embedding.ts";
import { runtime } from "../../core/runtime.ts";
import type { DType } from "../../protocol/dtype.ts";
import { Tensor } from "../../core/tensor.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { fillNormal } from "./random-fill.ts";

export interface EmbeddingOptions {
  /** The id whose row starts as zeros and gets no gradient. */
  readonly paddingIdx?: number | null;
  readonly dtype?: DType;
}

/** A row of `size` numbers for each of `count` ids, drawn from the normal distribution. PyTorch: `torch.nn.Embedding`. */
export class Embedding extends Module {
  readonly count: number;
  readonly size: number;
  readonly paddingIdx: number | null;
  weight: Parameter;

  constructor(count: number, size: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["paddingIdx", "dtype"]);
    const { paddingIdx = null, dtype = "float32" } = options;
    this.count = count;
    this.size = size;
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + count : paddingIdx;
    const weight = fillNormal(Tensor.empty([count, size], dtype), 0, 1);
    if (this.paddingIdx !== null) {
      const offset = weight.offset + this.paddingIdx * size * weight.elementBytes;
      runtime.kernels.fill({ dtype, offset, shape: [size], strides: [1] }, 0);
    }
    this.weight = new Parameter(weight);
  }

  /** Uses `table` [count, size] as the weight; it is not learned unless `freeze` is false. */
  static fromPretrained(
    table: Tensor,
    options: { readonly freeze?: boolean; readonly paddingIdx?: number | null } = {},
  ): Embedding {
    const module = new Embedding(table.shape[0]!, table.shape[1]!, {
      paddingIdx: options.paddingIdx ?? null,
      dtype: table.dtype,
    });
    module.weight = new Parameter(table.detach(), !(options.freeze ?? true));
    return module;
  }

  /** ids int64 [...] → [..., size]. */
  override forward(ids: Tensor): Tensor {
    return F.embedding(ids, this.weight, { paddingIdx: this.paddingIdx });
  }
}

/** What the rows of each bag of ids come to, without the rows in between. PyTorch: `torch.nn.EmbeddingBag`. */
export class EmbeddingBag extends Module {
  readonly mode: "mean" | "sum" | "max";
  weight: Parameter;

  constructor(
    count: number,
    size: number,
    options: { readonly mode?: "mean" | "sum" | "max"; readonly dtype?: DType } = {},
  ) {
    super();
    checkOptions(this.constructor.name, options, ["mode", "dtype"]);
    this.mode = options.mode ?? "mean";
    this.weight = new Parameter(fillNormal(Tensor.empty([count, size], options.dtype ?? "float32"), 0, 1));
  }

  /** ids int64 [N, L], or [ids] with offsets → [N, size]. */
  override forward(ids: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    return F.embeddingBag(ids, this.weight, { mode: this.mode, offsets, perSampleWeights });
  }
}
