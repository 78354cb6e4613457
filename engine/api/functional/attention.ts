import { checkOptions } from "../../context/options.ts";
import { composite } from "../../context/scope.ts";
import { EngineError, formatShape } from "../../context/engine-error.ts";
import { broadcastShapes, broadcastsTo, type Shape } from "../../core/shape.ts";
import { apply } from "../../ops/apply.ts";
import { attention, composedWeights, isLargeAttention, type AttentionAttributes } from "../../ops/attention.ts";
import type { Tensor } from "../../core/tensor.ts";
import { expectTensor } from "../../ops/operands.ts";
import { dropout } from "./dropout.ts";

export interface AttentionOptions {
  /** bool: where it may attend; float: added to the scores. Broadcasts to [..., L, S]. */
  readonly attnMask?: Tensor | null;
  readonly dropoutP?: number;
  /** Lets position i attend only to positions up to i. */
  readonly isCausal?: boolean;
  /** 1 / √E when it is left out. */
  readonly scale?: number;
}

/** The attention weights softmax(q kᵀ / √E) of q [..., L, E] and k [..., S, E], masked: [..., L, S]. */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionOptions): Tensor {
  const { attnMask = null, ...of } = chosen(q, options);
  return composedWeights(q, k, attnMask, of);
}

/** @throws EngineError where a mask and the causal one are both given. */
function chosen(q: Tensor, options: AttentionOptions): AttentionAttributes & Pick<AttentionOptions, "attnMask"> {
  const { attnMask = null, isCausal = false, scale = 1 / Math.sqrt(q.shape[q.rank - 1]!) } = options;
  if (isCausal && attnMask) {
    throw new EngineError("value", "scaledDotProductAttention: attnMask and isCausal cannot both be given");
  }
  return { attnMask, isCausal, scale };
}

/**
 * softmax(q kᵀ / √E) v without the weights, which are never all in memory; null where they are few enough to be shown, or
 * where the operands are none that this can be computed of.
 */
export function largeAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor | null {
  const { attnMask = null, ...of } = chosen(q, options);
  if (!isLargeAttention(q, k, v, attnMask)) return null;
  return apply(attention, attnMask ? [q, k, v, attnMask] : [q, k, v], of);
}

/**
 * @param name what the caller calls the mask
 * @throws EngineError unless a mask is boolean or as wide as the scores that it is added to.
 */
export function expectMask(op: string, name: string, mask: Tensor, { dtype }: Tensor): void {
  expectTensor(op, mask, name);
  if (mask.dtype === "bool" || mask.dtype === dtype) return;
  throw new EngineError("dtype", `${op}: ${name} must be bool or ${dtype}, found ${mask.dtype}`, {
    fix:
      mask.dtype === "float32" || mask.dtype === "float64"
        ? `write ${name}.to("${dtype}")`
        : `write ${name}.bool() for where it is not 0`,
  });
}

/** @throws EngineError unless the mask says something of each score [..., L, S]. */
function expectMaskOfScores(q: Tensor, k: Tensor, mask: Tensor): void {
  const op = "scaledDotProductAttention";
  expectMask(op, "attnMask", mask, q);
  if (Math.min(q.rank, k.rank) < 2) return;
  const batch: Shape = broadcastShapes(op, q.shape.slice(0, -2), k.shape.slice(0, -2));
  const scores = [...batch, q.shape.at(-2)!, k.shape.at(-2)!];
  if (broadcastsTo(mask.shape, scores)) return;
  throw new EngineError(
    "shape",
    `${op}: attnMask ${formatShape(mask.shape)} does not broadcast to the scores ${formatShape(scores)}`,
    { fix: "its last two axes are the queries and the keys, each of that size or 1" },
  );
}

/** softmax(q kᵀ / √E) v for q [..., L, E], k [..., S, E], v [..., S, V] → [..., L, V]. Vaswani and others, 2017. */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  checkOptions("scaledDotProductAttention", options, ["attnMask", "dropoutP", "isCausal", "scale"]);
  return composite("scaledDotProductAttention", () => {
    const { dropoutP = 0, attnMask } = options;
    if (attnMask) expectMaskOfScores(q, k, attnMask);
    const large = dropoutP === 0 ? largeAttention(q, k, v, options) : null;
    return large ?? dropout(attentionWeights(q, k, options), dropoutP).matmul(v);
  });
}
