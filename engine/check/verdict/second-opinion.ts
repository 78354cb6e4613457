import type { Sampler } from "../difference/five-point.ts";

/**
 * How the remainder f(x + h) − f(x) − h·g shrinks when h halves: like h where g is not the derivative, like a higher
 * power of h where it is, and not visibly where rounding hides it.
 */
export type RemainderOrder = "first" | "higher" | "unseen";

/** Below it the remainder falls by less than a first-order one does, however noisy. */
const LEAST_RATIO = 1.4;
/** Between 2, of a first-order remainder, and 8, of the third-order one that the odd part of a derivative leaves. */
const MOST_RATIO = 4;
/** The remainder must stand out of the rounding of its samples by this much. */
const CLEAR = 2;

/**
 * A second opinion on a derivative that differs from its finite difference, by Taylor's theorem rather than by the size
 * of an error bar. The odd part of the remainder is taken, in which the second derivative cancels.
 * @param step of the finite difference; others near it are used, so that no sample is the same.
 */
export async function remainderOrder(sample: Sampler, gradient: number, step: number): Promise<RemainderOrder> {
  const wide = 0.75 * step;
  const [above, below, halfAbove, halfBelow] = await sample([wide, -wide, wide / 2, -wide / 2]);
  if (!above || !below || !halfAbove || !halfBelow) return "unseen";
  const whole = Math.abs((above.delta - below.delta) / 2 - wide * gradient);
  const half = Math.abs((halfAbove.delta - halfBelow.delta) / 2 - (wide / 2) * gradient);
  const rounding = (halfAbove.rounding + halfBelow.rounding) / 2;
  // Also what is not a number is not seen.
  if (!(half > CLEAR * rounding)) return "unseen";
  const ratio = whole / half;
  return ratio >= LEAST_RATIO && ratio <= MOST_RATIO ? "first" : "higher";
}
