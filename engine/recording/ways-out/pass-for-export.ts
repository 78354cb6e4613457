import type { CheckRow } from "../../protocol/check.ts";
import { NodeKind, type NodeStatistics, type NodeTimes, type PassGraph, type Scope } from "../../protocol/graph.ts";

/** What other tools are told of a pass. */
export interface PassForExport {
  /** The program's file, by its name alone. */
  readonly program: string;
  readonly graph: PassGraph;
  readonly statistics: NodeStatistics;
  readonly verdicts: readonly CheckRow[];
  readonly times: NodeTimes;
}

/** A file for another tool. */
export interface ExportedFile {
  /** What comes between the name that was asked for and its extension: ".gradient-norm"; empty for the file itself. */
  readonly part: string;
  readonly text: string;
}

/** A node as people read it: "matmul h1"; of a leaf its name alone. */
export function titleOf({ strings, op, label, kind }: PassGraph, node: number): string {
  const name = strings[label[node]!]!;
  const does = strings[op[node]!]!;
  if (name === "") return does;
  return kind[node] === NodeKind.op || kind[node] === NodeKind.function ? `${does} ${name}` : name;
}

/** A node's sizes. */
export function shapeOf({ shapes, shapeStart }: PassGraph, node: number): number[] {
  return Array.from(shapes.subarray(shapeStart[node], shapeStart[node + 1]));
}

/** "model.ts:12:7"; null for a node without a place. */
export function placeOf({ site, sites }: PassGraph, node: number): string | null {
  const at = sites[site[node]!];
  return at ? `${at.file}:${at.line}:${at.column}` : null;
}

/** The scopes around a node, outermost first. */
export function scopesAround({ scope, scopes }: PassGraph, node: number): Scope[] {
  const found: Scope[] = [];
  for (let at = scope[node]!; at >= 0; at = scopes[at]!.parent) found.unshift(scopes[at]!);
  return found;
}

/** "lstm", and for its third call in the pass "lstm #3". */
export function nameOfScope({ name, type, call }: Scope): string {
  const plain = name || type;
  return call === 0 ? plain : `${plain} #${call + 1}`;
}
