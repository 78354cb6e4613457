import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { Hierarchy } from "../graph/hierarchy.ts";
import type { Selection } from "./navigation.ts";

/** A selection as it is remembered: it stands for the same node of the next run while that does the same. */
export function selectionKey(selection: Selection, graph: PassGraph | null, tree: Hierarchy | null): string | null {
  if (!selection || !graph || !tree) return null;
  if (selection.kind === "group") return `group ${tree.groups[selection.group]?.openKey ?? ""}`;
  return nodeKey(selection.node, graph);
}

/** What was remembered, in this pass; null where it has no such node. */
export function selectionOf(key: string, graph: PassGraph, tree: Hierarchy): Selection {
  const group = tree.groups.find(({ openKey }) => key === `group ${openKey}`);
  if (group) return { kind: "group", group: group.index };
  const node = Number(/^node (\d+) /.exec(key)?.[1] ?? NaN);
  return node < graph.nodeCount && nodeKey(node, graph) === key ? { kind: "node", node } : null;
}

function nodeKey(node: number, graph: PassGraph): string {
  const text = (column: Uint32Array): string => graph.strings[column[node] ?? 0] ?? "";
  return `node ${String(node)} ${text(graph.op)} ${text(graph.label)}`;
}
