import type { Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";

/** A momentum that forgets nothing. */
export const momentumTooLarge: Rule = {
  name: "momentum-too-large",
  severity: "error",
  title: "a momentum of 1 or more",
  looksAt: "the options of each optimizer that steps",
  threshold: "momentum ≥ 1",
  source: "the sum of a geometric series: updates grow up to lr / (1 − momentum) times the gradient",
  why: "Nothing is forgotten: every gradient ever seen keeps pushing, so the updates grow without bound.",
  fix: "Choose a momentum below 1, such as 0.9.",
  *inRun({ training }): Iterable<Found> {
    for (const { type, steps, groups, madeAt } of training.optimizers) {
      const momentum = Math.max(...groups.map(({ options }) => Number(options["momentum"] ?? 0)));
      if (steps === 0 || !(momentum >= 1)) continue;
      yield {
        text: `This ${type} has a momentum of ${roundedText(momentum)}: no gradient is ever forgotten, so updates grow without bound. Choose one below 1, such as 0.9.`,
        site: madeAt,
        evidence: { momentum },
        ...(madeAt && {
          remedy: {
            text: "Set momentum to 0.9.",
            changes: [{ kind: "number", call: madeAt, which: "momentum", to: { set: 0.9 } }],
          },
        }),
      };
    }
  },
};
