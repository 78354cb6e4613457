/**
 * A derivative from finite differences, with the error that it may have.
 * @property oneSided derivatives from above and below, where the two sides do not meet.
 */
export interface Derivative {
  readonly value: number;
  readonly errorBar: number;
  readonly step: number;
  /** Whether all samples lay on one smooth piece. */
  readonly smooth: boolean;
  readonly oneSided: readonly [below: number, above: number] | null;
}

/** The difference of two samples, and the rounding error it may carry. */
export interface Sample {
  /** f(x + t) − f(x). */
  readonly delta: number;
  /** Bound on the rounding error of `delta`. */
  readonly rounding: number;
  /** Whether the sample lies on the smooth piece of the base point. */
  readonly samePiece: boolean;
}

/** Evaluates f at x + t for several t at once, relative to f(x). */
export type Sampler = (steps: readonly number[]) => Promise<readonly Sample[]>;

const EPSILON = Number.EPSILON;
/** Steps shrink by this much when samples leave the smooth piece. */
const SHRINK = 1 / 64;
const MOST_SHRINKS = 4;
/** As a share of x. Beyond it, what two steps differ by says little of the truncation: the function is another one there. */
const WIDEST_STEP = 2 ** -4;
/** One-sided derivatives further apart than this share are looked at more closely. */
const MOST_GAP = 0.2;
/** The gap between them must fall to this share when the step shrinks. */
const CLOSING = 0.3;

/** At a kink, the derivative from one side changes by less than this share when the step halves. */
const UNSETTLED = 0.1;

/** A derivative at one step, and the samples that it is made of. */
export interface Estimate {
  readonly value: number;
  readonly rounding: number;
  readonly truncation: number;
  readonly step: number;
  readonly smooth: boolean;
  readonly samples: readonly Sample[];
}

/**
 * The five-point rule with an adaptive step: two step sizes give an estimate of the truncation error, the samples one
 * of the rounding error; the step that balances both is tried next, and taken if its error bar is smaller and the two
 * results agree. After GSL's `deriv.c` (B. Gough), which follows Abramowitz and Stegun 25.3.4.
 * @param scale magnitude of x along the direction, at least 1 by convention.
 * @param epsilon relative rounding of f.
 * @param suffices whether a value with such an error bar is good enough as it is; none is by default.
 */
export async function fivePointDerivative(
  sample: Sampler,
  scale: number,
  epsilon = EPSILON,
  suffices: (value: number, errorBar: number) => boolean = () => false,
): Promise<Derivative> {
  const at = (size: number): Promise<Estimate> => estimateAt(sample, size, scale, epsilon);
  let step = 2 ** Math.round(Math.log2(epsilon ** 0.2 * Math.max(1, scale)));
  let first = await at(step);
  for (const nearer of stepsWithin(step, scale)) {
    if (Number.isFinite(first.value)) break;
    step = nearer;
    first = await at(step);
  }
  if (!first.smooth) {
    // Mostly x itself is on a kink, where no step is small enough: the smallest tells.
    const smallest = await at(step * SHRINK ** MOST_SHRINKS);
    if (!smallest.smooth) return atKink(smallest);
    for (let shrinks = 1; !first.smooth; shrinks++) {
      step *= SHRINK;
      first = shrinks < MOST_SHRINKS ? await at(step) : smallest;
    }
  }
  if (!sidesMeet(first)) {
    // A function that cannot tell its pieces is looked at from outside: as the step shrinks the derivatives from below
    // and above come together, unless there is a kink between them.
    const nearer = await at(step * SHRINK);
    if (!(nearer.smooth && gapOf(nearer) <= CLOSING * gapOf(first) + 8 * nearer.rounding)) return atKink(nearer);
    step *= SHRINK;
    first = nearer;
  }
  const errorBar = first.rounding + first.truncation;
  if (first.truncation === 0 || suffices(first.value, errorBar)) return smooth(first);
  if (first.rounding >= first.truncation && errorBar <= 1e-7 * Math.abs(first.value)) return smooth(first);
  const best = step * Math.cbrt(first.rounding / (2 * first.truncation));
  const better = Math.min(best, WIDEST_STEP * Math.max(1, scale));
  if (!(better > 0) || !Number.isFinite(better)) return smooth(first);
  const second = await at(2 ** Math.round(Math.log2(better)));
  const secondBar = second.rounding + second.truncation;
  const agree = Math.abs(second.value - first.value) <= 4 * errorBar;
  return smooth(second.smooth && secondBar < errorBar && agree ? second : first);
}

/** Finer steps, for a function that ends nearer to x than the first one reaches, as a logarithm does at 0. */
function stepsWithin(step: number, scale: number): readonly number[] {
  const finer = Array.from({ length: MOST_SHRINKS }, (_, n) => step * SHRINK ** (n + 1));
  const within = scale * WIDEST_STEP;
  return within > 0 && within < step ? [...finer, within].sort((a, b) => b - a) : finer;
}

/** The five-point rule at one step. */
export async function estimateAt(sample: Sampler, step: number, scale: number, epsilon: number): Promise<Estimate> {
  const samples = await sample([-step, step, -step / 2, step / 2]);
  const [below, above, halfBelow, halfAbove] = samples as [Sample, Sample, Sample, Sample];
  const r3 = 0.5 * (above.delta - below.delta);
  const r5 = (4 / 3) * (halfAbove.delta - halfBelow.delta) - (1 / 3) * r3;
  const e3 = above.rounding + below.rounding;
  const e5 = 2 * (halfAbove.rounding + halfBelow.rounding) + e3;
  const inexactStep = Math.max(Math.abs(r3 / step), Math.abs(r5 / step)) * (scale / step) * epsilon;
  return {
    value: r5 / step,
    rounding: Math.abs(e5 / step) + inexactStep,
    truncation: Math.abs((r5 - r3) / step),
    step,
    smooth: samples.every(({ samePiece }) => samePiece),
    samples,
  };
}

/** Whether the derivatives from below and from above are one, as far as the step and rounding tell. */
export function sidesMeet(estimate: Estimate): boolean {
  const [left, right] = oneSidedOf(estimate.samples, estimate.step);
  return gapOf(estimate) <= MOST_GAP * Math.max(Math.abs(left), Math.abs(right)) + 8 * estimate.rounding;
}

function gapOf({ samples, step }: Estimate): number {
  const [left, right] = oneSidedOf(samples, step);
  return Math.abs(right - left);
}

/** Derivatives from below and from above, from the two nearer samples. */
function oneSidedOf(samples: readonly Sample[], step: number): [below: number, above: number] {
  const [, , below, above] = samples as [Sample, Sample, Sample, Sample];
  return [below.delta / (-step / 2), above.delta / (step / 2)];
}

function smooth({ value, rounding, truncation, step }: Estimate): Derivative {
  return { value, errorBar: rounding + truncation, step, smooth: true, oneSided: null };
}

/** The samples never came to lie on one piece: the point itself is a kink, with a derivative on either side. */
function atKink({ step, samples, rounding }: Estimate): Derivative {
  const [left, right] = oneSidedOf(samples, step);
  const [wideLeft, wideRight] = [samples[0]!.delta / -step, samples[1]!.delta / step];
  const moved = Math.max(Math.abs(left - wideLeft), Math.abs(right - wideRight));
  const isSettled = !(moved > UNSETTLED * Math.max(Math.abs(left), Math.abs(right)) + 8 * rounding);
  const value = (left + right) / 2;
  if (!isSettled) return { value, errorBar: Infinity, step, smooth: false, oneSided: null };
  return {
    value,
    errorBar: Math.abs(right - left) / 2 + rounding + 1e-6 * Math.max(Math.abs(left), Math.abs(right)),
    step,
    smooth: false,
    oneSided: [left, right],
  };
}
