import { probabilityName } from "../probabilities.ts";
import { numbersBehind } from "../provenance.ts";
import { leftOut } from "../fixes/left-out.ts";
import type { Found, Rule } from "../rule.ts";
import { readingRow } from "../wording.ts";

/** binaryCrossEntropyWithLogits runs the sigmoid itself. */
export const sigmoidIntoBceLogits: Rule = {
  name: "sigmoid-into-bce-logits",
  severity: "error",
  title: "binaryCrossEntropyWithLogits is given probabilities",
  looksAt: "what made the scores of binaryCrossEntropyWithLogits",
  threshold:
    "a sigmoid or softmax, also written out by exponentials, with nothing but views, clamps and constant factors after it",
  source: "PyTorch, BCEWithLogitsLoss: this loss combines a Sigmoid layer and the BCELoss in one single class",
  why: "The loss runs a sigmoid of its own: of numbers in [0, 1] it makes chances between 0.5 and 0.73, so no example can be called negative.",
  fix: "Pass the scores themselves, or use binaryCrossEntropy on the probabilities.",
  *inPass({ view, terms }): Iterable<Found> {
    for (const { kind, prediction, row: loss } of terms) {
      if (kind !== "bce-logits") continue;
      for (const row of numbersBehind(view, prediction)) {
        const name = probabilityName(view, row);
        if (name === null) continue;
        yield {
          text:
            `binaryCrossEntropyWithLogits runs a sigmoid itself, but its input ${readingRow(view, prediction)} has already passed ${name} here: ` +
            `what it takes for chances lies between 0.5 and 0.73, so no example can be called negative. Pass the scores from before ${name}, or use binaryCrossEntropy.`,
          site: view.site(row),
          related: [{ text: "the loss is called here", site: view.callSite(loss) }],
          row,
          ...(view.is(row, "sigmoid", "softmax") && leftOut(view, prediction, row)),
        };
      }
    }
  },
};
