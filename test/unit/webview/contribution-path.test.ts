import assert from "node:assert/strict";
import type { PassGraph } from "../../../engine/protocol/graph.ts";
import type { Contribution } from "../../../engine/protocol/inspection.ts";
import { scheduleOfGraph } from "../../../engine/recording/schedule.ts";
import { pathOf } from "../../../webview/graph/contribution-path.ts";

// x (0) → reshape (1) → transpose (2) → matmul (4), which reads w (3) first; x is read by relu (5) as well.
const graph = {
  nodeCount: 6,
  kind: Uint8Array.of(3, 0, 0, 2, 0, 0),
  requiresGrad: Uint8Array.of(0, 0, 0, 1, 1, 0),
  backwardOrder: Uint32Array.of(4),
  roots: [4],
  inputs: Uint32Array.of(0, 1, 3, 2, 0),
  inputStart: Uint32Array.of(0, 0, 1, 2, 2, 4, 5),
} as unknown as PassGraph;

const through = (edge: number, past: readonly number[], consumer: number): Contribution =>
  ({ edge, past, consumer, arrived: true, summary: null }) as unknown as Contribution;

describe("edges by producer", () => {
  it("are those that read each node", () => {
    const schedule = scheduleOfGraph(graph);
    const of = (node: number): number[] => [...schedule.edgesTo(node)];
    assert.deepEqual([0, 1, 2, 3, 4].map(of), [[0, 4], [1], [3], [2], []]);
    assert.deepEqual([...schedule.edgeOwner], [1, 2, 4, 4, 5]);
  });

  it("lead from a node to what computes with it, past views", () => {
    assert.deepEqual(pathOf(graph, through(0, [1, 2], 4)), [0, 1, 3]);
    assert.deepEqual(pathOf(graph, through(4, [], 5)), [4]);
  });
});
