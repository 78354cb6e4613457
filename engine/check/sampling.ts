import { runtime } from "../runtime.ts";
import { readElements, type Tensor } from "../tensor/tensor.ts";
import type { Sample } from "./five-point.ts";
import { entryOf, inSlab, type Stack } from "./stack.ts";

/** A function's result at the base point: its elements, weighted by the cotangent that makes a scalar of them. */
export interface BasePoint {
  readonly elements: Float64Array;
  readonly weights: Float64Array;
  /** Relative rounding of the function: that of float64 when it is left out. */
  readonly epsilon?: number;
  /** What the function's own noise adds to the rounding error of a sample. */
  readonly noise?: number;
}

/**
 * The differences ⟨w, f(x + t) − f(x)⟩, one for each sample. Elements that did not change contribute exactly nothing, so
 * the rounding error is that of those that did; unless none did.
 */
export function samplesAgainst(
  { elements, weights, epsilon = Number.EPSILON, noise = 0 }: BasePoint,
  shape: readonly number[],
  { values, slab }: Stack,
): Omit<Sample, "samePiece">[] {
  const base = inSlab(elements, shape, slab);
  const weighted = inSlab(weights, shape, slab);
  return Array.from({ length: values.shape[0]! }, (_, k) => {
    const { delta, magnitude } = difference(base, weighted, glance(entryOf(values, k)));
    return { delta, rounding: magnitude * epsilon + noise };
  });
}

/** ⟨w, there − base⟩, and the magnitude of what was subtracted, whose rounding it may carry. */
export function difference(
  base: Float64Array,
  weights: Float64Array,
  there: Float64Array,
): { readonly delta: number; readonly magnitude: number } {
  let delta = 0;
  let magnitude = 0;
  // Without a branch: half of what a ReLU makes has changed, and no processor guesses which.
  for (let i = 0; i < there.length; i++) {
    const change = there[i]! - base[i]!;
    delta += weights[i]! * change;
    magnitude += Math.abs(weights[i]!) * (Math.abs(there[i]!) + Math.abs(base[i]!)) * Number(change !== 0);
  }
  if (!Number.isFinite(delta)) {
    // The difference of two infinities, as a mask leaves them, is not 0, and yet nothing has changed.
    delta = magnitude = 0;
    for (let i = 0; i < there.length; i++) {
      if (there[i] === base[i]) continue;
      delta += weights[i]! * (there[i]! - base[i]!);
      magnitude += Math.abs(weights[i]!) * (Math.abs(there[i]!) + Math.abs(base[i]!));
    }
  }
  // Where nothing changed at all, the change may have been lost in what it was added to.
  if (magnitude === 0) {
    for (let i = 0; i < there.length; i++) if (Number.isFinite(base[i])) magnitude += Math.abs(weights[i]! * base[i]!);
  }
  return { delta, magnitude };
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
