import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError } from "../../context/engine-error.ts";
import { select } from "../../ops/selection.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import { dropout } from "./dropout.ts";
import { softmax } from "./softmax.ts";

export interface AttentionOptions {
  /** bool: where it may attend; float: added to the scores. Broadcasts to [..., L, S]. */
  readonly attnMask?: Tensor | null;
  readonly dropoutP?: number;
  /** Lets position i attend only to positions up to i. */
  readonly isCausal?: boolean;
  /** 1 / √E when it is left out. */
  readonly scale?: number;
}

/** true on and below the diagonal of [rows, columns]. */
export function causalMask(rows: number, columns: number): Tensor {
  const allowed = Array.from({ length: rows * columns }, (_, i) => i % columns <= Math.floor(i / columns));
  return fromNumbers(allowed, [rows, columns], "bool");
}

/** The attention weights softmax(q kᵀ / √E) of q [..., L, E] and k [..., S, E], masked: [..., L, S]. */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionOptions): Tensor {
  const { attnMask = null, isCausal = false, scale = 1 / Math.sqrt(q.shape[q.rank - 1]!) } = options;
  if (isCausal && attnMask) {
    throw new EngineError("value", "scaledDotProductAttention: attnMask and isCausal cannot both be given");
  }
  let scores = q.mul(scale).matmul(k.transpose(-2, -1));
  const mask = isCausal ? causalMask(q.shape[q.rank - 2]!, k.shape[k.rank - 2]!) : attnMask;
  if (mask?.dtype === "bool") scores = select(mask, scores, -Infinity);
  else if (mask) scores = scores.add(mask);
  return softmax(scores, -1);
}

/** softmax(q kᵀ / √E) v for q [..., L, E], k [..., S, E], v [..., S, V] → [..., L, V]. Vaswani and others, 2017. */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  checkOptions("scaledDotProductAttention", options, ["attnMask", "dropoutP", "isCausal", "scale"]);
  return composite("scaledDotProductAttention", () =>
    dropout(attentionWeights(q, k, options), options.dropoutP ?? 0).matmul(v),
  );
}
