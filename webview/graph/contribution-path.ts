import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { Contribution } from "../../engine/protocol/inspection.ts";

/** Edges by producer: those of node n are `edges[start[n] … start[n + 1])`, each a position in `PassGraph.inputs`. */
export interface Consumers {
  readonly start: Uint32Array;
  readonly edges: Uint32Array;
  /** The node that reads each edge. */
  readonly reader: Uint32Array;
}

/** Turns a pass's edges, which lie by reader, around: in time linear in nodes and edges. */
export function consumersOf(graph: PassGraph): Consumers {
  const { nodeCount, inputs, inputStart } = graph;
  const start = new Uint32Array(nodeCount + 1);
  const reader = new Uint32Array(inputs.length);
  for (let node = 0; node < nodeCount; node++) {
    for (let edge = inputStart[node] ?? 0; edge < (inputStart[node + 1] ?? 0); edge++) {
      reader[edge] = node;
      const slot = (inputs[edge] ?? 0) + 1;
      start[slot] = (start[slot] ?? 0) + 1;
    }
  }
  for (let node = 0; node < nodeCount; node++) start[node + 1] = (start[node + 1] ?? 0) + (start[node] ?? 0);
  const next = start.slice();
  const edges = new Uint32Array(inputs.length);
  for (let edge = 0; edge < inputs.length; edge++) {
    const producer = inputs[edge] ?? 0;
    edges[next[producer] ?? 0] = edge;
    next[producer] = (next[producer] ?? 0) + 1;
  }
  return { start, edges, reader };
}

/** The edges from a node to what contributes to its gradient, through the views and copies between them. */
export function pathOf({ inputs, inputStart }: PassGraph, { edge, past, consumer }: Contribution): number[] {
  const path = [edge];
  for (const [i, from] of past.entries()) {
    const to = past[i + 1] ?? consumer;
    const start = inputStart[to] ?? 0;
    const next = inputs.subarray(start, inputStart[to + 1]).indexOf(from);
    if (next >= 0) path.push(start + next);
  }
  return path;
}
