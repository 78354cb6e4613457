import { runtime } from "../../core/runtime.ts";
import type { Found, Rule } from "../rule.ts";
import type { ClipHistory } from "../training.ts";
import { roundedText } from "../../recording/number-text.ts";
import { counted } from "../wording.ts";

const STRONG = 0.78;

/** Dropout that leaves next to nothing. */
export const dropoutTooStrong: Rule = {
  name: "dropout-too-strong",
  severity: "warning",
  title: "dropout throws nearly everything away",
  looksAt: "the share of zeros in each mask that dropout has drawn",
  threshold: `above ${STRONG * 100} %, of 64 elements or more`,
  source: "Srivastava et al. 2014: between 0.2 and 0.5 of the units are dropped",
  why: "What is left is scaled up by 1 / (1 − p), so the layer passes on mostly noise.",
  fix: "Drop 0.1 to 0.5; the argument is the share that is dropped, not the share that is kept.",
  *inPass({ view }): Iterable<Found> {
    for (let row = 0; row < view.rows; row++) {
      if (!view.is(row, "multiply") || !(view.madeBy(row, "dropout") || view.madeBy(row, "dropout2d"))) continue;
      const mask = view.inputs(row).find((input) => !view.isOp(input) && !view.isLive(input));
      if (mask === undefined) continue;
      const { zeros, count } = runtime.kernels.statistics(view.value(mask));
      if (count < 64 || !(zeros > STRONG * count)) continue;
      yield {
        text: `Dropout sets ${roundedText((100 * zeros) / count)} % of the elements to 0 here, and scales the few that are left up: the layer passes on mostly noise. The argument is the share that is dropped; 0.1 to 0.5 is usual.`,
        site: view.site(row),
        evidence: { zeros, count },
        row,
        ...(view.layerSite(row) && {
          remedy: {
            text: "Drop the share that is kept now.",
            changes: [{ kind: "number", call: view.layerSite(row)!, which: 0, to: { complement: true } }],
          },
        }),
      };
    }
  },
};

const TIGHT = 0.02;

/** Whether next to nothing is left of nearly every gradient. */
export function isTooTight({ limit, calls, active, medianNorm }: ClipHistory): boolean {
  return calls >= 3 && active >= 0.95 * calls && limit < TIGHT * medianNorm;
}

/** So many elements in a sum make steps too large. */
export const MANY = 8;

/** Clipping that leaves next to nothing of every gradient. */
export const clipTooTight: Rule = {
  name: "clip-too-tight",
  severity: "warning",
  title: "clipping cuts every gradient down to nearly nothing",
  looksAt: "the norms of the gradients before they were clipped, and the limit",
  threshold: `clipped in 95 % of the calls, to less than ${TIGHT * 100} % of the usual norm`,
  source: "Pascanu, Mikolov and Bengio 2013: the threshold should lie about the usual norm",
  why: "Every step has the same, tiny length, and the learning rate loses its meaning.",
  fix: "Choose a limit about as large as the usual norm.",
  *inRun({ training, summed }): Iterable<Found> {
    // The sum of many examples has a gradient as many times as large: that is what to mend.
    if (summed.some(({ elements }) => elements >= MANY)) return;
    for (const clip of training.clips.filter(isTooTight)) {
      const { kind, site, limit, calls, active, medianNorm } = clip;
      yield {
        text: `${kind === "norm" ? "The norm" : "The largest element"} of the gradients is ${roundedText(medianNorm)} as a rule, and is cut to ${roundedText(limit)} in ${active} of ${counted(calls, "call")}: next to nothing is left of any gradient. Choose a limit about as large as the usual ${kind === "norm" ? "norm" : "element"}.`,
        site,
        evidence: { limit, medianNorm, calls, active },
        ...(site && {
          remedy: {
            text: `Raise the limit to ${roundedText(medianNorm)}, the usual size.`,
            changes: [{ kind: "number", call: site, which: 1, to: { set: medianNorm } }],
          },
        }),
      };
    }
  },
};

/** Decay that pulls harder than the loss. */
export const weightDecayTooLarge: Rule = {
  name: "weight-decay-too-large",
  severity: "warning",
  title: "weight decay shrinks the weights faster than the loss can make them grow",
  looksAt: "the weight decay of each group, and how the norms of its weights went",
  threshold: "0.1 or more, and weights at less than half of their first norm",
  source: "Loshchilov and Hutter 2019: 0.01 to 0.1 with AdamW; 1e-4 to 5e-4 with SGD",
  why: "The weights go to zero, and the network to a constant.",
  fix: "Try 1e-4 to 1e-2.",
  *inRun({ training, updates, ended }): Iterable<Found> {
    if (!ended) return;
    for (const { type, groups, steps, madeAt } of training.optimizers) {
      for (const { options, parameters } of groups) {
        const decay = Number(options["weightDecay"] ?? 0);
        if (steps < 3 || !(decay >= 0.1)) continue;
        const shrunk = parameters.filter((id) => {
          if (training.parameters[id]!.shape.length < 2) return false;
          const own = updates.filter(({ parameter }) => parameter === id);
          return own.length > 1 && own.at(-1).weight < 0.5 * own[0]!.weight;
        });
        if (shrunk.length === 0) continue;
        yield {
          text: `The weight decay of this ${type} is ${roundedText(decay)}, and ${counted(shrunk.length, "weight")} shrank to less than half in ${counted(steps, "step")}: it pulls harder than the loss does, and the network goes to a constant. Try 1e-4 to 1e-2.`,
          site: madeAt,
          evidence: { decay, shrunk: shrunk.length },
          ...(madeAt && {
            remedy: {
              text: "Set weightDecay to 1e-4.",
              changes: [{ kind: "number", call: madeAt, which: "weightDecay", to: { set: 1e-4 } }],
            },
          }),
        };
        break;
      }
    }
  },
};
