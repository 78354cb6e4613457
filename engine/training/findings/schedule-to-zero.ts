import type { Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import { counted } from "../wording.ts";

/** Share of the steps that must have gone by with nothing left of the rate. */
const SHARE = 0.2;
const FEWEST = 3;

/** A learning rate that has been brought to nothing. */
export const scheduleToZero: Rule = {
  name: "schedule-to-zero",
  severity: "error",
  title: "the learning rate is brought to nothing long before the end",
  looksAt: "the learning rate at each step",
  threshold: `a thousandth of the largest or less for the last ${SHARE * 100} % of the steps, and at least ${FEWEST}`,
  source: "schedules end near zero, not a fifth of the way before: torch.optim.lr_scheduler",
  why: "From there on nothing moves, and the rest of the run is wasted. Mostly the schedule counts batches where epochs were meant.",
  fix: "Step the schedule once an epoch, or let it take as many steps as the run has.",
  *inRun({ training, ended }): Iterable<Found> {
    if (!ended) return;
    for (const { id, type, steps, stepsAtNothing, largestRate, lastRate, madeAt } of training.optimizers) {
      if (stepsAtNothing < FEWEST || stepsAtNothing < SHARE * steps) continue;
      const schedule = training.schedules.findLast(({ optimizer }) => optimizer === id);
      yield {
        text: `The learning rate fell from ${roundedText(largestRate)} to ${roundedText(lastRate)}, and the last ${stepsAtNothing} of ${counted(steps, "step")} of this ${schedule?.type ?? type} moved nothing. Let the schedule take as long as the run: step it once an epoch, or give it more steps.`,
        site: schedule?.madeAt ?? madeAt,
        related: schedule ? [{ text: "the schedule is stepped here", site: schedule.stepSite }] : [],
        evidence: { steps, stepsAtNothing, largestRate, lastRate },
      };
    }
  },
};
