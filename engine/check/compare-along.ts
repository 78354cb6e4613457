import { ALL, type Way } from "./directions.ts";
import { fivePointDerivative, type Sampler } from "./five-point.ts";
import { agreesWith, compare, confirm, type Comparison } from "./verdict.ts";

/** What a function is like whose derivatives are compared. */
export interface Compared {
  /** Largest magnitude among the derivatives that are compared together. */
  readonly scale: number;
  /** Relative rounding of the function. */
  readonly epsilon: number;
  /** Whether it rounds to float32 inside. */
  readonly isCoarse: boolean;
  /** Whether it is the user's own forward, of which a finite difference shows that there is a derivative. */
  readonly isOpaque?: boolean;
}

/** The derivative along a way, as the rules give it, against its finite difference; asked again before it is called wrong. */
export async function compareAlong(
  { element, analytic, magnitude }: Way,
  sampler: Sampler,
  { scale, epsilon, isCoarse, isOpaque = false }: Compared,
): Promise<Comparison> {
  const size = element === ALL ? Math.max(scale, Math.abs(analytic)) : scale;
  const derivative = await fivePointDerivative(sampler, magnitude, epsilon, agreesWith(analytic, size));
  const compared = compare(element, analytic, derivative, size, isCoarse);
  // An op of the engine may have no derivative where its rule gives none, as the square root at 0. Of a Function, its own
  // forward has just shown that there is one.
  const hasDerivative = derivative.smooth && Number.isFinite(derivative.value) && Number.isFinite(derivative.errorBar);
  if (isOpaque && hasDerivative && !Number.isFinite(analytic)) return { ...compared, verdict: "fail" };
  return confirm(compared, derivative, sampler);
}
