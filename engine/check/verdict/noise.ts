import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";

/** Relative distance of the samples: several units in the last place of float32, and none for a smooth function. */
const SPACING = 2 ** -20;
const SAMPLES = 7;
/** Noise below this share of the result is the rounding of float64, which is accounted for elsewhere. */
const NEGLIGIBLE = 1e-13;

/**
 * What a Function's own rounding adds to ⟨w, f(x)⟩, from differences of fourth order of closely spaced samples: a smooth
 * function has none of them, rounding has little else. After ECnoise (J. Moré and S. Wild, 2011).
 * @returns a standard deviation, 0 when there is nothing beyond float64.
 */
export async function noiseOf(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  index: number,
  base: { readonly elements: Float64Array; readonly weights: Float64Array },
): Promise<number> {
  const batch = closePoints(readElements(inputs[index]!)).map((moved) =>
    inputs.map((input, i) => (i === index ? fromNumbers(moved, input.shape, "float64") : input)),
  );
  return noiseAmong((await replay.apply(row, batch)).map(readElements), base);
}

/** Points near an input, at which the function is asked for its noise. */
export function closePoints(values: Float64Array): Float64Array[] {
  const apart = values.map((_, i) => SPACING * (1 + 0.3 * Math.sin(i)));
  return Array.from({ length: SAMPLES }, (_, j) => values.map((value, i) => value * (1 + j * apart[i]!)));
}

/** The same from the results at {@link closePoints}. */
export function noiseAmong(
  results: readonly Float64Array[],
  base: { readonly elements: Float64Array; readonly weights: Float64Array },
): number {
  let variance = 0;
  let magnitude = 0;
  const order = 4;
  // (k!)² / (2k)! for k = 4.
  const gamma = 1 / 70;
  // There may be millions of results: no array is made for any of them.
  const differences = new Float64Array(results.length);
  const count = results.length - order;
  base.weights.forEach((weight, k) => {
    const own = base.elements[k]!;
    for (let j = 0; j < results.length; j++) differences[j] = results[j]![k]! - own;
    for (let i = 1; i <= order; i++) {
      for (let j = 0; j < results.length - i; j++) differences[j] = differences[j + 1]! - differences[j]!;
    }
    let squares = 0;
    for (let j = 0; j < count; j++) squares += differences[j]! ** 2;
    variance += (weight * weight * gamma * squares) / count;
    magnitude = Math.max(magnitude, Math.abs(weight * own));
  });
  const noise = Math.sqrt(variance);
  return noise > NEGLIGIBLE * magnitude * Math.sqrt(base.weights.length) ? noise : 0;
}
