import assert from "node:assert/strict";
import ts from "typescript";
import { isAlarm } from "../../engine/protocol/finding.ts";
import { editsOf } from "../../engine/training/fixes/edits-of.ts";
import { editedTexts } from "../../extension/findings/edited-texts.ts";
import { BLENDED_FAULTS, TEMPTING_BLENDS } from "./blended-faults.ts";
import { CERTAIN_FAULTS } from "./certain-faults.ts";
import { COURSE_FAULTS } from "./course-faults.ts";
import { HAND_WRITTEN_FAULTS } from "./hand-written-faults.ts";
import { markedLine, PRELUDE } from "./program.ts";
import { OVERLOOKED_FAULTS, TEMPTING_OVERLOOKED } from "./overlooked-faults.ts";
import { PLACEMENT_FAULTS } from "./placement-faults.ts";
import { OBJECTIVE_FAULTS } from "./objective-faults.ts";
import { STRANGER_FAULTS } from "./stranger-faults.ts";
import { TEMPTING_UNSEEN, UNSEEN_FAULTS } from "./unseen-faults.ts";
import { diagnosePrograms, type Diagnosed } from "./run-programs.ts";
import { TEMPTING_NETWORKS } from "./tempting-networks.ts";
import { TEMPTING_OBJECTIVES } from "./tempting-objectives.ts";
import { TEMPTING_PROGRAMS } from "./tempting-programs.ts";

/** Faults whose edit is obvious: made in the source, it must leave a program that runs and has the fault no more. */
const MENDED: readonly string[] = [
  "softmax-into-cross-entropy, a layer",
  "softmax-into-cross-entropy, through logSoftmax and nllLoss",
  "scores-into-nll, raw scores",
  "scores-into-nll, probabilities",
  "sigmoid-into-bce-logits, a layer",
  "output-activation, relu before targets below 0",
  "output-activation, tanh before targets beyond 1",
  "output-activation, relu before crossEntropy",
  "softmax-axis, of scores, over the examples",
  "softmax-axis, of attention, over the queries",
  "broadcast-in-loss, mseLoss",
  "broadcast-in-loss, written out",
  "zero-grad-missing, altogether",
  "no-update, step never called",
  "no-update, zeroGrad between backward and step",
  "frozen-by-mistake, the whole model",
  "frozen-by-mistake, one weight of the last layer",
  "detached-path, features, with a head that learns",
  "target-not-detached, a bootstrapped value",
  "missing-activation, three layers in a row",
  "wrong-sign, maximize",
  "momentum-too-large, 1",
  "lr-too-high, SGD that diverges",
  "lr-too-high, Adam that jumps about",
  "lr-too-low, SGD that does not move",
  "wrong-reduction, a sum with the rate of a mean",
  "dropout-too-strong, 0.95",
  "clip-too-tight, a norm of 1e-5",
  "weight-decay-too-large, of SGD",
];

const PAIRS = [
  ...CERTAIN_FAULTS,
  ...PLACEMENT_FAULTS,
  ...COURSE_FAULTS,
  ...STRANGER_FAULTS,
  ...OBJECTIVE_FAULTS,
  ...HAND_WRITTEN_FAULTS,
  ...BLENDED_FAULTS,
  ...OVERLOOKED_FAULTS,
  ...UNSEEN_FAULTS,
];
const TEMPTING = [
  ...TEMPTING_PROGRAMS,
  ...TEMPTING_NETWORKS,
  ...TEMPTING_OBJECTIVES,
  ...TEMPTING_BLENDS,
  ...TEMPTING_OVERLOOKED,
  ...TEMPTING_UNSEEN,
];

describe("diagnosing a training", function () {
  this.timeout(600_000);
  let found: ReadonlyMap<string, Diagnosed>;
  /** Programs with the edits that were offered for them, and what is found in them then. */
  let edited: ReadonlyMap<string, string>;
  let after: ReadonlyMap<string, Diagnosed>;
  const of = (name: string, among = found): Diagnosed => {
    const one = among.get(name);
    assert.ok(one, `${name} did not run`);
    return one;
  };

  before(async () => {
    const programs = new Map<string, string>();
    for (const { kind, about, wrong, right } of PAIRS) {
      programs.set(`${kind}, ${about}`, wrong);
      programs.set(`${kind}, ${about}, right`, right);
    }
    for (const { about, program } of TEMPTING) programs.set(about, program);
    found = await diagnosePrograms(programs);
    const mended = new Map<string, string>();
    for (const { kind, about, wrong } of PAIRS) {
      const name = `${kind}, ${about}`;
      const finding = found.get(name)?.findings.find(({ rule }) => rule === kind);
      const text = PRELUDE + wrong;
      const edits = editsOf(ts, finding?.remedy?.changes ?? [], () => text);
      if (edits.length === 0) continue;
      const [one] = await editedTexts(edits, () => Promise.resolve(text));
      mended.set(name, one!.text.slice(PRELUDE.length));
    }
    edited = mended;
    after = await diagnosePrograms(mended);
  });

  const isMended = (name: string): void => {
    const text = edited.get(name);
    assert.equal(of(name, after).failure, null, text);
    const [kind] = name.split(", ");
    assert.equal(of(name, after).findings.find(({ rule }) => rule === kind)?.text, undefined, text);
  };

  for (const name of MENDED) it(`mends ${name}`, () => isMended(name));

  it("mends whatever else it offers to mend", () => {
    for (const name of edited.keys()) isMended(name);
  });

  for (const { kind, about, wrong } of PAIRS) {
    it(`finds ${kind}: ${about}`, () => {
      const { findings, failure } = of(`${kind}, ${about}`);
      const alarms = findings.filter(isAlarm);
      const finding = alarms.find(({ rule }) => rule === kind);
      assert.ok(finding, `found ${JSON.stringify(alarms.map(({ rule, text }) => [rule, text]))} ${failure ?? ""}`);
      assert.equal(finding.site?.line, markedLine(wrong), finding.text);
      assert.equal(alarms[0]!.rule, kind, alarms[0]!.text);
    });

    it(`says nothing of what is right: ${kind}, ${about}`, () => {
      const { findings, failure } = of(`${kind}, ${about}, right`);
      assert.equal(failure, null);
      assert.deepEqual(
        findings.filter(isAlarm).map(({ rule, text }) => [rule, text]),
        [],
      );
    });
  }

  for (const { about } of TEMPTING) {
    it(`says nothing of ${about}`, () => {
      const { findings, failure } = of(about);
      assert.equal(failure, null);
      assert.deepEqual(
        findings.filter(isAlarm).map(({ rule, text }) => [rule, text]),
        [],
      );
    });
  }
});
