import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";

const arrivals = new WeakMap<PassGraph, Int32Array>();

/** Whether a node's gradient is complete at the cursor: every consumer that passes something back has run. */
export function hasArrived(graph: PassGraph, node: NodeId, cursor: Cursor): boolean {
  const completeAt = arrivalsOf(graph)[node] ?? -1;
  return completeAt >= 0 && cursor.position - cursor.forwardSteps >= completeAt;
}

/** How many vector-Jacobian products must have run until each node's gradient is complete; -1 where none arrives. */
function arrivalsOf(graph: PassGraph): Int32Array {
  const known = arrivals.get(graph);
  if (known) return known;
  const completeAt = new Int32Array(graph.nodeCount).fill(-1);
  for (const root of graph.roots) completeAt[root] = 0;
  graph.backwardOrder.forEach((consumer, step) => {
    const end = graph.inputStart[consumer + 1] ?? 0;
    for (let edge = graph.inputStart[consumer] ?? 0; edge < end; edge++) {
      const input = graph.inputs[edge] ?? 0;
      if (graph.requiresGrad[input] === 1) completeAt[input] = step + 1;
    }
  });
  arrivals.set(graph, completeAt);
  return completeAt;
}
