import { describeShape, readingRow } from "../wording.ts";
import { probabilityName } from "../probabilities.ts";
import { numbersBehind } from "../provenance.ts";
import { leftOut } from "../fixes/left-out.ts";
import type { Found, Rule } from "../rule.ts";

/** Cross-entropy takes scores and runs the softmax itself. */
export const softmaxIntoCrossEntropy: Rule = {
  name: "softmax-into-cross-entropy",
  severity: "error",
  title: "crossEntropy is given probabilities",
  looksAt: "what the scores of crossEntropy, or of logSoftmax before nllLoss, were made by",
  threshold:
    "a softmax or sigmoid, also written out by exponentials, with nothing but views, clamps and constant factors after it",
  source: "PyTorch, CrossEntropyLoss: the input is expected to contain the unnormalized logits",
  why: "The loss runs a softmax of its own. Of probabilities it makes almost equal numbers, so the loss cannot fall below a bound near log C, and gradients shrink.",
  fix: "Pass the scores themselves; apply the softmax only where probabilities are printed or sampled from.",
  *inPass({ view, terms }): Iterable<Found> {
    for (const term of terms) {
      const scores = scoresOf(term.kind, term.prediction);
      if (scores === null) continue;
      for (const row of numbersBehind(view, scores)) {
        const name = probabilityName(view, row);
        if (name === null) continue;
        const loss = term.named ?? "the loss";
        yield {
          text:
            `${loss} runs a softmax itself, but its input ${readingRow(view, term.prediction)} has already passed ${name} here: ` +
            `the probabilities of ${describeShape(view.shape(row))} are squeezed a second time, and the loss cannot get near 0. Pass it the scores from before ${name}.`,
          site: view.site(row),
          related: [{ text: `${loss} is called here`, site: view.callSite(term.row) }],
          evidence: { classes: view.shape(term.prediction).at(1) ?? view.shape(term.prediction)[0] ?? 1 },
          row,
          ...(view.is(row, "softmax", "sigmoid") && leftOut(view, scores, row)),
        };
      }
    }

    function scoresOf(kind: string, prediction: number): number | null {
      if (kind === "cross-entropy") return prediction;
      if (kind !== "nll") return null;
      const logs = numbersBehind(view, prediction).find((row) => view.is(row, "log-softmax"));
      return logs === undefined ? null : view.inputs(logs)[0]!;
    }
  },
};
