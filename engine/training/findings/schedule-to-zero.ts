import type { PassSample } from "../pass-sample.ts";
import type { ExaminedRun, Found, Rule } from "../rule.ts";
import type { OptimizerHistory, ScheduleHistory } from "../training.ts";
import { roundedText } from "../../recording/number-text.ts";
import { counted } from "../wording.ts";

/** Share of the steps that must have gone by with nothing left of the rate. */
const SHARE = 0.2;
const FEWEST = 3;
/** Three steps of a tenth each, whatever their roundings: nothing that is meant within a few batches. */
const TINY = 1e-3 * (1 + 1e-9);
/** A wave that takes as many steps as there are epochs does so by chance where there are few. */
const FEWEST_EPOCHS = 4;

/** A learning rate that has been brought to nothing. */
export const scheduleToZero: Rule = {
  name: "schedule-to-zero",
  severity: "error",
  title: "the learning rate is brought to nothing long before the end",
  looksAt: "the learning rate at each step, how often a schedule is stepped, and which part of the data a pass takes",
  threshold: `less than a thousandth of the largest, or just that where the schedule is stepped once a batch, for the last ${SHARE * 100} % of the steps, and at least ${FEWEST}; or a cosine that is stepped once a batch, comes down within as many steps as the run has epochs (${FEWEST_EPOCHS} or more), and goes up again`,
  source: "schedules end near zero, not a fifth of the way before: torch.optim.lr_scheduler",
  why: "From there on nothing moves, and the rest of the run is wasted. Mostly the schedule counts batches where epochs were meant.",
  fix: "Step the schedule once an epoch, or let it take as many steps as the run has.",
  *inRun({ training, ended, samples }: ExaminedRun): Iterable<Found> {
    if (!ended) return;
    const perEpoch = batchesOf(samples);
    for (const optimizer of training.optimizers) {
      const { id, type, steps, largestRate, lastRate, madeAt } = optimizer;
      const schedule = training.schedules.findLast((one) => one.optimizer === id);
      const isPerBatch = schedule !== undefined && perEpoch !== null && schedule.steps > 0.9 * steps;
      const isTiny = isPerBatch && lastRate <= TINY * largestRate;
      const stepsAtNothing = isTiny
        ? Math.max(optimizer.stepsAtNothing, schedule.steps - schedule.lowestAfter)
        : optimizer.stepsAtNothing;
      if (stepsAtNothing < FEWEST || stepsAtNothing < SHARE * steps) {
        if (isPerBatch) yield* waves(schedule, optimizer, perEpoch);
        continue;
      }
      const lost = `The learning rate fell from ${roundedText(largestRate)} to ${roundedText(lastRate)}, and the last ${stepsAtNothing} of ${counted(steps, "step")} of this ${schedule?.type ?? type} moved nothing.`;
      const evidence = { steps, stepsAtNothing, largestRate, lastRate };
      yield isPerBatch
        ? {
            text: `${lost} It is stepped here after each batch, and an epoch has ${counted(perEpoch, "batch", "batches")}. Step it once an epoch, or give it as many steps as there are batches.`,
            site: schedule.stepSite ?? schedule.madeAt,
            related: [{ text: "the schedule is made here", site: schedule.madeAt }],
            evidence: { ...evidence, perEpoch },
          }
        : {
            text: `${lost} Let the schedule take as long as the run: step it once an epoch, or give it more steps.`,
            site: schedule?.madeAt ?? madeAt,
            related: schedule ? [{ text: "the schedule is stepped here", site: schedule.stepSite }] : [],
            evidence,
          };
    }
  },
};

/** How many batches an epoch has, where passes take parts of one set; null where that is not known, or each takes all of it. */
function batchesOf(samples: readonly PassSample[]): number | null {
  const batches = samples.flatMap(({ batch }) => batch ?? []);
  const [first] = batches;
  if (!first || batches.some(({ size }) => size !== first.size)) return null;
  const found = Math.ceil(first.size / Math.max(...batches.map(({ length }) => length)));
  return found > 1 ? found : null;
}

/** A cosine that was given the number of epochs, and is stepped once a batch: its rate goes up and down all the time. */
function* waves(schedule: ScheduleHistory, { steps }: OptimizerHistory, perEpoch: number): Iterable<Found> {
  const { type, lowestAfter, stepSite, madeAt } = schedule;
  const epochs = Math.round(steps / perEpoch);
  // One wave for each epoch may be meant.
  if (type !== "CosineAnnealingLR" || lowestAfter !== epochs || epochs < FEWEST_EPOCHS || lowestAfter === perEpoch)
    return;
  if (schedule.steps < 2 * lowestAfter) return;
  yield {
    text: `This ${type} comes down within ${lowestAfter} steps, as many as the run has epochs, but it is stepped here after each of ${counted(perEpoch, "batch", "batches")}: the learning rate is nearly 0 after ${roundedText((100 * lowestAfter) / steps)} % of the run, then rises again, and so on. Step it once an epoch, or give it as many steps as there are batches.`,
    site: stepSite ?? madeAt,
    related: [{ text: "the schedule is made here", site: madeAt }],
    evidence: { steps: schedule.steps, lowestAfter, perEpoch, epochs },
  };
}
