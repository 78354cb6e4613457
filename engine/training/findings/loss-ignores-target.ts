import { linesOf } from "../pass-entries.ts";
import type { Origin } from "../../core/origin.ts";
import { roleOf } from "../../ops/role.ts";
import type { Site } from "../../protocol/site.ts";
import type { PassView } from "../pass-view.ts";
import { stepsOf } from "../provenance.ts";
import type { ExaminedPass, Found, Rule } from "../rule.ts";
import { readingRow } from "../wording.ts";

/** The loss compares the prediction with itself. */
export const lossIgnoresTarget: Rule = {
  name: "loss-ignores-target",
  severity: "error",
  title: "the loss compares the prediction with itself",
  looksAt: "what both operands of each comparison of the loss come from",
  threshold:
    "the same row of the graph, detached or not; the same call on another input, and nothing else; or one constant number, as the only target of a whole run",
  source: "a loss is a function of prediction and target",
  why: "It does not know what the right answer is, so nothing about it can be learned.",
  fix: "Compare the prediction with the targets.",
  *inPass({ view, terms }: ExaminedPass): Iterable<Found> {
    yield* ownAnswers(view, terms);
    yield* ownTwins(view, terms);
    for (const { prediction, target, row, named } of terms) {
      if (target === null) continue;
      // Neighbours of one sequence, or all pairs of one set, are compared on purpose: those are other numbers of it.
      const same =
        view.isLive(target) &&
        sameNumbers(view, prediction) === sameNumbers(view, target) &&
        String(view.shape(prediction)) === String(view.shape(target));
      const origin = view.context.origin(target);
      const copied = origin !== null && isDetachedFrom(view, view.sources(prediction)[0]!, origin);
      if (!same && !copied) continue;
      yield {
        text: `${named ?? "The difference"} compares ${readingRow(view, prediction)} with itself${same ? "" : ", detached"}: the loss is ${same ? "0 or a constant" : "the same"} whatever the right answer is. Pass the targets.`,
        site: view.callSite(row),
        row,
      };
    }
  },
  *inRun({ training, ended, constantTargets }): Iterable<Found> {
    if (!ended || linesOf(training.passes).size !== 1) return;
    for (const { site, value, passes } of constantTargets) {
      if (passes < 3) continue;
      yield {
        text: `Every target in all ${passes} passes that were looked at is ${value}: the loss compares the prediction with a constant, and the best model is that constant. Pass the targets.`,
        site,
        evidence: { value, passes },
      };
    }
  },
};

/** The row whose very numbers a row has, in their order. */
function sameNumbers(view: PassView, row: number): number {
  let at = row;
  while (view.is(at, "reshape", "convert") || ["detach", "clone", "alias", "contiguous"].includes(view.name(at))) {
    const [input] = view.inputs(at);
    if (input === undefined || view.inputs(at).length !== 1) break;
    at = input;
  }
  return at;
}

/** Targets that are the prediction's own answers, by a comparison or as the likeliest class, and nothing beside them. */
function* ownAnswers(view: PassView, terms: ExaminedPass["terms"]): Iterable<Found> {
  const [term] = terms;
  if (terms.length !== 1 || !term || term.target === null || view.isOp(term.target) || view.isLive(term.target)) return;
  const { target, prediction, row, named } = term;
  const made = view.context.origin(target);
  const labels = view.arrangement(prediction).map((at) => view.pass.label(at));
  if (made === null || !stepsOf(made).some(({ op }) => ["comparison", "position", "rounding"].includes(roleOf(op))))
    return;
  // Answers of an earlier pass are labels that the network gave what has none.
  const isOwn = stepsOf(made).some(
    ({ live, epoch, label }) => live && epoch >= view.pass.id && label !== "" && labels.includes(label),
  );
  if (!isOwn) return;
  yield {
    text: `The targets of ${named ?? "the difference"} are made of ${readingRow(view, prediction)} itself: each step makes the model surer of what it says already, whatever the right answer is. Pass the targets.`,
    site: view.callSite(row),
    row,
  };
}

/** A difference of what one call gives for two inputs, which is all of the loss: one answer for everything makes it 0. */
function* ownTwins(view: PassView, terms: ExaminedPass["terms"]): Iterable<Found> {
  const [term] = terms;
  if (terms.length !== 1 || !term || term.target === null || !isAllOfLoss(view, term.row)) return;
  const { prediction, target, row, named } = term;
  const [one, other] = [view.sources(prediction)[0]!, view.sources(target)[0]!];
  if (one === other || !view.isLearned(one) || !view.isLearned(other)) return;
  const [at, otherAt] = [view.callSite(one), view.callSite(other)];
  const isTwin = at !== null && otherAt !== null && view.name(one) === view.name(other) && isSamePlace(at, otherAt);
  const parameters = (of: number): string =>
    [...view.behind(of)]
      .filter((behind) => view.isParameter(behind))
      .toSorted((a, b) => a - b)
      .join();
  if (!isTwin || parameters(one) !== parameters(other)) return;
  yield {
    text: `${named ?? "The difference"} compares what the model says of one input with what it says of another, and nothing else is in the loss: one answer for everything makes it 0, whatever the right answers are. Pass the targets.`,
    site: view.callSite(row),
    related: [{ text: "both are made here", site: at }],
    row,
  };
}

function isSamePlace(a: Site, b: Site): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}

/** Whether a difference is only squared, averaged and scaled on its way to the loss. */
function isAllOfLoss(view: PassView, difference: number): boolean {
  let at = difference;
  while (!view.pass.roots.some((root) => root === at)) {
    const [next, ...others] = view.consumers(at);
    if (next === undefined || others.length > 0) return false;
    const inputs = view.inputs(next);
    const isScaled = view.is(next, "multiply", "divide") && (inputs.length === 1 || inputs[0] === inputs[1]);
    if (!isScaled && !view.is(next, "square", "power", "absolute", "mean", "sum", "reshape")) return false;
    at = next;
  }
  return true;
}

/** Whether an origin is a row, or a value of its name, cut off, with nothing done to it but copies. */
function isDetachedFrom(view: PassView, row: number, origin: Origin): boolean {
  const label = view.pass.label(row);
  const isRow = (one: Origin): boolean =>
    one.live && ((label !== "" && one.label === label) || view.context.rowOf?.(one) === row);
  let at: Origin | undefined = origin;
  let isCut = false;
  while (at !== undefined && !isRow(at)) {
    if (at.op !== "detach" && at.op !== "clone") return false;
    isCut ||= at.op === "detach";
    [at] = at.inputs;
  }
  return isCut && at !== undefined;
}
