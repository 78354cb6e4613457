import assert from "node:assert/strict";
import type { CheckRow } from "../../../engine/protocol/check.ts";
import { NodeFlag, type NodeStatistics } from "../../../engine/protocol/graph.ts";
import type { NodeId } from "../../../engine/protocol/ids.ts";
import { scheduleOfGraph } from "../../../engine/recording/schedule.ts";
import { notFiniteIn } from "../../../webview/graph/not-finite.ts";
import { notFiniteSentence, plainSentence, wrongSentence } from "../../../webview/headline/sentence.ts";
import { TapeBuilder } from "../../webview-harness/tape-builder.ts";

/** loss = sum(log(exp(logits)) + mask) */
function tape() {
  const builder = new TapeBuilder("/models/softmax.ts");
  const logits = builder.parameter("logits", [2, 9]);
  const mask = builder.input("mask", [2, 9]);
  const p = builder.op("exp", [logits], [2, 9], { label: "p" });
  const log = builder.op("log", [p], [2, 9], { label: "q" });
  const masked = builder.op("add", [log, mask], [2, 9]);
  const loss = builder.op("sum", [masked], [], { label: "loss" });
  const graph = builder.graph(loss, 0, 1.5);
  return { graph, schedule: scheduleOfGraph(graph), logits, mask, p, log, masked, loss };
}

const flagged = (count: number, flags: Readonly<Record<number, number>>): NodeStatistics => {
  const all = new Uint8Array(count);
  for (const [node, flag] of Object.entries(flags)) all[Number(node)] = flag;
  return { flags: all } as unknown as NodeStatistics;
};

describe("what is not finite", () => {
  it("has a first cause, and what merely followed it", () => {
    const { graph, schedule, logits, p, log, masked, loss } = tape();
    const { valueNaN, valueInf, gradNaN } = NodeFlag;
    const found = notFiniteIn(
      graph,
      schedule,
      flagged(graph.nodeCount, {
        [p]: valueInf,
        [log]: valueInf | gradNaN,
        [masked]: valueNaN,
        [loss]: valueNaN,
        [logits]: gradNaN,
      }),
    );
    assert.deepEqual(found.values, [p]);
    assert.deepEqual(found.gradients, []);
    assert.deepEqual([...found.followers].sort(), [logits, log, masked, loss].sort());
    const bad = { node: p, index: [0, 8], value: Infinity, inputs: [{ node: logits, value: 135.1 }] };
    assert.equal(notFiniteSentence(graph, schedule, found, bad)?.text, "exp p is Inf at [0, 8]: logits is 135 there.");
  });

  it("is no trouble where it masks", () => {
    const { graph, schedule, mask, masked } = tape();
    const { valueInf } = NodeFlag;
    const on = valueInf | NodeFlag.mask;
    const found = notFiniteIn(graph, schedule, flagged(graph.nodeCount, { [mask]: on, [masked]: on }));
    assert.deepEqual([found.values.length, found.gradients.length, found.followers.size], [0, 0, 0]);
    assert.equal(notFiniteSentence(graph, schedule, found, null), null);
  });

  it("of gradients only, names the op that makes it so", () => {
    const { graph, schedule, logits, p } = tape();
    const found = notFiniteIn(
      graph,
      schedule,
      flagged(graph.nodeCount, { [p]: NodeFlag.gradInf, [logits]: NodeFlag.gradNaN }),
    );
    assert.deepEqual(found.gradients, [p]);
    const bad = { node: p, index: [1, 2], value: Infinity, inputs: [{ node: p, value: 0 }] };
    assert.equal(
      notFiniteSentence(graph, schedule, found, bad)?.text,
      "The gradient of p is Inf at [1, 2]: log q makes it so, where p is 0.",
    );
  });
});

describe("what a comparison found", () => {
  const row = (node: number, more: Partial<CheckRow>): CheckRow => ({
    node: node as NodeId,
    scope: "op",
    name: "exp",
    label: "p",
    input: 0,
    site: null,
    verdict: "fail",
    evidence: Float64Array.of(0.5, 1, 2, 1e-9, 1e-4),
    worst: [1, 2],
    compared: 18,
    of: 18,
    ...more,
  });

  it("says which gradient, of which input, and what to write instead", () => {
    const { graph, p } = tape();
    const cause = { kind: "missing-upstream", text: "the upstream gradient is left out" } as const;
    assert.equal(
      wrongSentence(graph, [row(p, { cause })])?.text,
      "The gradient of exp for logits is wrong: the upstream gradient is left out. Instead, multiply by the gradient that comes in.",
    );
  });

  it("names the input once, where the cause names it", () => {
    const { graph, p } = tape();
    const cause = {
      kind: "sign",
      text: "for logits alone: the sign is wrong",
      fix: { kind: "append", code: ".neg()" },
    } as const;
    assert.equal(
      wrongSentence(graph, [row(p, { cause })])?.text,
      "The gradient of exp is wrong: for logits alone: the sign is wrong.",
    );
  });

  it("says the numbers where no single mistake explains them", () => {
    const { graph, p } = tape();
    assert.equal(
      wrongSentence(graph, [row(p, {})])?.text,
      "The gradient of exp for logits is wrong: 1.00 instead of 2.00 at [1, 2].",
    );
    assert.equal(wrongSentence(graph, [row(p, { verdict: "pass" })]), null);
  });

  it("tells a wrong derivative of a backward from a wrong gradient, which comes first", () => {
    const { graph, p, masked } = tape();
    const cause = { kind: "unknown", text: "what backward computes is not differentiated rightly" } as const;
    const second = row(masked, { cause, order: 2 });
    assert.match(
      wrongSentence(graph, [second])!.text,
      /^The derivative of the backward of .* is wrong.*: 1\.00 instead of 2\.00 .*Instead, compute it from what saveForBackward kept/u,
    );
    assert.match(wrongSentence(graph, [second, row(p, {})])!.text, /^The gradient of exp for logits is wrong/u);
  });

  it("is what the pass is, where nothing is wrong", () => {
    const { graph } = tape();
    const said = (pass: number, inconclusive: number) => plainSentence(graph, 1, { pass, inconclusive, fail: 0 }).text;
    assert.match(said(4, 0), /^loss is 1\.50; .* 1 parameter\. Finite differences found nothing/);
    assert.match(said(0, 0), /1 parameter\.$/);
  });

  it("claims nothing of what could not be decided", () => {
    const { graph } = tape();
    const said = (pass: number, inconclusive: number) => plainSentence(graph, 1, { pass, inconclusive, fail: 0 }).text;
    assert.match(said(3, 1), /parameter\. Finite differences could not decide on 1 of 4 gradients, and agree with/);
    assert.match(said(0, 2), /parameter\. Finite differences could not decide on any of 2 gradients\.$/);
  });
});
