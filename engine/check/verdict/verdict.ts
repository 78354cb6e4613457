import type { Verdict } from "../../protocol/check.ts";
import type { Derivative, Sampler } from "../difference/five-point.ts";
import { remainderOrder } from "./second-opinion.ts";

/** How one element's analytic derivative compares with its finite difference. */
export interface Comparison {
  /** Flat index into the input or parameter. */
  readonly element: number;
  readonly analytic: number;
  readonly numeric: number;
  readonly errorBar: number;
  readonly step: number;
  readonly verdict: Verdict;
  readonly relError: number;
  readonly reason?: string;
}

/** Differences below this share of the largest derivative at hand are rounding, whatever the error bar says. */
const FLOOR = 1e-9;
/** A rule is only called wrong when it is off by more than this share. */
const TOLERANCE = 1e-5;
/** The same for a Function that rounds to float32 inside, whatever it is given. */
const COARSE_FLOOR = 1e-5;
const COARSE_TOLERANCE = 1e-4;
/** Beyond this share, an error bar is too wide to call anything right. */
const WIDEST_BAR = 0.05;
/** Within this share of the scale, a derivative that agrees with zero is zero. */
const ZERO_BAR = 0.01;

/**
 * @param scale largest magnitude among the derivatives that are compared together: what counts as small is small
 *   against it.
 * @param isCoarse whether the function rounds to float32 inside.
 */
export function compare(
  element: number,
  analytic: number,
  derivative: Derivative,
  scale: number,
  isCoarse = false,
): Comparison {
  const { value: numeric, errorBar, step } = derivative;
  const difference = Math.abs(analytic - numeric);
  const magnitude = Math.max(Math.abs(analytic), Math.abs(numeric));
  const floor = (isCoarse ? COARSE_FLOOR : FLOOR) * scale;
  const relError =
    difference <= floor ? difference / Math.max(magnitude, scale, Number.MIN_VALUE) : difference / magnitude;
  const result = { element, analytic, numeric, errorBar, step, relError };
  if (!derivative.smooth && errorBar === Infinity) {
    const reason = "discontinuous, or a kink too narrow to see: the differences do not settle as the step shrinks";
    return { ...result, verdict: "inconclusive", reason };
  }
  if (!Number.isFinite(numeric) || !Number.isFinite(errorBar)) {
    return { ...result, verdict: "inconclusive", reason: "overflow: a sample of the function is not finite" };
  }
  if (!Number.isFinite(analytic)) {
    const what = Number.isNaN(analytic) ? "NaN" : "infinite";
    return {
      ...result,
      verdict: "inconclusive",
      reason: `the gradient is ${what}, where the function has a derivative`,
    };
  }
  const allowed = Math.max(5 * errorBar, (isCoarse ? COARSE_TOLERANCE : TOLERANCE) * magnitude, floor);
  if (difference > allowed) return { ...result, verdict: "fail" };
  if (!derivative.smooth) {
    return { ...result, verdict: "pass", reason: "at a kink: any value between the one-sided derivatives is right" };
  }
  const isZero = magnitude <= errorBar && errorBar <= ZERO_BAR * scale;
  if (!isZero && errorBar > WIDEST_BAR * magnitude && errorBar > 1e-4 * scale) {
    return { ...result, verdict: "inconclusive", reason: "noisy: the error bar is too wide to decide" };
  }
  return { ...result, verdict: "pass" };
}

/** Within this share of the derivative, and with an error bar below the second, two derivatives agree beyond doubt. */
const AGREEMENT = 1e-7;
const NARROW_BAR = 1e-4;

/** Whether a first finite difference already agrees so well with a derivative that a better one would not say more. */
export function agreesWith(analytic: number, scale: number): (numeric: number, errorBar: number) => boolean {
  const magnitude = Math.abs(analytic);
  const near = Math.max(AGREEMENT * magnitude, FLOOR * scale);
  const narrow = NARROW_BAR * Math.max(magnitude, ZERO_BAR * scale);
  return (numeric, errorBar) => Math.abs(analytic - numeric) <= near && errorBar <= narrow;
}

/**
 * Asks again before an element is called wrong: a gradient that is off leaves a remainder that shrinks like the step.
 * Where it shrinks faster, or cannot be seen, the two tests do not agree, and nothing is decided. At a kink there is no
 * one derivative for the remainder to be of; what lies beyond the one-sided derivatives there stays as it is.
 */
export async function confirm(comparison: Comparison, derivative: Derivative, sample: Sampler): Promise<Comparison> {
  if (comparison.verdict !== "fail" || !derivative.smooth) return comparison;
  const order = await remainderOrder(sample, comparison.analytic, derivative.step);
  if (order === "first") return comparison;
  const reason =
    order === "higher"
      ? "two tests disagree: the gradient differs from the finite difference, yet the remainder shrinks faster than the step"
      : "noisy: the difference from the finite difference is within the rounding of the function";
  return { ...comparison, verdict: "inconclusive", reason };
}

/** A comparison that turned out to show nothing; what was undecided before stays so for its own reason. */
export function unresolved(comparison: Comparison, reason: string): Comparison {
  return comparison.verdict === "fail" ? { ...comparison, verdict: "inconclusive", reason } : comparison;
}

/** The comparison to show for a group: a failure before an undecided one, then the largest relative error. */
export function worst(comparisons: readonly Comparison[]): Comparison {
  const rank = { fail: 2, inconclusive: 1, pass: 0 } as const;
  return comparisons.reduce((a, b) => {
    if (rank[a.verdict] !== rank[b.verdict]) return rank[a.verdict] > rank[b.verdict] ? a : b;
    return b.relError > a.relError ? b : a;
  });
}

/** Those that are no good first, and of those the ones that are off most. */
export function worstFirst(comparisons: readonly Comparison[]): readonly Comparison[] {
  const offBy = ({ verdict, analytic, numeric }: Comparison): number =>
    verdict === "fail" ? Math.abs(analytic - numeric) : -1;
  return comparisons.toSorted((a, b) => offBy(b) - offBy(a));
}
