import assert from "node:assert/strict";
import type { NodeTimes } from "../../../engine/protocol/graph.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";
import { buildHierarchy } from "../../../webview/graph/hierarchy.ts";
import { groupNumbers, overlayOf } from "../../../webview/graph/overlay.ts";
import { mlpTape } from "../../webview-harness/tapes.ts";

describe("an overlay", () => {
  const { tape, root } = mlpTape();
  const graph = tape.graph(root);
  const hierarchy = buildHierarchy(graph);
  const column = (value: number): Float64Array => new Float64Array(graph.nodeCount).fill(value);
  const times: NodeTimes = { pass: 0 as PassId, forward: column(0.002), backward: column(0.003) };

  it("of time adds what an op takes forward and backward, and a group's ops", () => {
    const overlay = overlayOf("time", null, { times, isAsked: true }, []);
    assert.equal(overlay.format(overlay.value(3)), "5 µs");
    const number = groupNumbers(overlay, hierarchy);
    for (const group of hierarchy.groups.filter(({ nodeCount }) => nodeCount > 0))
      assert.ok(Math.abs(number(group) - 0.005 * group.nodeCount) < 1e-9);
  });

  it("of time says that it is being measured until it is there", () => {
    assert.match(overlayOf("time", null, { times: null, isAsked: true }, []).title, /run again …$/u);
    assert.match(overlayOf("time", null, { times: null, isAsked: false }, []).title, /run the file again/u);
  });

  it("of norms lets the last op speak for its group", () => {
    const statistics = { gradNorm: Float64Array.from({ length: graph.nodeCount }, (_, node) => node) };
    const overlay = overlayOf("gradient norm", statistics as never, { times: null, isAsked: false }, []);
    const number = groupNumbers(overlay, hierarchy);
    const [inner] = hierarchy.groups.filter(({ lastNode }) => lastNode > 0);
    assert.equal(number(inner!), inner!.lastNode);
  });
});
