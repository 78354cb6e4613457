import { checkOptions } from "../../context/options.ts";
import { causalMask } from "../../ops/attention.ts";
import type { Tensor } from "../../core/tensor.ts";
import { MultiheadAttention } from "./attention.ts";
import { ModuleList } from "./containers.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalisation.ts";
import { snakeCase } from "./snake-case.ts";
import {
  layerSettings,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerEncoderLayerOptions,
} from "./transformer.ts";

export interface TransformerDecoderCall {
  /** bool [L, L]: true where it may not attend; float: added to the scores. */
  readonly tgtMask?: Tensor | null;
  /** The same for what it reads of memory: [L, S]. */
  readonly memoryMask?: Tensor | null;
  /** bool [N, L] and [N, S]: true at positions that do not count. */
  readonly tgtKeyPaddingMask?: Tensor | null;
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** Lets each position attend only to those up to it. */
  readonly tgtIsCausal?: boolean;
}

const CALL = ["tgtMask", "memoryMask", "tgtKeyPaddingMask", "memoryKeyPaddingMask", "tgtIsCausal"];

/** Self-attention, attention to an encoder's memory, a feedforward network. PyTorch: `torch.nn.TransformerDecoderLayer`. */
export class TransformerDecoderLayer extends Module {
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout: Dropout;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, options: TransformerEncoderLayerOptions = {}) {
    super();
    const given = layerSettings(this.constructor.name, options);
    const { dimFeedforward, dropout, layerNormEps, bias, dtype, batchFirst } = given;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    this.norm1 = norm();
    this.norm2 = norm();
    this.norm3 = norm();
    this.dropout = new Dropout(dropout);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.normFirst = given.normFirst;
    this.activation = given.activation;
  }

  protected override stateName(field: string): string {
    return snakeCase(field);
  }

  /** tgt [L, N, E] and memory [S, N, E] → [L, N, E]; N first with batchFirst, and all also without N. */
  override forward(tgt: Tensor, memory: Tensor, options: TransformerDecoderCall = {}): Tensor {
    checkOptions("TransformerDecoderLayer", options, CALL);
    if (this.normFirst) {
      const own = tgt.add(this.#attend(this.norm1.forward(tgt), options));
      const read = own.add(this.#read(this.norm2.forward(own), memory, options));
      return read.add(this.#feed(this.norm3.forward(read)));
    }
    const own = this.norm1.forward(tgt.add(this.#attend(tgt, options)));
    const read = this.norm2.forward(own.add(this.#read(own, memory, options)));
    return this.norm3.forward(read.add(this.#feed(read)));
  }

  #attend(x: Tensor, options: TransformerDecoderCall): Tensor {
    const { tgtMask = null, tgtKeyPaddingMask = null, tgtIsCausal = false } = options;
    const length = x.shape[this.selfAttn.batchFirst || x.rank === 2 ? x.rank - 2 : 0]!;
    const attnMask = tgtMask ?? (tgtIsCausal ? causalMask(length, length).logicalNot() : null);
    const call = { attnMask, keyPaddingMask: tgtKeyPaddingMask, needWeights: false };
    return this.dropout1.forward(this.selfAttn.forward(x, x, x, call)[0]);
  }

  #read(x: Tensor, memory: Tensor, options: TransformerDecoderCall): Tensor {
    const { memoryMask = null, memoryKeyPaddingMask = null } = options;
    const call = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, needWeights: false };
    return this.dropout2.forward(this.multiheadAttn.forward(x, memory, memory, call)[0]);
  }

  #feed(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout3.forward(this.linear2.forward(hidden));
  }
}

/** A stack of layers that `makeLayer` makes. PyTorch: `torch.nn.TransformerDecoder`. */
export class TransformerDecoder extends Module {
  layers: ModuleList<TransformerDecoderLayer>;
  norm: LayerNorm | null;

  constructor(makeLayer: () => TransformerDecoderLayer, numLayers: number, norm: LayerNorm | null = null) {
    super();
    this.layers = new ModuleList(Array.from({ length: numLayers }, makeLayer));
    this.norm = norm;
  }

  override forward(tgt: Tensor, memory: Tensor, options: TransformerDecoderCall = {}): Tensor {
    let out = tgt;
    for (const layer of this.layers) out = layer.forward(out, memory, options);
    return this.norm ? this.norm.forward(out) : out;
  }
}

export interface TransformerOptions extends TransformerEncoderLayerOptions {
  readonly dModel?: number;
  readonly nhead?: number;
  readonly numEncoderLayers?: number;
  readonly numDecoderLayers?: number;
}

/** An encoder and a decoder that reads what it makes. Vaswani and others, 2017. PyTorch: `torch.nn.Transformer`. */
export class Transformer extends Module {
  encoder: TransformerEncoder;
  decoder: TransformerDecoder;

  constructor(options: TransformerOptions = {}) {
    super();
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...layer } = options;
    const { layerNormEps = 1e-5, bias = true, dtype = "float32" } = layer;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });
    this.encoder = new TransformerEncoder(
      () => new TransformerEncoderLayer(dModel, nhead, layer),
      numEncoderLayers,
      norm(),
    );
    this.decoder = new TransformerDecoder(
      () => new TransformerDecoderLayer(dModel, nhead, layer),
      numDecoderLayers,
      norm(),
    );
  }

  /** A float mask [size, size] that lets each position attend only to those up to it. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return causalMask(size, size).logicalNot().float().maskedFill(causalMask(size, size).logicalNot(), -Infinity);
  }

  /** src [S, N, E] and tgt [L, N, E] → [L, N, E]; N first with batchFirst. */
  override forward(
    src: Tensor,
    tgt: Tensor,
    options: TransformerDecoderCall & { readonly srcMask?: Tensor | null } = {},
  ): Tensor {
    const { srcMask = null, ...decoding } = options;
    checkOptions("Transformer", decoding, CALL);
    return this.decoder.forward(tgt, this.encoder.forward(src, { srcMask }), decoding);
  }
}
