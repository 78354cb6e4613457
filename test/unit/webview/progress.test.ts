import assert from "node:assert/strict";
import { scheduleOfGraph } from "../../../engine/recording/schedule.ts";
import { edgeState, nodeState } from "../../../webview/graph/progress.ts";
import { mlpTape } from "../../webview-harness/tapes.ts";
import { TapeBuilder } from "../../webview-harness/tape-builder.ts";

describe("a node at a step", () => {
  const { tape, root } = mlpTape();
  const graph = tape.graph(root);
  const schedule = scheduleOfGraph(graph);
  const backward = (steps: number): number => schedule.forwardSteps + steps;
  const find = (label: string): number => tape.rows.findIndex((row) => row.label === label);

  it("has its gradient once everything that reads it has run", () => {
    assert.equal(nodeState(schedule, root, backward(0)), "done");
    assert.equal(nodeState(schedule, find("h2"), backward(3)), "next");
    assert.equal(nodeState(schedule, find("h2"), backward(4)), "done");
    assert.equal(nodeState(schedule, find("h1"), backward(4)), "waits");
    assert.equal(nodeState(schedule, find("fc3.bias"), backward(3)), "done");
  });

  it("never gets one where it requires none", () => {
    assert.equal(nodeState(schedule, find("x"), backward(10)), "none");
    assert.equal(nodeState(schedule, find("target"), backward(0)), "none");
  });

  it("is ahead while the forward part is stepped through", () => {
    assert.equal(nodeState(schedule, root, 0), "ahead");
    assert.equal(nodeState(schedule, find("h1"), 3), "waits");
  });

  it("has part of it when some readers have run", () => {
    const forked = new TapeBuilder();
    const w = forked.parameter("w", [2]);
    const a = forked.op("sin", [w], [2]);
    const b = forked.op("cos", [w], [2]);
    const sum = forked.op("add", [a, b], [2]);
    const pass = forked.graph(sum);
    const order = scheduleOfGraph(pass);
    assert.deepEqual(
      [0, 1, 2, 3].map((steps) => nodeState(order, w, order.forwardSteps + steps)),
      ["waits", "waits", "partial", "done"],
    );
  });

  it("sends its gradient along an edge when its reader runs", () => {
    const edge = graph.inputs.indexOf(find("h2"));
    const at = (steps: number) => edgeState(graph, schedule, [edge], backward(steps));
    assert.deepEqual([at(3), at(4), at(5)], ["waits", "taken", "done"]);
    const data = graph.inputs.indexOf(find("x"));
    assert.equal(edgeState(graph, schedule, [data], backward(10)), "none");
  });
});
