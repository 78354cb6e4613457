import { checkOptions } from "../../context/options.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { sameShape, type Shape } from "../../core/shape.ts";
import { attentionWeights, expectMask, largeAttention } from "../functional/attention.ts";
import { dropout } from "../functional/dropout.ts";
import { linear } from "../functional/linear.ts";
import { select } from "../../ops/selection.ts";
import type { DType } from "../../protocol/dtype.ts";
import { fullLike, zerosLike } from "../../core/creation.ts";
import { Tensor } from "../../core/tensor.ts";
import { filled } from "./filled.ts";
import { xavierUniform_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { snakeCase } from "./snake-case.ts";
import { Parameter } from "./parameter.ts";

export interface MultiheadAttentionOptions {
  readonly dropout?: number;
  readonly bias?: boolean;
  /** Sequences are [N, L, E] instead of [L, N, E]. */
  readonly batchFirst?: boolean;
  /** Features of keys and of values, where they are not those of queries. */
  readonly kdim?: number;
  readonly vdim?: number;
  readonly dtype?: DType;
}

export interface MultiheadAttentionCall {
  /** bool [N, S]: true at keys that do not count; float: added to the scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** Whether to give the attention weights as well (the default); else null in their place. */
  readonly needWeights?: boolean;
  /** bool [L, S] or [N · heads, L, S]: true where it may not attend; float: added to the scores. */
  readonly attnMask?: Tensor | null;
  /** Whether the weights are the mean over the heads (the default). */
  readonly averageAttnWeights?: boolean;
}

/**
 * Several attentions side by side, each on its own share of the features. Parameters bear PyTorch's names and layout:
 * in_proj_weight [3 E, E], in_proj_bias, out_proj. PyTorch: `torch.nn.MultiheadAttention`.
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  inProjWeight: Parameter | null = null;
  qProjWeight: Parameter | null = null;
  kProjWeight: Parameter | null = null;
  vProjWeight: Parameter | null = null;
  inProjBias: Parameter | null;
  outProj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    checkOptions(this.constructor.name, options, ["dropout", "bias", "batchFirst", "kdim", "vdim", "dtype"]);
    const { bias = true, dtype = "float32", kdim = embedDim, vdim = embedDim } = options;
    if (embedDim % numHeads !== 0) {
      throw new EngineError("value", `MultiheadAttention: ${embedDim} features do not divide into ${numHeads} heads`);
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = options.dropout ?? 0;
    this.batchFirst = options.batchFirst ?? false;
    const weight = (rows: number, columns: number): Parameter =>
      new Parameter(xavierUniform_(Tensor.empty([rows, columns], dtype)));
    if (kdim === embedDim && vdim === embedDim) this.inProjWeight = weight(3 * embedDim, embedDim);
    else {
      this.qProjWeight = weight(embedDim, embedDim);
      this.kProjWeight = weight(embedDim, kdim);
      this.vProjWeight = weight(embedDim, vdim);
    }
    this.inProjBias = bias ? new Parameter(filled([3 * embedDim], 0, dtype)) : null;
    this.outProj = new Linear(embedDim, embedDim, { bias, dtype });
    this.outProj.bias &&= new Parameter(filled([embedDim], 0, dtype));
  }

  protected override stateName(field: string): string {
    return snakeCase(field);
  }

  /** query [L, N, E], key and value [S, N, E] → output [L, N, E], weights [N, L, S]; all also without N. */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionCall = {},
  ): [output: Tensor, weights: Tensor | null] {
    checkOptions("MultiheadAttention", options, ["keyPaddingMask", "needWeights", "attnMask", "averageAttnWeights"]);
    const single = query.rank === 2;
    if (!single && query.rank !== 3) {
      throw new EngineError(
        "shape",
        `MultiheadAttention: expected a query of 2 or 3 axes, found ${formatShape(query.shape)}`,
      );
    }
    if (query.shape[query.rank - 1] !== this.embedDim) {
      throw new EngineError(
        "shape",
        `MultiheadAttention: expected a query of ${this.embedDim} features, found ${formatShape(query.shape)}`,
      );
    }
    const batched = (x: Tensor): Tensor => (single ? x.unsqueeze(0) : this.batchFirst ? x : x.transpose(0, 1));
    const [q, k, v] = this.#project(batched(query), batched(key), batched(value));
    const mask = this.#mask(options, q, k, single);
    const [count, , length] = q.shape as [number, number, number, number];
    const mayBeLarge = options.needWeights === false && !(this.training && this.dropout > 0);
    const large = mayBeLarge ? largeAttention(q, k, v, { attnMask: mask }) : null;
    const weights = large ? null : dropout(attentionWeights(q, k, { attnMask: mask }), this.dropout, this.training);
    const attended = large ?? weights!.matmul(v);
    const joined = attended.transpose(1, 2).reshape([count, length, this.embedDim]);
    const projected = this.outProj.forward(joined);
    const output = single ? projected.squeeze(0) : this.batchFirst ? projected : projected.transpose(0, 1);
    if (options.needWeights === false || weights === null) return [output, null];
    const shown = (options.averageAttnWeights ?? true) ? weights.mean(1) : weights;
    return [output, single ? shown.squeeze(0) : shown];
  }

  /** Queries, keys and values of every head: [N, heads, L, E / heads]. */
  #project(query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor, Tensor] {
    const size = this.embedDim;
    const split = (x: Tensor): Tensor =>
      x.reshape([x.shape[0]!, x.shape[1]!, this.numHeads, size / this.numHeads]).transpose(1, 2);
    if (this.inProjWeight && query === key && key === value) {
      const all = linear(query, this.inProjWeight, this.inProjBias).chunk(3, -1);
      return [split(all[0]!), split(all[1]!), split(all[2]!)];
    }
    const bias = (part: number): Tensor | null => this.inProjBias && this.inProjBias.narrow(0, part * size, size);
    const weight = (part: number, own: Parameter | null): Tensor =>
      own ?? this.inProjWeight!.narrow(0, part * size, size);
    return [
      split(linear(query, weight(0, this.qProjWeight), bias(0))),
      split(linear(key, weight(1, this.kProjWeight), bias(1))),
      split(linear(value, weight(2, this.vProjWeight), bias(2))),
    ];
  }

  /** What is added to the scores [N, heads, L, S]: −∞ where a mask forbids. */
  #mask({ keyPaddingMask, attnMask }: MultiheadAttentionCall, q: Tensor, k: Tensor, single: boolean): Tensor | null {
    const [count, heads, length] = q.shape as [number, number, number, number];
    const keys = k.shape[2]!;
    if (attnMask) {
      const shapes = [
        [length, keys],
        [count * heads, length, keys],
      ];
      const fix = "its axes are the queries and the keys; before them may be one of the batch times the heads";
      expectMaskOf("attnMask", attnMask, q, shapes, fix);
    }
    if (keyPaddingMask) {
      const shapes = single ? [[keys]] : [[count, keys]];
      const fix = single ? "its axis is the keys" : "its axes are the batch and the keys, whatever batchFirst is";
      expectMaskOf("keyPaddingMask", keyPaddingMask, q, shapes, fix);
    }
    const additive = (mask: Tensor): Tensor => {
      if (mask.dtype !== "bool") return mask;
      const zeros = filled(mask.shape, 0, q.dtype);
      return select(mask, fullLike(zeros, -Infinity), zerosLike(zeros));
    };
    let total: Tensor | null = null;
    if (attnMask) {
      const mask = additive(attnMask);
      total = mask.rank === 3 ? mask.reshape([count, heads, length, keys]) : mask;
    }
    if (!keyPaddingMask) return total;
    const padding = additive(keyPaddingMask).reshape([count, 1, 1, keys]);
    return total ? total.add(padding) : padding;
  }
}

/** @throws EngineError unless a mask has the dtype and one of the shapes that it may have. */
function expectMaskOf(name: string, mask: Tensor, q: Tensor, shapes: readonly Shape[], fix: string): void {
  expectMask("MultiheadAttention", name, mask, q);
  if (shapes.some((shape) => sameShape(shape, mask.shape))) return;
  throw new EngineError(
    "shape",
    `MultiheadAttention: ${name} must have shape ${shapes.map(formatShape).join(" or ")}, found ${formatShape(mask.shape)}`,
    { fix },
  );
}
