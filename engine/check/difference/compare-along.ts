import { ALL, type Way } from "./directions.ts";
import { fivePointDerivative, type Sample, type Sampler } from "./five-point.ts";
import { agreesWith, compare, confirm, type Comparison } from "../verdict/verdict.ts";

/** What a function is like whose derivatives are compared. */
export interface Compared {
  /** Largest magnitude among the derivatives that are compared together. */
  readonly scale: number;
  /** Relative rounding of the function. */
  readonly epsilon: number;
  /** Whether it rounds to float32 inside. */
  readonly isCoarse: boolean;
  /** Whether it is affine, as an op may be in each operand: one sample then tells what any other would. */
  readonly isAffine?: boolean;
  /** Whether it is the user's own forward, of which a finite difference shows that there is a derivative. */
  readonly isOpaque?: boolean;
}

/** The derivative along a way, as the rules give it, against its finite difference; asked again before it is called wrong. */
export async function compareAlong(
  { element, analytic, magnitude }: Way,
  sampler: Sampler,
  { scale, epsilon, isCoarse, isAffine = false, isOpaque = false }: Compared,
): Promise<Comparison> {
  const sample = isAffine ? affineSampler(sampler, magnitude) : sampler;
  const size = element === ALL ? Math.max(scale, Math.abs(analytic)) : scale;
  const derivative = await fivePointDerivative(sample, magnitude, epsilon, agreesWith(analytic, size));
  const compared = compare(element, analytic, derivative, size, isCoarse);
  // An op of the engine may have no derivative where its rule gives none, as the square root at 0. Of a Function, its own
  // forward has just shown that there is one.
  const hasDerivative = derivative.smooth && Number.isFinite(derivative.value) && Number.isFinite(derivative.errorBar);
  if (isOpaque && hasDerivative && !Number.isFinite(analytic)) return { ...compared, verdict: "fail" };
  return confirm(compared, derivative, sample);
}

/** A step for an affine function, for which all are the same, but that a small one is lost in what it is added to. */
export function affineStep(magnitude: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, magnitude)));
}

/** Samples of an affine function, all from one: its difference quotient is the same for every step. */
function affineSampler(sampler: Sampler, magnitude: number): Sampler {
  const step = affineStep(magnitude);
  let only: Promise<readonly Sample[]> | null = null;
  return async (steps) => {
    const [{ delta, rounding, samePiece }] = (await (only ??= sampler([step]))) as [Sample];
    return steps.map((size) => {
      const share = size / step;
      return { delta: share * delta, rounding: Math.abs(share) * rounding, samePiece };
    });
  };
}
