import assert from "node:assert/strict";
import type { PassGraph } from "../../../engine/protocol/graph.ts";
import { edgeLabels } from "../../../webview/graph/edge-labels.ts";
import type { DrawnEdge } from "../../../webview/graph/scene.ts";

/** Node 0 is a leaf; node 1 is an op on it whose result is [16, 512]. */
const graph = {
  inputStart: Uint32Array.of(0, 0, 1),
  shapeStart: Uint32Array.of(0, 0, 2),
  shapes: Uint32Array.of(16, 512),
} as unknown as PassGraph;

function edge(id: string, points: readonly (readonly [x: number, y: number])[]): DrawnEdge {
  return {
    id,
    producer: 1,
    points: points.map(([x, y]) => ({ x, y })),
    continuesAtStart: false,
    continuesAtEnd: false,
  } as unknown as DrawnEdge;
}

describe("the shape beside an edge", () => {
  const down = edge("down", [
    [100, 0],
    [100, 40],
  ]);

  it("stands beside a straight piece, where nothing else is", () => {
    const far = edge("far", [
      [190, 0],
      [190, 60],
      [60, 60],
    ]);
    const [label, ...rest] = edgeLabels([down, far], graph);
    assert.deepEqual(rest, []);
    assert.deepEqual([label?.edge, label?.text, label?.x], ["down", "[16, 512]", 108]);
  });

  it("is left out where another line, or its head, runs through it", () => {
    for (const points of [
      [
        [130, -20],
        [130, 200],
      ],
      [
        [60, 12],
        [400, 12],
      ],
      [
        [120, 60],
        [120, 14],
      ],
    ] as const) {
      const labels = edgeLabels([down, edge("other", points)], graph);
      assert.equal(labels.filter(({ edge: of }) => of === "down").length, 0, JSON.stringify(points));
    }
  });
});
