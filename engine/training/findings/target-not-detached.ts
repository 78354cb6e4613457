import type { PassView } from "../pass-view.ts";
import type { Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import { readingRow } from "../wording.ts";

/** A target that the network makes itself lets gradient through. */
export const targetNotDetached: Rule = {
  name: "target-not-detached",
  severity: "error",
  title: "a target that the network makes itself is not cut off from the graph",
  looksAt: "whether the target of a difference is part of the graph, and how it was made",
  threshold:
    "a constant plus a factor below 1 times what a network gives (a bootstrapped value); or a distribution that parameters outside of the prediction make",
  source: "Mnih et al. 2015, deep Q-learning: the target is held fixed while the loss is differentiated",
  why: "The step also moves the target towards the prediction, which makes the loss small without making either right.",
  fix: "Compute the target inside noGrad, or detach() it.",
  *inPass({ view, terms }): Iterable<Found> {
    for (const { kind, prediction, target, row } of terms) {
      if (target === null || !view.isLive(target) || !view.isLive(prediction)) continue;
      if (!view.isLearned(target) || !view.isLearned(prediction)) continue;
      for (const [one, other] of [
        [target, prediction],
        [prediction, target],
      ] as const) {
        const factor = kind === "squared" || kind === "absolute" ? bootstrapFactor(view, one) : null;
        const taught =
          one === target && (kind === "kl" || kind === "cross-entropy") && isTaught(view, prediction, target);
        if (factor === null && !taught) continue;
        const made = view.callSite(view.sources(one)[0]!);
        yield {
          text:
            (factor === null
              ? `The target ${readingRow(view, one)} is made by parameters of its own and lets gradient through`
              : `The target ${readingRow(view, one)} is a constant plus ${roundedText(factor)} times what a network gives, and lets gradient through`) +
            `: each step also moves the target towards ${readingRow(view, other)}. Compute it inside noGrad, or detach() it.`,
          site: made,
          related: [{ text: "the two are compared here", site: view.callSite(row) }],
          ...(factor !== null && { evidence: { factor } }),
          row: one,
          ...(made && {
            remedy: { text: "detach() the target.", changes: [{ kind: "append", call: made, text: ".detach()" }] },
          }),
        };
        return;
      }
    }
  },
};

/** Reads γ from r + γ v, where r is a constant and v is learned. */
function bootstrapFactor(view: PassView, row: number): number | null {
  const [sum] = view.sources(row);
  if (sum === undefined || !view.is(sum, "add") || view.inputs(sum).length !== 2) return null;
  const [a, b] = view.inputs(sum) as [number, number];
  if (view.isLive(a) === view.isLive(b)) return null;
  let at = view.isLive(a) ? a : b;
  let factor = 1;
  for (let steps = 0; steps < 6; steps++) {
    const [source] = view.sources(at);
    if (source === undefined) return null;
    at = source;
    if (view.is(at, "extreme")) at = view.inputs(at)[0]!;
    else if (view.is(at, "multiply")) {
      const inputs = view.inputs(at);
      if (inputs.length === 1) factor *= view.number(at);
      const live = inputs.filter((input) => view.isLive(input));
      if (live.length !== 1) return null;
      at = live[0]!;
    } else break;
  }
  return factor > 0 && factor < 1 ? factor : null;
}

/** The target is learned by parameters none of which the prediction has. */
function isTaught(view: PassView, prediction: number, target: number): boolean {
  const behind = view.behind(prediction);
  return [...view.behind(target)].every((row) => !view.isParameter(row) || !behind.has(row));
}
