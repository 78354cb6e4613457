import { leftOut } from "../fixes/left-out.ts";
import type { LossTerm } from "../loss-terms.ts";
import type { PassView } from "../pass-view.ts";
import type { Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import { describeShape, readingRow } from "../wording.ts";

/** Targets this far outside are no rounding. */
const MARGIN = 1e-3;
/** Share of the targets that must be out of reach. */
const SHARE = 0.01;

/** The last activation cannot give what the targets ask for. */
export const outputActivation: Rule = {
  name: "output-activation",
  severity: "error",
  title: "the last activation cannot say what the targets ask for",
  looksAt: "the activation right before the loss, its range, and the values of the targets",
  threshold: `more than ${SHARE * 100} % of the targets outside of its range; of scores, any activation that bounds them; softmax over one unit`,
  source: "the ranges of the functions: relu [0, ∞), sigmoid (0, 1), tanh (−1, 1)",
  why: "What lies outside of the range cannot be predicted, however long the training goes on.",
  fix: "Leave the activation out after the last layer, or bring the targets into its range.",
  *inPass({ view, terms }): Iterable<Found> {
    for (const term of terms) {
      for (const row of view.sources(term.prediction)) {
        const oneUnit = softmaxOfOne(view, row);
        const found =
          oneUnit ??
          (term.kind === "squared" || term.kind === "absolute"
            ? outOfRange(view, term, row)
            : boundedScores(view, term, row));
        if (found)
          yield {
            ...found,
            site: view.site(row),
            row,
            related: [{ text: "the loss is computed here", site: view.callSite(term.row) }],
            ...(oneUnit === null &&
              view.is(row, "rectifier", "sigmoid", "tanh") &&
              leftOut(view, term.prediction, row)),
          };
      }
    }
  },
};

type Part = Pick<Found, "text" | "evidence">;

function softmaxOfOne(view: PassView, row: number): Part | null {
  if (!view.is(row, "softmax", "log-softmax")) return null;
  const dim = view.attribute(row, "dim");
  const shape = view.shape(row);
  if (typeof dim !== "number" || shape[dim] !== 1 || shape.length === 0) return null;
  return {
    text: `${view.name(row)} runs over axis ${dim} of ${describeShape(shape)}, which has one entry: its result is ${view.is(row, "softmax") ? "1" : "0"} everywhere, whatever goes in, and no gradient passes. Of one unit take a sigmoid.`,
    evidence: { units: 1 },
  };
}

/** The bounds of an activation's results. */
function rangeOf(view: PassView, row: number): readonly [low: number, high: number] | null {
  switch (view.role(row)) {
    case "rectifier":
    case "softplus":
    case "exponential":
    case "square":
    case "absolute":
      return [0, Infinity];
    case "sigmoid":
    case "softmax":
      return [0, 1];
    case "tanh":
      return [-1, 1];
    case "clamp": {
      const [low, high] = [view.attribute(row, "min"), view.attribute(row, "max")];
      return [typeof low === "number" ? low : -Infinity, typeof high === "number" ? high : Infinity];
    }
    default:
      return null;
  }
}

function outOfRange(view: PassView, { target }: LossTerm, row: number): Part | null {
  const range = rangeOf(view, row);
  if (range === null || target === null || view.isLive(target)) return null;
  const targets = view.numbers(target);
  if (targets === null || targets.length === 0) return null;
  const [low, high] = range;
  let outside = 0;
  let [least, most] = [Infinity, -Infinity];
  for (const value of targets) {
    const margin = MARGIN * Math.max(1, Math.abs(value));
    if (value < low - margin || value > high + margin) outside++;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (outside < Math.max(1, SHARE * targets.length)) return null;
  const range_ = `${Number.isFinite(low) ? `[${roundedText(low)}` : "(−∞"}, ${Number.isFinite(high) ? `${roundedText(high)}]` : "∞)"}`;
  return {
    text: `${view.name(row)} is the last thing before the loss, and gives numbers in ${range_} only, but ${outside} of ${targets.length} targets lie outside: they go from ${roundedText(least)} to ${roundedText(most)}. Leave ${view.name(row)} out after the last layer, or bring the targets into its range.`,
    evidence: { outside, targets: targets.length, least, most },
  };
}

function boundedScores(view: PassView, { kind, named, prediction }: LossTerm, row: number): Part | null {
  if (kind !== "cross-entropy" && kind !== "bce-logits") return null;
  const loss = named ?? "the loss";
  if (view.is(row, "rectifier")) {
    return {
      text: `${view.name(row)} cuts off the negative scores ${readingRow(view, prediction)} before ${loss}, which needs them: ${kind === "bce-logits" ? "no chance can fall below 0.5" : "a class can at best be called as likely as one with score 0"}, and units below 0 get no gradient. Leave ${view.name(row)} out after the last layer.`,
      evidence: {},
    };
  }
  if (!view.is(row, "tanh")) return null;
  return {
    text: `tanh bounds the scores ${readingRow(view, prediction)} to (−1, 1) before ${loss}: no class can get e² = 7.4 times as likely as another. Leave tanh out after the last layer.`,
    evidence: {},
  };
}
