import { runtime } from "../../core/runtime.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Sample } from "../difference/five-point.ts";
import { inSlab, type Stack } from "./stack.ts";

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
  const all = glance(values);
  const samples: Omit<Sample, "samePiece">[] = [];
  for (let k = 0; k < values.shape[0]!; k++) {
    const { delta, magnitude } = difference(base, weighted, all, k * base.length);
    samples.push({ delta, rounding: magnitude * epsilon + noise });
  }
  return samples;
}

/**
 * ⟨w, there − base⟩, and the magnitude of what was subtracted, whose rounding it may carry.
 * @param start where the sample's elements begin in `there`.
 */
export function difference(
  base: Float64Array,
  weights: Float64Array,
  there: Float64Array,
  start = 0,
): { readonly delta: number; readonly magnitude: number } {
  let delta = 0;
  let magnitude = 0;
  // Without a branch: half of what a ReLU makes has changed, and no processor guesses which.
  for (let i = 0; i < base.length; i++) {
    const from = base[i]!;
    const to = there[start + i]!;
    const change = to - from;
    delta += weights[i]! * change;
    magnitude += Math.abs(weights[i]!) * (Math.abs(to) + Math.abs(from)) * Number(change !== 0);
  }
  if (!Number.isFinite(delta)) {
    // The difference of two infinities, as a mask leaves them, is not 0, and yet nothing has changed.
    delta = magnitude = 0;
    for (let i = 0; i < base.length; i++) {
      const from = base[i]!;
      const to = there[start + i]!;
      if (to === from) continue;
      delta += weights[i]! * (to - from);
      magnitude += Math.abs(weights[i]!) * (Math.abs(to) + Math.abs(from));
    }
  }
  // Where nothing changed at all, the change may have been lost in what it was added to.
  if (magnitude === 0) {
    for (let i = 0; i < base.length; i++) if (Number.isFinite(base[i])) magnitude += Math.abs(weights[i]! * base[i]!);
  }
  return { delta, magnitude };
}

/** Elements to be read at once: without a copy where they lie as doubles one after the other. */
export function glance(tensor: Tensor): Float64Array {
  if (tensor.dtype !== "float64" && tensor.dtype !== "int64") return readElements(tensor);
  if (!tensor.isContiguous()) return readElements(tensor);
  const start = tensor.offset / 8;
  return runtime.memory.f64.subarray(start, start + tensor.numel());
}

/**
 * Whether an evaluation lies on the smooth pieces of the base point.
 * @param start where its pieces begin in `there`.
 */
export function samePieces(base: Float64Array, there: Float64Array, start = 0): boolean {
  for (let i = 0; i < base.length; i++) if (there[start + i] !== base[i]) return false;
  return true;
}
