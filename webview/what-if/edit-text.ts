import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { Edit } from "../../engine/protocol/what-if.ts";

/** "[1, 2]", the element that an edit sets; nothing for a scalar. */
export function elementText(graph: PassGraph, { node, element }: Pick<Edit, "node" | "element">): string {
  const shape = [...graph.shapes.subarray(graph.shapeStart[node], graph.shapeStart[node + 1])];
  if (shape.length === 0) return "";
  const index: number[] = [];
  let rest = element;
  for (const size of shape.reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${index.join(", ")}]`;
}
