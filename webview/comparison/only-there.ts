import type { ComparedNode, PassComparison } from "../../engine/protocol/comparison.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";

/** A node that the other pass alone has, and where it would stand in this one. */
export interface OnlyThere {
  readonly node: ComparedNode;
  /** The last node of this pass before it; null where it comes before all of them. */
  readonly after: NodeId | null;
}

/** The parts of a comparison that the graph cannot draw, since this pass has no such node; in the order of the tapes. */
export function onlyThere({ nodes }: PassComparison): readonly OnlyThere[] {
  const found: OnlyThere[] = [];
  let after: NodeId | null = null;
  for (const node of nodes) {
    const [here] = node.nodes;
    if (here === null) found.push({ node, after });
    else after = here;
  }
  return found;
}
