import { runtime } from "../runtime.ts";
import { readElements, type Tensor } from "../tensor/tensor.ts";
import type { Sample } from "./five-point.ts";

/** A function's result at the base point: its elements, weighted by the cotangent that makes a scalar of them. */
export interface BasePoint {
  readonly elements: Float64Array;
  readonly weights: Float64Array;
  /** Which smooth piece each element lies on; null for ops without kinks, and for functions that cannot tell. */
  readonly pieces: Float64Array | null;
  /** Relative rounding of the function: that of float64 when it is left out. */
  readonly epsilon?: number;
  /** What the function's own noise adds to the rounding error of a sample. */
  readonly noise?: number;
}

/**
 * The difference ⟨w, f(x + t) − f(x)⟩. Elements that did not change contribute exactly nothing, so the rounding error
 * is that of those that did; unless none did.
 */
export function sampleAgainst(base: BasePoint, result: Tensor, pieces: Tensor | null): Sample {
  const { elements, weights } = base;
  const there = glance(result);
  let delta = 0;
  let magnitude = 0;
  for (let i = 0; i < there.length; i++) {
    const difference = there[i]! - elements[i]!;
    if (difference === 0) continue;
    const weight = weights[i]!;
    delta += weight * difference;
    magnitude += Math.abs(weight) * (Math.abs(there[i]!) + Math.abs(elements[i]!));
  }
  // Where nothing changed at all, the change may have been lost in what it was added to.
  if (magnitude === 0) for (let i = 0; i < there.length; i++) magnitude += Math.abs(weights[i]! * elements[i]!);
  return {
    delta,
    rounding: magnitude * (base.epsilon ?? Number.EPSILON) + (base.noise ?? 0),
    samePiece: pieces === null || base.pieces === null || samePieces(base.pieces, pieces),
  };
}

/** Elements to be read at once: without a copy where they lie as doubles one after the other. */
function glance(tensor: Tensor): Float64Array {
  if (tensor.dtype !== "float64" && tensor.dtype !== "int64") return readElements(tensor);
  if (!tensor.isContiguous()) return readElements(tensor);
  const start = tensor.offset / 8;
  return runtime.memory.f64.subarray(start, start + tensor.numel());
}

/** Whether an evaluation lies on the smooth pieces of the base point. */
export function samePieces(base: Float64Array, pieces: Tensor): boolean {
  const there = glance(pieces);
  for (let i = 0; i < there.length; i++) if (there[i] !== base[i]) return false;
  return true;
}
