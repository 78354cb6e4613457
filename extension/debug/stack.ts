import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { PassSummary } from "../../engine/protocol/engine.ts";
import type { Failure, Frame } from "../../engine/protocol/failure.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { scopesOf, siteOf, titleOf } from "../session/tape-names.ts";

/** A row of the call stack: the op itself, a module it was made in, or a function of the user's that led to it. */
export interface StackRow {
  readonly kind: "op" | "module" | "user" | "pass";
  readonly name: string;
  readonly site: Site | null;
  /** Position among the user's frames, innermost 0. */
  readonly userFrame: number | null;
}

export interface StackInput {
  readonly cursor: Cursor;
  readonly graph: PassGraph;
  readonly pass: PassSummary | null;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

export function stackRows({ cursor, graph, pass, frames }: StackInput): StackRow[] {
  const rows: StackRow[] = [];
  const node = cursor.node;
  if (node !== null) {
    rows.push({
      kind: "op",
      name: `${titleOf(graph, node)}  ${positionText(cursor)}`,
      site: siteOf(graph, node),
      userFrame: null,
    });
    for (const scope of scopesOf(graph, node)) {
      const call = scope.call > 0 ? `, call ${scope.call + 1}` : "";
      const module = scope.path ? `${scope.path} (${scope.type}${call})` : scope.type;
      const name = scope.kind === "module" ? module : `${scope.name}()`;
      rows.push({ kind: "module", name, site: null, userFrame: null });
    }
    frames.forEach((frame, index) =>
      rows.push({ kind: "user", name: frameName(frame), site: frame.site, userFrame: index }),
    );
  }
  if (pass) {
    const call = pass.kind === "grad" ? "autograd.grad" : "backward()";
    const where = node === null ? `  ${positionText(cursor)}` : "";
    rows.push({ kind: "pass", name: `${call}  pass ${cursor.pass + 1}${where}`, site: pass.site, userFrame: null });
  } else if (node === null) {
    rows.push({
      kind: "pass",
      name: `pass ${cursor.pass + 1}  ${positionText(cursor)}`,
      site: rootSite(graph),
      userFrame: null,
    });
  }
  return rows;
}

/** The stack of a run that failed before any pass: the user's frames alone. */
export function failureRows(failure: Failure): StackRow[] {
  const frames = failure.frames ?? [];
  const rows: StackRow[] = frames.map((frame, index) => ({
    kind: "user",
    name: frameName(frame),
    site: frame.site,
    userFrame: index,
  }));
  if (rows.length > 0) return rows;
  return [{ kind: "op", name: failure.kind, site: failure.site, userFrame: null }];
}

/** "backward 5 of 10", "forward 3 of 10", "start", "end". */
export function positionText(cursor: Cursor): string {
  const { position, forwardSteps, backwardSteps } = cursor;
  if (position < forwardSteps) return `forward ${position + 1} of ${forwardSteps}`;
  if (position - forwardSteps >= backwardSteps) return "end: every leaf has its gradient";
  return `backward ${position - forwardSteps + 1} of ${backwardSteps}`;
}

export function toStackFrame(row: StackRow, id: number): DebugProtocol.StackFrame {
  const frame: DebugProtocol.StackFrame = { id, name: row.name, line: 0, column: 0 };
  if (row.kind === "module") frame.presentationHint = "label";
  if (row.site) {
    frame.source = { name: path.basename(row.site.file), path: row.site.file };
    frame.line = row.site.line;
    frame.column = row.site.column;
    frame.endLine = row.site.endLine;
    frame.endColumn = row.site.endColumn;
  } else if (row.kind !== "module") {
    frame.presentationHint = "subtle";
  }
  return frame;
}

function rootSite(graph: PassGraph): Site | null {
  const root: NodeId | undefined = graph.roots[0];
  return root === undefined ? null : siteOf(graph, root);
}

function frameName({ name }: Frame): string {
  return name === "<module>" ? "top level" : name;
}
