import type { Found, Rule } from "../rule.ts";
import { counted, listed } from "../wording.ts";

/** Something from before is used on. */
export const staleState: Rule = {
  name: "stale-state",
  severity: "error",
  title: "something from before is used on",
  looksAt: "graphs that were already run, and how the number of nodes of a pass goes",
  threshold:
    "backward() meets a graph that has run and was released; or every pass has more nodes than the one before, to more than 2.5 times",
  source: "PyTorch, truncated backpropagation through time: detach the state between chunks",
  why: "The graph reaches back through all passes before: it is gone, or it grows without end.",
  fix: "detach() what is carried over, or compute it anew in each pass.",
  *inRun({ samples, releases }): Iterable<Found> {
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
