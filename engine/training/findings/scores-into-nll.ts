import type { PassView } from "../pass-view.ts";
import { probabilityName } from "../probabilities.ts";
import { axisBefore, numbersBehind } from "../provenance.ts";
import type { Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import { readingRow } from "../wording.ts";

/** How far from 0 log Σ e^x may be: far more than float32 loses over thousands of classes. */
const TOLERANCE = 0.02;
const MOST_ROWS = 32;

/** nllLoss picks −x at each class, klDiv takes it from log t: both mean something only of logarithms of probabilities. */
export const scoresIntoNll: Rule = {
  name: "scores-into-nll",
  severity: "error",
  title: "nllLoss or klDiv is not given logarithms of probabilities",
  looksAt:
    "the input of nllLoss, and of klDiv what softmax or sigmoid made: what made it, and whether its exponentials sum to 1 over the classes",
  threshold: `log Σ exp(x) over the classes above ${TOLERANCE} in some example`,
  source: "PyTorch, NLLLoss: the input is expected to contain log-probabilities of each class",
  why: "nllLoss only picks −x at the right class. Scores may grow without end, so the loss sinks below 0 and says nothing; of probabilities it is a bounded number that is no likelihood.",
  fix: "Apply F.logSoftmax(x, 1) first, or use F.crossEntropy on the scores.",
  *inPass({ view, terms }): Iterable<Found> {
    for (const { kind, named, prediction, row } of terms) {
      const takesLogarithms = (kind === "nll" && named === "nllLoss") || (kind === "kl" && named === "klDiv");
      if (!takesLogarithms) continue;
      const excess = kind === "kl" ? probabilitiesOver(view, prediction) : excessOver(view, prediction);
      if (!(excess > TOLERANCE)) continue;
      const sources = numbersBehind(view, prediction);
      const made = sources.find((one) => probabilityName(view, one) !== null);
      const name = made === undefined ? null : probabilityName(view, made);
      const wrongAxis = sources.some((one) => {
        if (!view.is(one, "log-softmax")) return false;
        const axis = axisBefore(view, prediction, view.shape(prediction).length === 1 ? 0 : 1, one);
        return axis >= 0 && axis !== view.attribute(one, "dim");
      });
      if (wrongAxis) continue;
      const what = name === null ? "raw scores" : `probabilities (from ${name})`;
      yield {
        text:
          `${named} expects logarithms of probabilities, but its input ${readingRow(view, prediction)} holds ${what}: log Σ exp over the classes is ${roundedText(excess)} where it should be 0. ` +
          (made === undefined
            ? `The loss can sink below 0 without end. Apply F.logSoftmax first${kind === "kl" ? "" : ", or use F.crossEntropy"}.`
            : `Use F.logSoftmax in place of ${name}${kind === "kl" ? "" : ", or F.crossEntropy on the scores"}.`),
        site: made === undefined ? view.callSite(row) : view.site(made),
        related: [
          made === undefined
            ? { text: "the scores are made here", site: view.site(sources[0] ?? prediction) }
            : { text: `${named} is called here`, site: view.callSite(row) },
        ],
        evidence: { logSumExp: excess },
        row,
        ...remedyOf(view, row, made ?? null, prediction),
      };
    }
  },
};

/** The same of what a divergence compares, where a softmax or a sigmoid has made it; else it may be any logarithm. */
function probabilitiesOver(view: PassView, row: number): number {
  const isProbability = numbersBehind(view, row).some((one) => probabilityName(view, one) !== null);
  return isProbability ? excessOver(view, row) : Number.NaN;
}

/** The largest log Σ exp over the classes among the first examples. */
function excessOver(view: PassView, row: number): number {
  const values = view.numbers(row);
  if (values === null) return Number.NaN;
  const shape = view.shape(row);
  const axis = shape.length === 1 ? 0 : 1;
  const classes = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((all, size) => all * size, 1);
  const outer = shape.slice(0, axis).reduce((all, size) => all * size, 1);
  let largest = -Infinity;
  for (let example = 0; example < Math.min(outer * inner, MOST_ROWS); example++) {
    const start = Math.floor(example / inner) * classes * inner + (example % inner);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(values[start + c * inner]!);
    largest = Math.max(largest, Math.log(sum));
  }
  return largest;
}

function remedyOf(view: PassView, loss: number, made: number | null, prediction: number): Pick<Found, "remedy"> {
  const call = made === null ? view.callSite(loss) : view.site(made);
  if (!call) return {};
  if (made === null) {
    const text = "Call F.crossEntropy, which takes scores, in place of F.nllLoss.";
    return { remedy: { text, changes: [{ kind: "rename", call, from: "nllLoss", to: "crossEntropy" }] } };
  }
  if (!view.is(made, "softmax") || !view.sources(prediction).includes(made)) return {};
  const isLayer = view.layerSite(made) !== null;
  const [from, to] = isLayer ? ["Softmax", "LogSoftmax"] : ["softmax", "logSoftmax"];
  return {
    remedy: { text: `Use ${to} in place of ${from}.`, changes: [{ kind: "rename", call, from: from, to: to }] },
  };
}
