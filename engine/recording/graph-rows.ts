import { RECORDED_DTYPES, type RecordedDType } from "../protocol/recorded-dtype.ts";
import { NodeKind, type NodeId, type PassGraph, type Scope } from "../protocol/graph.ts";
import type { Site } from "../protocol/site.ts";
import { nameFrom, titleFrom } from "./node-names.ts";

/** The op as the program writes it, or a Function's class; of a leaf "parameter" or "input". */
export function opOf(graph: PassGraph, node: number): string {
  return graph.strings[graph.op[node] ?? 0] ?? "";
}

/** The variable that it was assigned to, or a parameter's path; empty where there is none. */
export function labelOf(graph: PassGraph, node: number): string {
  return graph.strings[graph.label[node] ?? 0] ?? "";
}

/** What to call a node where its op is not the point: its variable, else its op. */
export function nodeName(graph: PassGraph, node: number): string {
  return nameFrom({ op: opOf(graph, node), label: labelOf(graph, node) });
}

/** "relu h2", "matmul"; of a leaf its name alone: "fc1.weight". */
export function nodeTitle(graph: PassGraph, node: number): string {
  return titleFrom({ op: opOf(graph, node), label: labelOf(graph, node), isLeaf: isLeaf(graph, node) });
}

/** Whether nothing computed it: a parameter or a constant. */
export function isLeaf(graph: PassGraph, node: number): boolean {
  const kind = graph.kind[node];
  return kind === NodeKind.parameter || kind === NodeKind.constant;
}

export function shapeOf(graph: PassGraph, node: number): number[] {
  return [...graph.shapes.subarray(graph.shapeStart[node] ?? 0, graph.shapeStart[node + 1] ?? 0)];
}

export function dtypeOf(graph: PassGraph, node: number): RecordedDType {
  return RECORDED_DTYPES[graph.dtype[node] ?? 0] ?? "float32";
}

export function siteOf(graph: PassGraph, node: number): Site | null {
  return graph.sites[graph.site[node] ?? 0] ?? null;
}

export function inputsOf(graph: PassGraph, node: number): NodeId[] {
  return [...graph.inputs.subarray(graph.inputStart[node] ?? 0, graph.inputStart[node + 1] ?? 0)] as NodeId[];
}

/** The scopes around a node, innermost first. */
export function scopesOf(graph: PassGraph, node: number): Scope[] {
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
