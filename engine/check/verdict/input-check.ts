import type { Comparison } from "./verdict.ts";

/** What is smaller than this share of the largest cotangent is taken for rounding. */
export const NOISE = 1e-6;

/** Relative rounding of float32. */
export const SINGLE_EPSILON = 2 ** -23;

/** Comparisons of one input of an op. */
export interface InputCheck {
  readonly input: number;
  readonly shape: readonly number[];
  readonly count: number;
  readonly comparisons: readonly Comparison[];
  /** Whether all elements, moved at once, agreed as well. */
  readonly together?: boolean;
  /** The analytic cotangent in full, row-major. */
  readonly analytic: Float64Array;
}
