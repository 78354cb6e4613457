import { runtime } from "../../core/runtime.ts";
import type { PassView } from "../pass-view.ts";
import type { ExaminedPass, Found, Rule } from "../rule.ts";
import { roundedText } from "../../recording/number-text.ts";
import { similaritiesOf } from "../similarities.ts";
import { readingRow } from "../wording.ts";

/** Names of networks that are to stand still while another learns. */
const STILL = /target|teacher|frozen|reference|momentum|slow|ema/iu;

/** A target that the network makes itself lets gradient through. */
export const targetNotDetached: Rule = {
  name: "target-not-detached",
  severity: "error",
  title: "a target that the network makes itself is not cut off from the graph",
  looksAt: "whether the target of a difference is part of the graph, and how it was made",
  threshold:
    "a constant plus a factor below 1 times what a network gives (a bootstrapped value); a distribution that parameters outside of the prediction make; another view of one network, with nothing else in the loss; or a weight of log-probabilities that has an error of its own",
  source: "Mnih et al. 2015, deep Q-learning: the target is held fixed while the loss is differentiated",
  why: "The step also moves the target towards the prediction, which makes the loss small without making either right.",
  fix: "Compute the target inside noGrad, or detach() it.",
  *inRun({ training }): Iterable<Found> {
    for (const { aliases, type, calls, aliasSite, madeAt } of training.modules) {
      const still = aliases.find((name) => STILL.test(name));
      const other = aliases.find((name) => !STILL.test(name));
      if (still === undefined || other === undefined || calls === 0) continue;
      yield {
        text: `"${still}" and "${other}" are one and the same ${type}: whatever moves one moves the other at once, so the target never stands still. Make a second ${type} and copy the weights with loadStateDict.`,
        site: aliasSite ?? madeAt,
        related: [{ text: "made here", site: madeAt }],
      };
    }
  },
  *inPass({ view, terms }): Iterable<Found> {
    yield* movingViews(view, terms);
    yield* movingAdvantages(view, terms);
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

/**
 * Compares two views of one network, one of them through further layers, with nothing that keeps views of different
 * examples apart: the network can make them alike by saying the same of everything. Chen and He 2021, SimSiam: without
 * stop-gradient it collapses.
 */
function* movingViews(view: PassView, terms: ExaminedPass["terms"]): Iterable<Found> {
  const differences = terms.every(({ kind }) => kind === "squared" || kind === "absolute") ? terms : [];
  const compared = [
    ...similaritiesOf(view).map(({ row, one, other }) => [row, one, other] as const),
    ...differences.flatMap(({ row, prediction, target }) =>
      target === null ? [] : [[row, prediction, target] as const],
    ),
  ];
  const further = compared.map(([row, one, other]) => [row, ...furtherOf(view, one, other)] as const);
  if (compared.length === 0 || further.some(([, target]) => target === undefined)) return;
  for (const [row, target] of further) {
    const made = view.callSite(view.sources(target!)[0]!);
    yield {
      text: `${readingRow(view, target!)} is what the prediction is compared with, comes from the same network, and lets gradient through: making everything alike is all that this loss asks for, so the network collapses to one answer. Compute the target inside noGrad, or detach() it.`,
      site: made,
      related: [{ text: "the two are compared here", site: view.callSite(row) }],
      row: target!,
      ...(made && {
        remedy: { text: "detach() the target.", changes: [{ kind: "append", call: made, text: ".detach()" }] },
      }),
    };
  }
}

/** Advantages r − v that weigh a log-probability and let gradient through to v, which has an error of its own to learn from. */
function* movingAdvantages(view: PassView, terms: ExaminedPass["terms"]): Iterable<Found> {
  const learned = new Set(
    terms
      .filter(
        ({ kind, target }) => (kind === "squared" || kind === "absolute") && target !== null && !view.isLive(target),
      )
      .flatMap(({ prediction }) => view.sources(prediction)),
  );
  for (let row = 0; row < view.rows; row++) {
    if (!view.is(row, "multiply") || view.inputs(row).length !== 2) continue;
    for (const [weight, likelihood] of [view.inputs(row), view.inputs(row).toReversed()] as [number, number][]) {
      const difference = view.sources(weight)[0]!;
      if (!view.is(difference, "subtract") || view.inputs(difference).length !== 2) continue;
      const [reward, value] = view.inputs(difference) as [number, number];
      if (view.isLive(reward) || !view.sources(value).some((one) => learned.has(one))) continue;
      if (!view.sources(likelihood).some((one) => isLogProbability(view, one))) continue;
      const made = view.callSite(difference);
      yield {
        text: `${readingRow(view, weight)} weighs the log-probabilities and lets gradient through to ${readingRow(view, value)}: each step also moves the estimate so as to make the weights of likely actions small. It has an error of its own to learn from. detach() it here.`,
        site: made,
        related: [{ text: "the log-probabilities are weighed here", site: view.callSite(row) }],
        row: weight,
        ...(made && {
          remedy: { text: "detach() it.", changes: [{ kind: "append", call: made, text: ".detach()" }] },
        }),
      };
      return;
    }
  }
}

/** Whether a row is the entry that was picked of log-probabilities, or these. */
function isLogProbability(view: PassView, row: number): boolean {
  if (view.is(row, "log-softmax")) return true;
  return view.is(row, "pick") && view.sources(view.inputs(row)[0]!).some((one) => view.is(one, "log-softmax"));
}

/** The one of two live values whose parameters the other has too, and more of its own; nothing where there is none. */
function furtherOf(view: PassView, one: number, other: number): readonly [] | readonly [number] {
  if (!view.isLive(one) || !view.isLive(other)) return [];
  const parameters = (row: number): Set<number> => new Set([...view.behind(row)].filter((at) => view.isParameter(at)));
  const [a, b] = [parameters(one), parameters(other)];
  if (b.size > 0 && b.size < a.size && isWithin(b, a) && !view.behind(one).has(view.sources(other)[0]!)) return [other];
  if (a.size > 0 && a.size < b.size && isWithin(a, b) && !view.behind(other).has(view.sources(one)[0]!)) return [one];
  return [];
}

function isWithin(some: ReadonlySet<number>, all: ReadonlySet<number>): boolean {
  return [...some].every((one) => all.has(one));
}

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
      // γ may have been multiplied into what says which examples go on.
      for (const input of inputs) if (!view.isLive(input)) factor *= largestShare(view, input);
      at = live[0]!;
    } else break;
  }
  return factor > 0 && factor < 1 ? factor : null;
}

/** The largest element of a constant between 0 and 1; NaN of others. */
function largestShare(view: PassView, row: number): number {
  const { min, max } = runtime.kernels.statistics(view.value(row));
  return min >= 0 && max <= 1 ? max : Number.NaN;
}

/** The target is learned by parameters none of which the prediction has. */
function isTaught(view: PassView, prediction: number, target: number): boolean {
  const behind = view.behind(prediction);
  return [...view.behind(target)].every((row) => !view.isParameter(row) || !behind.has(row));
}
