import assert from "node:assert/strict";
import type { ComparedNode, PassComparison } from "../../../engine/protocol/comparison.ts";
import type { NodeId, PassId } from "../../../engine/protocol/ids.ts";
import { summaryText } from "../../../webview/comparison/difference-text.ts";
import { onlyThere } from "../../../webview/comparison/only-there.ts";

function nodeOf(here: number | null, there: number | null, op: string): ComparedNode {
  return {
    nodes: [here as NodeId | null, there as NodeId | null],
    op,
    label: "",
    isLeaf: false,
    scope: "",
    sites: [null, null],
    shapes: [here === null ? null : [2], there === null ? null : [2]],
    value: 0,
    gradient: 0,
    gradientMissing: false,
  };
}

describe("a comparison of two passes", () => {
  it("tells what the other pass alone has, and behind which node of this one it would stand", () => {
    const nodes = [
      nodeOf(null, 0, "exp"),
      nodeOf(0, 1, "mul"),
      nodeOf(null, 2, "tanh"),
      nodeOf(null, 3, "neg"),
      nodeOf(1, 4, "sum"),
    ];
    const found: PassComparison = {
      passes: [0 as PassId, 0 as PassId],
      losses: [null, null],
      tolerance: 1e-5,
      nodes,
      different: 3,
      first: 0,
    };
    assert.deepEqual(
      onlyThere(found).map(({ node, after }) => [node.op, after]),
      [
        ["exp", null],
        ["tanh", 0],
        ["neg", 0],
      ],
    );
    assert.equal(summaryText(found), "Pass 1 of both: 3 of 5 nodes differ, 3 of them in the other alone.");
  });
});
