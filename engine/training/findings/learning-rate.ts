import { linesOf } from "../pass-entries.ts";
import type { Site } from "../../protocol/site.ts";
import type { Remedy } from "../fixes/change.ts";
import { lossCourses, median } from "../loss-course.ts";
import type { ExaminedRun, Found, Rule } from "../rule.ts";
import type { OptimizerHistory } from "../training.ts";
import { roundedText } from "../../recording/number-text.ts";
import { counted } from "../wording.ts";
import { isTooTight, MANY } from "./strength.ts";

/** Updates beyond this share of the weights change them altogether in a few steps. */
const LARGE = 0.15;
const SMALL = 2e-5;
const FEWEST = 5;
/** Weights that moved by less than this share of their size, in a whole run, are what they were. */
const STILL = 1e-4;
/** First steps beyond this share of the weights leave nothing of how they were drawn. */
const THROWN = 0.5;
/** The loss must have grown by this factor. */
const GROWTH = 1.3;

/** Updates of this share of the weights are about right. */
const HEALTHY = 3e-3;
/** A run that has blown up says no more than this about its rate. */
const MOST_TENS = 3;

/** How many times ten to go at once, at least one. */
function tens(excess: number): number {
  return Number.isFinite(excess) ? Math.min(MOST_TENS, Math.max(1, Math.ceil(Math.log10(excess)))) : 2;
}

function rateTimes(call: Site, factor: number): Remedy {
  const text = factor < 1 ? `Divide lr by ${Math.round(1 / factor)}.` : `Multiply lr by ${factor}.`;
  return { text, changes: [{ kind: "number", call, which: "lr", to: { times: factor } }] };
}

/** Median over weights and sampled steps of ‖update‖ / ‖weight‖. */
function updateRatio({ training, updates }: ExaminedRun, optimizer: OptimizerHistory): number {
  const held = new Set(optimizer.groups.flatMap(({ parameters }) => parameters));
  const ratios = updates
    .filter(
      ({ parameter, step }) => held.has(parameter) && step > 1 && training.parameters[parameter]!.shape.length > 1,
    )
    .map(({ update, weight }) => update / weight);
  const all =
    ratios.length > 0
      ? ratios
      : updates.filter(({ parameter }) => held.has(parameter)).map(({ update, weight }) => update / weight);
  return median(all.map((ratio) => (Number.isNaN(ratio) ? Infinity : ratio)));
}

/** The median over weights of ‖update‖ / ‖weight‖ in the first steps. */
function firstRatio({ training, updates }: ExaminedRun, { groups }: OptimizerHistory): number {
  const held = new Set(groups.flatMap(({ parameters }) => parameters));
  const isWeight = (parameter: number): boolean => training.parameters[parameter]!.shape.length > 1;
  const first = updates.filter(({ parameter, step }) => held.has(parameter) && step <= 3 && isWeight(parameter));
  return median(first.map(({ update, weight }) => update / weight));
}

/**
 * The largest ‖update‖ / ‖weight‖ of any weight in the sampled steps; of biases only where there is nothing else: those that
 * start at zero move by all of their size, however small the step.
 */
function largestRatio({ training, updates }: ExaminedRun, { groups }: OptimizerHistory): number {
  const held = new Set(groups.flatMap(({ parameters }) => parameters));
  const moved = updates.filter(({ parameter }) => held.has(parameter));
  const weights = moved.filter(({ parameter }) => training.parameters[parameter]!.shape.length > 1);
  return (weights.length > 0 ? weights : moved).reduce(
    (most, { update, weight }) => Math.max(most, update / weight),
    0,
  );
}

/** Steps that are larger than the landscape allows. */
export const lrTooHigh: Rule = {
  name: "lr-too-high",
  severity: "error",
  after: "certain",
  title: "the learning rate is too large",
  looksAt: "the course of the loss, and how large updates are compared with the weights",
  threshold: `the loss breaks or ends ${GROWTH} times as high as it began, or jumps tenfold, and updates are more than ${LARGE * 100} % of the weights, or of the first ones more than ${THROWN * 100} %, or weights have grown tenfold`,
  source:
    "updates of about 1e-3 of the weights are healthy (A. Karpathy, CS231n); gradient descent diverges beyond 2 / curvature",
  why: "Each step overshoots, further each time.",
  fix: "Divide the learning rate by 10 until the loss falls.",
  *inRun(run): Iterable<Found> {
    const { training } = run;
    yield* handRateTooHigh(run);
    for (const optimizer of training.optimizers) {
      if (optimizer.steps < 2) continue;
      const ratio = updateRatio(run, optimizer);
      const course = lossCourses(training).find(({ count }) => count >= 3);
      if (!course) continue;
      const grew = course.last > GROWTH * course.first && course.first > 0;
      const jumped =
        course.largest > 10 * Math.max(course.first, 1e-12) && course.first > 0 && course.last > 0.5 * course.first;
      const wanders =
        ratio > 0.3 && optimizer.steps >= 10 && course.largest > 3 * course.first && course.last > 0.3 * course.first;
      const started = firstRatio(run, optimizer);
      // Thrown far off at once, into a place where units are saturated and steps are small beside the weights.
      const thrown =
        started > THROWN && course.largest > 10 * course.first && course.first > 0 && course.last > 0.1 * course.first;
      if (!course.broke && !grew && !jumped && !wanders && !thrown) continue;
      const large = ratio > LARGE || course.broke || run.weightGrowth > 10 || thrown;
      if (!large || isUndivided(run)) continue;
      const rate = optimizer.largestRate;
      if (run.summed.some(({ elements }) => elements >= MANY)) continue;
      const isOver = thrown && !(ratio > LARGE);
      const last = course.broke ? "NaN" : roundedText(course.last);
      const passes = counted(course.count, "pass", "passes");
      yield {
        text: isOver
          ? `The loss went from ${roundedText(course.first)} to ${roundedText(course.largest)} and ended at ${last} in ${passes}, and the first steps of this ${optimizer.type} (lr ${roundedText(rate)}) changed the weights by ${roundedText(100 * started)} % of their size: they left nothing of how those were drawn. Divide the learning rate by 10 until the loss falls.`
          : `The loss went from ${roundedText(course.first)} to ${last} in ${passes}, and a typical step of this ${optimizer.type} (lr ${roundedText(rate)}) changes the weights by ${roundedText(100 * ratio)} % of their size: the steps overshoot. Divide the learning rate by 10 until the loss falls.`,
        site: optimizer.madeAt,
        related: [{ text: "backward() is called here", site: course.site }],
        evidence: { rate, updateRatio: ratio, first: course.first, last: course.last, largest: course.largest },
        ...(optimizer.madeAt && {
          remedy: rateTimes(optimizer.madeAt, 10 ** -tens((isOver ? started : ratio) / HEALTHY)),
        }),
      };
    }
  },
};

/** Steps that a program takes by itself. */
function* handRateTooHigh({ training, summed, weightGrowth }: ExaminedRun): Iterable<Found> {
  const course = lossCourses(training).find(({ count }) => count >= 3);
  const [step] = training.handSteps.filter(({ samples }) => samples.some(({ along }) => along < -0.9));
  if (!course || !step || summed.some(({ elements }) => elements >= MANY)) return;
  const grew = course.first > 0 && (course.last > GROWTH * course.first || course.largest > 10 * course.first);
  const ratio = median(step.samples.map((one) => (Number.isNaN(one.ratio) ? Infinity : one.ratio)));
  if (!course.broke && !grew) return;
  if (!(ratio > LARGE) && !course.broke && !(weightGrowth > 10)) return;
  const { rate } = step.samples[0]!;
  yield {
    text: `The loss went from ${roundedText(course.first)} to ${course.broke ? "NaN" : roundedText(course.last)} in ${counted(course.count, "pass", "passes")}, and a typical step that is taken here by hand (about ${roundedText(rate)} times the gradient) changes the weights by ${roundedText(100 * ratio)} % of their size: the steps overshoot. Divide the learning rate by 10 until the loss falls.`,
    site: step.site,
    related: [{ text: "backward() is called here", site: course.site }],
    evidence: { rate, updateRatio: ratio, first: course.first, last: course.last },
  };
}

/** Steps that change nothing. */
export const lrTooLow: Rule = {
  name: "lr-too-low",
  severity: "warning",
  after: "certain",
  title: "the learning rate is too small",
  looksAt: "how large updates are compared with the weights, and the course of the loss",
  threshold: `updates below ${SMALL} of the weights, and, in ${FEWEST} steps or more, a loss that changed by less than 2 % or weights that moved by less than ${STILL} of their size in all`,
  source: "updates of about 1e-3 of the weights are healthy (A. Karpathy, CS231n)",
  why: "At this pace nothing will have moved when the run ends.",
  fix: "Multiply the learning rate by 10 until the loss falls.",
  *inRun(run): Iterable<Found> {
    const { training, ended } = run;
    if (!ended) return;
    yield* slowHandSteps(run);
    for (const optimizer of training.optimizers) {
      if (optimizer.steps < FEWEST) continue;
      const ratio = updateRatio(run, optimizer);
      const course = lossCourses(training).find(({ count }) => count >= FEWEST);
      if (!course || !(ratio < SMALL) || isWithoutGradient(run, optimizer)) continue;
      const changed = Math.abs(course.last - course.first) > 0.02 * Math.abs(course.first);
      // Weights that cannot have moved leave every change of the loss to the batches.
      if (changed && !(largestRatio(run, optimizer) * optimizer.steps < STILL)) continue;
      yield {
        text: `A typical step of this ${optimizer.type} (lr ${roundedText(optimizer.largestRate)}) changes the weights by ${roundedText(ratio)} of their size, and the loss ${changed ? "follows nothing but the batches" : `stayed at ${roundedText(course.last)}`} over ${counted(optimizer.steps, "step")}: the learning rate is too small. Multiply it by 10 until the loss falls.`,
        site: optimizer.madeAt,
        evidence: { rate: optimizer.largestRate, updateRatio: ratio, first: course.first, last: course.last },
        ...(optimizer.madeAt && {
          remedy: rateTimes(optimizer.madeAt, 10 ** tens(HEALTHY / ratio)),
        }),
      };
    }
  },
};

/** Whether no weight has ever got a gradient but zero: then no learning rate would move any. */
function isWithoutGradient({ training }: ExaminedRun, { groups }: OptimizerHistory): boolean {
  const weights = groups
    .flatMap(({ parameters }) => parameters.map((id) => training.parameters[id]!))
    .filter(({ shape, reached }) => shape.length > 1 && reached > 0);
  return weights.length > 0 && weights.every(({ reached, reachedByZero }) => reachedByZero === reached);
}

/** Steps that a program makes itself, and that change nothing. */
function* slowHandSteps({ training }: ExaminedRun): Iterable<Found> {
  for (const { site, steps, samples } of training.handSteps) {
    const course = lossCourses(training).find(({ count }) => count >= FEWEST);
    if (steps < FEWEST || samples.length === 0 || !course) continue;
    // Biases that start at zero move by a large share of themselves, however small the step.
    const ratio = samples.map((one) => one.ratio).toSorted((a, b) => a - b)[samples.length >> 2]!;
    const isStill = Math.abs(course.last - course.first) <= 0.02 * Math.abs(course.first);
    if (!(ratio < SMALL && ratio * steps < STILL && isStill)) continue;
    yield {
      text: `A typical step changes the weights by ${roundedText(ratio)} of their size here, and the loss stayed at ${roundedText(course.last)} over ${counted(steps, "step")}: the learning rate is too small. Multiply it by 10 until the loss falls.`,
      site,
      evidence: { updateRatio: ratio, first: course.first, last: course.last },
    };
  }
}

/** Gradients of fewer passes than these, added up, are about as large as that of one. */
const FEWEST_PASSES = 4;

/** Gradients of several passes that are added up for one step, of losses that were not divided by their number. */
function undivided({
  training,
  samples,
}: ExaminedRun): { readonly optimizer: OptimizerHistory; readonly passes: number } | null {
  const lines = linesOf(training.passes);
  // Steps of the others do not grow with the gradients.
  const [optimizer] = training.optimizers.filter(({ type, steps }) => type === "SGD" && steps > 0);
  if (!optimizer || lines.size !== 1 || optimizer.staleSteps > 0) return null;
  const passes = optimizer.fedPasses / optimizer.steps;
  const isDivided = samples.some(({ rootFactor }) => rootFactor * passes <= 2);
  return passes >= FEWEST_PASSES && !isDivided ? { optimizer, passes } : null;
}

/** Whether the steps would be of a fitting size, were the gradients divided by the number of passes. */
function isUndivided(run: ExaminedRun): boolean {
  const found = undivided(run);
  return found !== null && firstRatio(run, found.optimizer) / found.passes < LARGE;
}

/** The sum of the losses of many examples takes steps as many times as large. */
export const wrongReduction: Rule = {
  name: "wrong-reduction",
  severity: "error",
  after: "certain",
  title: "the loss is summed where a mean was meant",
  looksAt:
    "how the errors of examples, and of the passes for one step, are brought together, and whether the run diverges",
  threshold:
    "a sum over 8 elements or more, or gradients of 4 passes or more whose losses are not divided, and a loss that breaks, jumps tenfold or ends higher than it began, or clipping that leaves next to nothing of the gradients",
  source: "the gradient of a sum over N examples is N times that of their mean, and so is the step",
  why: "The learning rate that suits a mean is as many times too large as there are examples.",
  fix: 'Use reduction "mean", or divide by the number of examples.',
  *inRun(run): Iterable<Found> {
    const { training, summed } = run;
    const course = lossCourses(training).find(({ count }) => count >= 3);
    if (!course) return;
    const diverges =
      course.broke ||
      (course.first > 0 &&
        (course.last > GROWTH * course.first ||
          (course.largest > 10 * course.first && course.last > 0.5 * course.first)));
    const clip = training.clips.find(isTooTight);
    const added = undivided(run);
    if (added && diverges && isUndivided(run)) {
      const { optimizer, passes } = added;
      const times = roundedText(passes);
      yield {
        text: `The gradients of ${times} passes are added up for each step of this ${optimizer.type}, and no loss is divided by their number, so each step is ${times} times what it would be of their mean, and the loss went from ${roundedText(course.first)} to ${course.broke ? "NaN" : roundedText(course.last)}. Divide the loss by ${times} before backward().`,
        site: course.site,
        related: [{ text: "the gradients are used here", site: optimizer.stepSite }],
        evidence: { passes, first: course.first, last: course.last },
      };
    }
    if (!diverges && !clip) return;
    for (const { site, elements, named } of summed) {
      if (elements < MANY) continue;
      const seen = diverges
        ? `the loss went from ${roundedText(course.first)} to ${course.broke ? "NaN" : roundedText(course.last)}`
        : `the gradients, of norm ${roundedText(clip!.medianNorm)}, are cut to ${roundedText(clip!.limit)} every time`;
      yield {
        text: `${named ?? "The loss"} sums over ${elements} elements, so each step is ${elements} times what it would be of their mean, and ${seen}. Use reduction "mean", or divide by the number of examples.`,
        site,
        related: diverges ? [] : [{ text: "the gradients are clipped here", site: clip!.site }],
        evidence: { elements, first: course.first, last: course.last },
        ...(site && {
          remedy: {
            text: 'Set reduction to "mean".',
            changes: [{ kind: "word", call: site, from: '"sum"', to: '"mean"' }],
          },
        }),
      };
    }
  },
};
