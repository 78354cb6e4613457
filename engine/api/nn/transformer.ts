import { checkOptions } from "../../context/options.ts";
import { gelu, relu } from "../functional/activations.ts";
import { causalMask } from "../../ops/attention.ts";
import type { DType } from "../../protocol/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalisation.ts";
import { ModuleList } from "./containers.ts";
import { snakeCase } from "./snake-case.ts";

export interface TransformerEncoderLayerOptions {
  readonly dimFeedforward?: number;
  readonly dropout?: number;
  readonly activation?: "relu" | "gelu" | ((x: Tensor) => Tensor);
  readonly layerNormEps?: number;
  /** Sequences are [N, L, E] instead of [L, N, E]. */
  readonly batchFirst?: boolean;
  /** Normalises before attention and feedforward instead of after. */
  readonly normFirst?: boolean;
  readonly bias?: boolean;
  readonly dtype?: DType;
}

export interface TransformerEncoderCall {
  /** bool [L, L]: true where it may not attend; float: added to the scores. */
  readonly srcMask?: Tensor | null;
  /** bool [N, L]: true at positions that do not count. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Lets each position attend only to those up to it. */
  readonly isCausal?: boolean;
}

/**
 * The options of an encoder's or a decoder's layer, with PyTorch's defaults.
 * @throws EngineError on an option that there is not.
 */
export function layerSettings(
  type: string,
  options: TransformerEncoderLayerOptions,
): Required<TransformerEncoderLayerOptions> & { readonly activation: (x: Tensor) => Tensor } {
  checkOptions(type, options, [
    "dimFeedforward",
    "dropout",
    "activation",
    "layerNormEps",
    "batchFirst",
    "normFirst",
    "bias",
    "dtype",
  ]);
  const { dimFeedforward = 2048, dropout = 0.1, layerNormEps = 1e-5, bias = true, dtype = "float32" } = options;
  const { activation: named = "relu", batchFirst = false, normFirst = false } = options;
  const activation = named === "relu" ? relu : named === "gelu" ? (x: Tensor) => gelu(x) : named;
  return { dimFeedforward, dropout, layerNormEps, bias, dtype, batchFirst, normFirst, activation };
}

/** Self-attention, then a feedforward network, each with a residual and a norm. PyTorch: `torch.nn.TransformerEncoderLayer`. */
export class TransformerEncoderLayer extends Module {
  selfAttn: MultiheadAttention;
  linear1: Linear;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout: Dropout;
  dropout1: Dropout;
  dropout2: Dropout;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, options: TransformerEncoderLayerOptions = {}) {
    super();
    const given = layerSettings(this.constructor.name, options);
    const { dimFeedforward, dropout, layerNormEps, bias, dtype, batchFirst } = given;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });
    this.dropout = new Dropout(dropout);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.normFirst = given.normFirst;
    this.activation = given.activation;
  }
  protected override stateName(field: string): string {
    return snakeCase(field);
  }

  /** x [L, N, E] (or [N, L, E], or [L, E]), of the same shape after. */
  override forward(x: Tensor, options: TransformerEncoderCall = {}): Tensor {
    checkOptions("TransformerEncoderLayer", options, ["srcMask", "srcKeyPaddingMask", "isCausal"]);
    if (this.normFirst) {
      const attended = x.add(this.#attend(this.norm1.forward(x), options));
      return attended.add(this.#feed(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(x.add(this.#attend(x, options)));
    return this.norm2.forward(attended.add(this.#feed(attended)));
  }

  #attend(x: Tensor, { srcMask = null, srcKeyPaddingMask = null, isCausal = false }: TransformerEncoderCall): Tensor {
    const length = x.shape[this.selfAttn.batchFirst || x.rank === 2 ? x.rank - 2 : 0]!;
    const attnMask = srcMask ?? (isCausal ? causalMask(length, length).logicalNot() : null);
    const call = { attnMask, keyPaddingMask: srcKeyPaddingMask, needWeights: false };
    const [attended] = this.selfAttn.forward(x, x, x, call);
    return this.dropout1.forward(attended);
  }

  #feed(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout2.forward(this.linear2.forward(hidden));
  }
}

/** A stack of layers that `makeLayer` makes. PyTorch: `torch.nn.TransformerEncoder`. */
export class TransformerEncoder extends Module {
  layers: ModuleList<TransformerEncoderLayer>;
  norm: LayerNorm | null;

  constructor(makeLayer: () => TransformerEncoderLayer, numLayers: number, norm: LayerNorm | null = null) {
    super();
    this.layers = new ModuleList(Array.from({ length: numLayers }, makeLayer));
    this.norm = norm;
  }

  override forward(x: Tensor, options: TransformerEncoderCall = {}): Tensor {
    let out = x;
    for (const layer of this.layers) out = layer.forward(out, options);
    return this.norm ? this.norm.forward(out) : out;
  }
}
