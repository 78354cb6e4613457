import { RECORDED_DTYPES, type RecordedDType } from "../../engine/protocol/recorded-dtype.ts";
import { NodeKind, type NodeId, type PassGraph, type Scope } from "../../engine/protocol/graph.ts";
import type { Site } from "../../engine/protocol/site.ts";

/** What people call the rows of a tape. */

export function opOf(graph: PassGraph, node: NodeId): string {
  return graph.strings[graph.op[node] ?? 0] ?? "";
}

export function labelOf(graph: PassGraph, node: NodeId): string {
  return graph.strings[graph.label[node] ?? 0] ?? "";
}

/** "relu h2", "fc1.weight", "matmul". */
export function titleOf(graph: PassGraph, node: NodeId): string {
  const label = labelOf(graph, node);
  if (isLeaf(graph, node)) return label || opOf(graph, node);
  return label ? `${opOf(graph, node)} ${label}` : opOf(graph, node);
}

export function isLeaf(graph: PassGraph, node: NodeId): boolean {
  const kind = graph.kind[node];
  return kind === NodeKind.parameter || kind === NodeKind.constant;
}

export function shapeOf(graph: PassGraph, node: NodeId): number[] {
  return [...graph.shapes.subarray(graph.shapeStart[node] ?? 0, graph.shapeStart[node + 1] ?? 0)];
}

export function dtypeOf(graph: PassGraph, node: NodeId): RecordedDType {
  return RECORDED_DTYPES[graph.dtype[node] ?? 0] ?? "float32";
}

export function siteOf(graph: PassGraph, node: NodeId): Site | null {
  return graph.sites[graph.site[node] ?? 0] ?? null;
}

export function inputsOf(graph: PassGraph, node: NodeId): NodeId[] {
  return [...graph.inputs.subarray(graph.inputStart[node] ?? 0, graph.inputStart[node + 1] ?? 0)] as NodeId[];
}

/** The scopes around a node, innermost first. */
export function scopesOf(graph: PassGraph, node: NodeId): Scope[] {
  const result: Scope[] = [];
  for (let id: number = graph.scope[node] ?? -1; id >= 0;) {
    const scope = graph.scopes[id];
    if (!scope) break;
    result.push(scope);
    id = scope.parent;
  }
  return result;
}

export function parametersOf(graph: PassGraph): NodeId[] {
  const result: NodeId[] = [];
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.kind[node] === NodeKind.parameter) result.push(node as NodeId);
  }
  return result;
}
