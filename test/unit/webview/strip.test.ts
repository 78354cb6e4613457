import assert from "node:assert/strict";
import { scheduleOfGraph } from "../../../engine/recording/schedule.ts";
import { labelsOf, positionAt, segmentsOf } from "../../../webview/timeline/strip.ts";
import { chainTape, mlpTape } from "../../webview-harness/tapes.ts";
import type { TapeBuilder } from "../../webview-harness/tape-builder.ts";

function stripOf({ tape, root }: { tape: TapeBuilder; root: number }, width: number) {
  const graph = tape.graph(root);
  return segmentsOf(graph, scheduleOfGraph(graph), width);
}

describe("the timeline's strip", function () {
  // Passes of 100,000 nodes, on whatever machine this is.
  this.timeout(30_000);

  it("has a box for each step, forward and then backward", () => {
    const segments = stripOf(mlpTape(), 760);
    assert.equal(segments.length, 20);
    assert.deepEqual(
      segments.map((one) => one.backward),
      [...Array<boolean>(10).fill(false), ...Array<boolean>(10).fill(true)],
    );
  });

  it("finds the step under the pointer again", () => {
    const segments = stripOf(mlpTape(), 760);
    for (const one of segments) assert.equal(positionAt(segments, one.x + one.width / 2), one.from);
  });

  it("stays within its width, with steps drawn together when there are too many", () => {
    const segments = stripOf(chainTape(100_000), 760);
    const last = segments.at(-1);
    assert.ok(last);
    assert.ok(last.x + last.width <= 760);
    assert.ok(segments.length <= 400);
    assert.equal(last.to, 200_002);
  });

  it("names runs of steps in one module once", () => {
    const { tape, root } = mlpTape();
    const segments = stripOf({ tape, root }, 760);
    const labels = labelsOf(segments, (node) => tape.scopes[tape.rows[node]?.scope ?? -1]?.name ?? "");
    assert.deepEqual(
      labels.slice(0, 3).map((label) => label.text),
      ["fc1", "net", "fc2"],
    );
  });
});
