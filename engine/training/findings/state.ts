import type { Origin } from "../../core/origin.ts";
import { cutsBehind } from "../cuts.ts";
import type { PassSample } from "../pass-sample.ts";
import type { PassView } from "../pass-view.ts";
import { stepsOf } from "../provenance.ts";
import { takingOf } from "../takings.ts";
import type { ExaminedPass, Found, Rule } from "../rule.ts";
import { counted, listed } from "../wording.ts";

/** So many looks at the same examples are no coincidence. */
const BATCHES = 5;

/** Something from before is used on. */
export const staleState: Rule = {
  name: "stale-state",
  severity: "error",
  title: "something from before is used on",
  looksAt:
    "graphs that were already run, how the number of nodes of a pass goes, which examples a pass takes out of the data, and states of recurrent cells that an earlier pass has left",
  threshold: `backward() meets a graph that has run and was released; every pass has more nodes than the one before, to more than 2.5 times; each of ${BATCHES} passes or more that were looked at takes the same examples anew, a quarter of the set or fewer; or a state goes on into sequences that are picked in another order, or drawn, for this very pass`,
  source: "PyTorch, truncated backpropagation through time: detach the state between chunks",
  why: "The graph reaches back through all passes before, and is gone or grows without end; or what a pass works on is not its own.",
  fix: "detach() what is carried over, compute it anew in each pass, or go on to the next batch.",
  *inPass({ view, terms }): Iterable<Found> {
    const state = carriedState(view);
    if (state === null || !isOfItsOwn(view, terms, isJudgedOnce(view, terms, state.of))) return;
    yield {
      text: `The state that an earlier pass has left goes on here, into sequences that have nothing to do with those before: they are picked anew for each pass. What the cells begin with is noise to them. Begin each batch with a state of zeros, or feed the stretches of one sequence in their order.`,
      site: view.context.siteOf(state.origin),
      related: [{ text: "the state goes in here", site: view.callSite(state.row) }],
      severity: "warning",
      row: state.row,
    };
  },
  *inRun({ samples, releases }): Iterable<Found> {
    yield* standingBatch(samples);
    for (const { site, calledAt, label } of releases) {
      yield {
        text: `backward() reaches a graph that an earlier backward() has run and released: ${label ? `"${label}", made` : "what was made"} here, is used on from one pass to the next. Carry it over with detach(), or compute it anew in each pass. { retainGraph: true } would only hide it: the graph would grow with every pass.`,
        site,
        related: [{ text: "backward() is called here", site: calledAt }],
      };
    }
    if (releases.length > 0 || samples.length < 4) return;
    const rows = samples.map((sample) => sample.rows);
    const grows = rows.every((count, i) => i === 0 || count > rows[i - 1]!);
    if (!grows || rows.at(-1) < 2.5 * rows[0]!) return;
    yield {
      text: `Each pass has more nodes than the one before: ${rows[0]} at first, ${rows.at(-1)} in pass ${samples.at(-1)!.pass}. Something is carried over from pass to pass with its whole graph, so each backward() goes back to the start. detach() it.`,
      site: samples.at(-1)!.calledAt,
      evidence: { first: rows[0]!, last: rows.at(-1) },
    };
  },
};

/** The same examples, taken out of a larger set again and again. */
function* standingBatch(samples: readonly PassSample[]): Iterable<Found> {
  const batches = samples.flatMap(({ batch }) => batch ?? []);
  const [first] = batches;
  // How the batch was made is not noted before each pass of a script.
  if (!first || batches.length < BATCHES || 3 * batches.length < 2 * samples.length) return;
  // Whoever tries a network on one batch takes that once; and what is trained on may be set apart from what is tested on.
  if (new Set(batches.map(({ epoch }) => epoch)).size < batches.length || 4 * first.length > first.size) return;
  if (batches.some(({ which, size }) => which !== first.which || size !== first.size)) return;
  yield {
    text: `All of ${batches.length} passes that were looked at take the same ${first.length} of ${first.size} examples here, each of them anew: the place never moves on, so the others are never seen. Move the index on, or ask one iterator of the loader for the next batch.`,
    site: first.site,
    severity: "warning",
    evidence: { passes: batches.length, length: first.length, size: first.size },
  };
}

/** A state that goes into a recurrent cell and was cut off the graph of an earlier pass. */
function carriedState(view: PassView): { readonly row: number; readonly of: number; readonly origin: Origin } | null {
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row)) continue;
    const origin = view.context.origin(row);
    if (origin?.fromGraph !== true || !view.consumers(row).some((one) => isRecurrent(view, one))) continue;
    const cut = cutsBehind(origin).find(({ inputs }) => inputs.some(({ live, epoch }) => live && epoch < view.pass.id));
    if (cut) return { of: row, row: view.consumers(row).find((one) => isRecurrent(view, one))!, origin: cut };
  }
  return null;
}

/** Whether the sequences of a pass are picked or drawn for it, with targets of their own. */
function isOfItsOwn(view: PassView, terms: ExaminedPass["terms"], isJudgedOnce: boolean): boolean {
  const targets = terms.flatMap(({ target }) => target ?? []);
  let isOwn = false;
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row)) continue;
    const origin = view.context.origin(row);
    if (origin === null || origin.fromGraph || view.shape(row).length === 0) continue;
    const isInput = view
      .consumers(row)
      .some((one) => isRecurrent(view, one) || view.is(one, "lookup", "linear", "part"));
    if (!isInput && !targets.includes(row)) continue;
    const taking = takingOf(origin);
    // What was made before this pass may be a part of what goes on.
    if (taking ? !taking.isMixed : !isJudgedOnce || !isDrawnFor(view, origin)) return false;
    isOwn ||= isInput;
  }
  return isOwn;
}

/** Whether the loss has one verdict for each sequence: noise stands for a series only where each of its times is judged. */
function isJudgedOnce(view: PassView, terms: ExaminedPass["terms"], state: number): boolean {
  const [term] = terms;
  if (terms.length !== 1 || !term) return false;
  const shape = view.shape(term.prediction);
  return shape.length <= 2 && shape[0] === view.shape(state).at(-2);
}

/** Whether all that a constant is made of was drawn for this pass. */
function isDrawnFor(view: PassView, origin: Origin): boolean {
  const steps = stepsOf(origin);
  return (
    steps.some(({ op }) => DRAWN.test(op)) &&
    steps.every(({ epoch, op, inputs }) => epoch >= view.pass.id && (inputs.length > 0 || DRAWN.test(op)))
  );
}

const DRAWN = /^rand/u;

function isRecurrent(view: PassView, row: number): boolean {
  if (view.is(row, "recurrent-cell")) return true;
  for (let scope = view.pass.scope(row); scope >= 0; scope = view.pass.scopes[scope]!.parent)
    if (/cell|^(?:lstm|gru|rnn)$/iu.test(view.pass.scopes[scope]!.type)) return true;
  return false;
}

/** Batch normalisation or dropout in the wrong mode. */
export const wrongMode: Rule = {
  name: "wrong-mode",
  severity: "warning",
  title: "batch normalisation or dropout works in the wrong mode",
  looksAt: "in which mode such layers are when a gradient is recorded, and when results are only read",
  threshold:
    "half of the recorded calls or more in evaluation mode, after eval() of the model that is trained; or numbers read off calls inside noGrad in training mode",
  source: "PyTorch, Module.train and Module.eval",
  why: "In evaluation mode dropout drops nothing and running statistics stay as they are; in training mode results are noisy and depend on the rest of the batch.",
  fix: "Call train() before each epoch, and eval() before each evaluation.",
  *inRun({ training, ended }): Iterable<Found> {
    if (!ended || !training.optimizers.some(({ steps }) => steps > 0)) return;
    const stuck = training.modules.filter(
      ({ isModal, recordedInEvaluation, recordedInTraining, evalAt }) =>
        isModal && evalAt !== null && recordedInEvaluation > 0 && recordedInEvaluation >= recordedInTraining,
    );
    const [first] = stuck;
    if (first) {
      yield {
        text: `${listed([...new Set(stuck.map(({ type }) => type))])} ${stuck.length === 1 ? "was" : "were"} in evaluation mode in ${counted(first.recordedInEvaluation, "call")} that a gradient was recorded of, and in training mode in ${first.recordedInTraining}: after eval() here nobody called train() again. Call train() before training goes on.`,
        site: first.evalAt,
        related: [{ text: "made here", site: first.madeAt }],
        evidence: { evaluation: first.recordedInEvaluation, training: first.recordedInTraining },
      };
    }
    for (const module of training.modules) {
      if (!module.isModal || module.readInTraining === 0) continue;
      yield {
        text: `${module.type} was in training mode in ${counted(module.readInTraining, "call")} inside noGrad whose results were read as numbers: what is measured is noisy, or depends on the rest of the batch. Call eval() before, and train() after.`,
        site: module.readAt,
        related: [{ text: "made here", site: module.madeAt }],
        evidence: { calls: module.readInTraining },
      };
      return;
    }
  },
  *inPass({ view }): Iterable<Found> {
    for (let row = 0; row < view.rows; row++) {
      if (!view.is(row, "batch-norm")) continue;
      const shape = view.shape(row);
      const each = shape.reduce((all, size) => all * size, 1) / Math.max(1, shape[1] ?? 1);
      if (each > 2 || view.consumers(row).length === 0) continue;
      yield {
        text: `Batch normalisation takes the mean and variance of ${counted(each, "number")} for each channel here: ${each === 1 ? "the result is 0" : "the results are ±1"}, whatever goes in. Use larger batches, or layer or group normalisation.`,
        site: view.site(row),
        evidence: { numbers: each },
        row,
      };
    }
  },
};
