import { estimateAt, sidesMeet, type Derivative, type Sampler } from "./five-point.ts";

/** Each step is this share of the one before. */
const FINER = 1 / 32;
const MOST_STEPS = 8;
/** Two steps tell the same where they differ by less than this share of what they are off from the derivative in doubt. */
const SETTLED = 0.05;
/** An error bar within this share of a derivative lets it agree. */
const NARROW = 1e-3;
/** How closely it must agree then. */
const AGREES = 1e-4;

/** What finer steps say of a derivative that the first finite difference contradicts. */
export type FinerSteps =
  | { readonly kind: "agree" | "differ"; readonly derivative: Derivative }
  /** The differences go on changing with the step until rounding hides them. */
  | { readonly kind: "unresolved" };

/**
 * Looks at a derivative with ever finer steps. The first step follows the size of x, and a function may change on a scale
 * of its own, as sin x does at 100,000: a difference that does not settle as the step shrinks is not evidence.
 * @param first the finite difference that differs from `analytic`.
 * @param rounding a bound on the rounding of one sample, where more is known of it than the samples tell.
 */
export async function withFinerSteps(
  sample: Sampler,
  first: Derivative,
  analytic: number,
  { magnitude, epsilon, rounding }: { readonly magnitude: number; readonly epsilon: number; readonly rounding: number },
): Promise<FinerSteps> {
  let before = { value: first.value, truncation: first.errorBar };
  let isSettled = false;
  for (let n = 0, step = first.step * FINER; n < MOST_STEPS; n++, step *= FINER) {
    const found = await estimateAt(sample, step, magnitude, epsilon);
    const noise = found.rounding + (3 * rounding) / step;
    const gap = Math.abs(found.value - analytic);
    const size = Math.max(Math.abs(analytic), Math.abs(found.value));
    if (!Number.isFinite(found.value) || !(noise < gap / 4 || noise <= NARROW * size)) break;
    const errorBar = noise + found.truncation;
    const derivative: Derivative = { value: found.value, errorBar, step, smooth: true, oneSided: null };
    const isOnePiece = found.smooth && sidesMeet(found);
    if (isOnePiece && gap <= Math.max(5 * errorBar, AGREES * size) && errorBar <= NARROW * size) {
      return { kind: "agree", derivative };
    }
    // Between the waves of a function its slopes are small, and change the more the finer the step is.
    const converges =
      found.truncation <= Math.max(noise, SETTLED * Math.abs(found.value)) || found.truncation <= before.truncation / 4;
    if (converges && Math.abs(found.value - before.value) <= SETTLED * gap + noise) {
      if (isSettled) return { kind: "differ", derivative: first };
      isSettled = true;
    } else isSettled = false;
    before = found;
  }
  return isSettled ? { kind: "differ", derivative: first } : { kind: "unresolved" };
}
