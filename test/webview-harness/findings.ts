import type { Failure } from "../../engine/protocol/failure.ts";
import { findingKey, type Finding, type FixTrial, type LossCourse } from "../../engine/protocol/finding.ts";
import type { Site } from "../../engine/protocol/site.ts";

/** What a training would have to be told, for looking at how it is shown. */
export function inventedFindings(file: string, pass: number): readonly Finding[] {
  const at = (line: number, column: number, length: number): Site => ({
    file,
    line,
    column,
    endLine: line,
    endColumn: column + length,
  });
  return [
    {
      rule: "softmax-into-cross-entropy",
      severity: "error",
      text: "crossEntropy runs a softmax itself, but its input probabilities [48, 3] has already passed softmax here: the probabilities of [48, 3] are squeezed a second time, and the loss cannot get near 0. Pass it the scores from before softmax.",
      site: at(12, 9, 10),
      related: [{ text: "crossEntropy is called here", site: at(18, 18, 30) }],
      evidence: { classes: 3 },
      pass,
      step: 6,
      fix: { text: "Leave softmax out.", edits: [{ site: at(12, 8, 11), text: "" }] },
    },
    {
      rule: "lr-too-high",
      severity: "warning",
      text: "The loss went from 1.1 to 43 in 4 passes, and a typical step of this SGD (lr 10) changes the weights by 82 % of their size: the steps overshoot. Divide the learning rate by 10 until the loss falls.",
      site: at(9, 13, 40),
      related: [],
      evidence: { rate: 10, updateRatio: 0.82, first: 1.1, last: 43 },
      pass: null,
      step: null,
    },
  ];
}

/** Two runs of sixty passes, of which the one with the fix learns. */
export function inventedTrial(finding: Finding): FixTrial {
  const course = (rate: number): LossCourse => ({
    passes: 60,
    losses: Array.from({ length: 60 }, (_, i) => 0.02 + 1.1 * Math.exp(-rate * i) * (1 + 0.08 * Math.sin(i * 2.3))),
    notFiniteFrom: null,
    site: null,
    longestWait: 10,
  });
  return {
    key: findingKey(finding),
    kind: "done",
    without: course(0.006),
    with: course(0.08),
    end: { kind: "whole", gone: true, left: [] },
  };
}

/** With the fix the file fails after twenty passes. */
export function inventedFailure(finding: Finding): FixTrial {
  const trial = inventedTrial(finding);
  if (trial.kind !== "done") throw new Error("it is done");
  const failure: Failure = { kind: "exception", message: "Error: no more data", site: finding.site };
  const part = { ...trial.with, passes: 20, losses: trial.with.losses.slice(0, 20) };
  return { ...trial, with: part, end: { kind: "failed", failure } };
}
