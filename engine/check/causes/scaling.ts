import type { Cause } from "../../protocol/check.ts";
import { agree, largest, timesOf, weightedTruth, type Suspect } from "./suspect.ts";

/** given / truth, when it is the same for every element that has a gradient. */
export function commonRatio(given: Float64Array, truth: Float64Array): number | null {
  const scale = largest(truth);
  if (scale === 0) return null;
  let numerator = 0;
  let denominator = 0;
  for (let i = 0; i < truth.length; i++) {
    numerator += given[i]! * truth[i]!;
    denominator += truth[i]! * truth[i]!;
  }
  const ratio = numerator / denominator;
  return ratio !== 0 &&
    agree(
      given,
      truth.map((value) => ratio * value),
    )
    ? ratio
    : null;
}

export function sign({ given, truth }: Suspect): Cause | null {
  const ratio = commonRatio(given, truth);
  if (ratio === null || Math.abs(ratio + 1) > 1e-5) return null;
  return { kind: "sign", ratio, text: "the sign is wrong: backward returns minus the gradient, for every element" };
}

/** Off by a size: a mean taken for a sum, or the other way round. */
export function batchScale(suspect: Suspect): Cause | null {
  const ratio = commonRatio(suspect.given, suspect.truth);
  if (ratio === null) return null;
  for (const size of sizesOf(suspect)) {
    if (size < 3) continue;
    const over = Math.abs(ratio - size) < 1e-5 * size;
    if (!over && Math.abs(ratio * size - 1) > 1e-5) continue;
    const factor = over ? `${size} times` : `1/${size} of`;
    const what = over ? "a division by that size is missing" : "it is divided by that size once too often";
    return { kind: "batch-scale", ratio, text: `backward returns ${factor} the gradient, for every element: ${what}` };
  }
  return null;
}

/** Sizes over which a mean may have been taken: each axis, and all of them. */
function sizesOf({ shape, outputShape, x, y, inputs }: Suspect): Set<number> {
  const sizes = new Set([...shape, ...outputShape, x.length, y.length]);
  for (const input of inputs) for (const size of input.shape) sizes.add(size);
  return sizes;
}

export function scale({ given, truth }: Suspect): Cause | null {
  const ratio = commonRatio(given, truth);
  if (ratio === null) return null;
  return {
    kind: "scale",
    ratio,
    text: `a constant factor is off: backward returns ${timesOf(ratio)} the gradient, for every element`,
  };
}

/** The same result whatever comes from above. */
export async function missingUpstream(suspect: Suspect): Promise<Cause | null> {
  const { given, upstream } = suspect;
  if (largest(given) === 0) return null;
  const other = await suspect.productFor(upstream.map((value, i) => 1.7 * value + 0.3 * Math.sin(3 * i + 1)));
  const ignored =
    agree(given, other) ||
    agree(
      given,
      weightedTruth(suspect, (k) => 1 / upstream[k]!),
    );
  if (!ignored) return null;
  return {
    kind: "missing-upstream",
    text: "the gradient from above is ignored: backward returns the local derivative alone, not multiplied by grad",
  };
}
