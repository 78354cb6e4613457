import { ALL, type Way } from "./directions.ts";
import { fivePointDerivative, type Sample, type Sampler } from "./five-point.ts";
import { agreesWith, compare, confirm, unresolved, type Comparison } from "../verdict/verdict.ts";
import { withFinerSteps } from "./finer-steps.ts";

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
  /** The largest magnitude of an affine function's result: a smaller step would be lost in that. */
  readonly resultScale?: number;
  /**
   * A bound on the rounding of a sample, of everything that was summed up to it. Asked for before something is called
   * wrong.
   * @param element the one that is moved, or {@link ALL}.
   */
  readonly roundingOf?: (element: number) => Promise<number>;
  /** Whether it is the user's own forward, of which a finite difference shows that there is a derivative. */
  readonly isOpaque?: boolean;
}

/** The derivative along a way, as the rules give it, against its finite difference; asked again before it is called wrong. */
export async function compareAlong(
  { element, analytic, magnitude }: Way,
  sampler: Sampler,
  { scale, epsilon, isCoarse, isAffine = false, isOpaque = false, resultScale = 0, roundingOf }: Compared,
): Promise<Comparison> {
  const sample = isAffine ? affineSampler(sampler, Math.max(magnitude, resultScale)) : sampler;
  const size = element === ALL ? Math.max(scale, Math.abs(analytic)) : scale;
  const derivative = await fivePointDerivative(sample, magnitude, epsilon, agreesWith(analytic, size));
  const compared = compare(element, analytic, derivative, size, isCoarse);
  // An op of the engine may have no derivative where its rule gives none, as the square root at 0. A Function's
  // own forward has just shown that there is one.
  const hasDerivative = derivative.smooth && Number.isFinite(derivative.value) && Number.isFinite(derivative.errorBar);
  if (isOpaque && hasDerivative && !Number.isFinite(analytic)) return { ...compared, verdict: "fail" };
  const confirmed = await confirm(compared, derivative, sample);
  if (confirmed.verdict === "pass" || !Number.isFinite(analytic)) return confirmed;
  const isUnsettled = !derivative.smooth && derivative.errorBar === Infinity && Number.isFinite(derivative.value);
  if (compared.verdict !== "fail" && !isUnsettled) return confirmed;
  // No step resolves a jump, and a rule gives 0 there, as that of rounding does.
  if (isUnsettled && analytic === 0 && !isOpaque) {
    return { ...compared, verdict: "pass", reason: "at a jump: the gradient is 0 there, as everywhere around it" };
  }
  const rounding = (await roundingOf?.(element)) ?? 0;
  if (compared.verdict === "fail" && Math.abs(analytic - derivative.value) * derivative.step <= 8 * rounding) {
    return unresolved(compared, "noisy: the difference is within the rounding of what is summed up here");
  }
  if (isAffine) return confirmed;
  const finer = await withFinerSteps(sample, derivative, analytic, { magnitude, epsilon, rounding });
  switch (finer.kind) {
    case "agree":
      return compare(element, analytic, finer.derivative, size, isCoarse);
    case "differ":
      // What is moved may be in several windows of a pooling, each with a choice and two sides of its own.
      return derivative.oneSided === null
        ? confirmed
        : unresolved(
            confirmed,
            "at a kink of several results: the gradient need not lie between the one-sided derivatives",
          );
    case "unresolved":
      return unresolved(confirmed, "the function changes too fast: its differences do not settle as the step shrinks");
  }
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
