import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { Contribution } from "../../engine/protocol/inspection.ts";

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
