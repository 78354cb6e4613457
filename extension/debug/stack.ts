import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { LiveFrame, PassSummary } from "../../engine/protocol/engine.ts";
import type { Failure, Frame } from "../../engine/protocol/failure.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { ProductTerm } from "../../engine/protocol/inspection.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { positionText, termText } from "../../engine/recording/cursor-text.ts";
import { inputsOf, scopesOf, siteOf, nodeTitle } from "../../engine/recording/graph-rows.ts";

/** A row of the call stack: a term of the op's product, the op itself, a module it was made in, or a user's function. */
export interface StackRow {
  /** "user" led to the op in the forward pass; "live" led to backward(), and stands still there. */
  readonly kind: "term" | "op" | "module" | "user" | "live";
  readonly name: string;
  readonly site: Site | null;
  /** Position among the frames that stand still, innermost 0; null for what has returned since. */
  readonly liveFrame: number | null;
}

export interface StackInput {
  readonly cursor: Cursor;
  readonly graph: PassGraph;
  readonly pass: PassSummary | null;
  /** What the cursor's term passes back; null between products. */
  readonly term: ProductTerm | null;
  /** The user's frames when the op was made, innermost first. */
  readonly frames: readonly Frame[];
  /** The user's frames that stand still now, innermost first; none once the file has ended. */
  readonly live: readonly LiveFrame[];
}

export function stackRows({ cursor, graph, pass, term, frames, live }: StackInput): StackRow[] {
  const rows: StackRow[] = [];
  const { node } = cursor;
  const position = positionText(cursor);
  if (node !== null) {
    if (cursor.term !== null) {
      const name = termTitle(graph, node, cursor.term);
      rows.push({ kind: "term", name, site: term?.site ?? siteOf(graph, node), liveFrame: null });
    }
    rows.push({
      kind: "op",
      name: `${nodeTitle(graph, node)}  ${position}`,
      site: siteOf(graph, node),
      liveFrame: null,
    });
    for (const scope of scopesOf(graph, node)) {
      const call = scope.call > 0 ? t`, call ${scope.call + 1}` : "";
      const module = scope.path ? `${scope.path} (${scope.type}${call})` : scope.type;
      const name = scope.kind === "module" ? module : `${scope.name}()`;
      rows.push({ kind: "module", name, site: null, liveFrame: null });
    }
    for (const frame of frames) rows.push({ kind: "user", name: frameName(frame), site: frame.site, liveFrame: null });
  }
  const where = node === null ? `  ${position}` : "";
  const title = `${passTitle(cursor.pass, pass?.kind)}${where}`;
  // The innermost frame that stands still is the one that called backward(); of an earlier pass it is where it was.
  const [innermost, ...outer] = live;
  const isNewest = innermost !== undefined && pass?.site?.line === innermost.site.line;
  rows.push({ kind: "live", name: title, site: pass?.site ?? rootSite(graph), liveFrame: isNewest ? 0 : null });
  if (isNewest) {
    outer.forEach((frame, index) => {
      const name = frame.runs ? passTitle(frame.runs.pass, frame.runs.kind) : frameName(frame);
      rows.push({ kind: "live", name, site: frame.site, liveFrame: index + 1 });
    });
  }
  return rows;
}

/** The stack of a run that failed before any pass: the user's frames alone. */
export function failureRows(failure: Failure): StackRow[] {
  const frames = failure.frames ?? [];
  const rows: StackRow[] = frames.map((frame) => ({
    kind: "user",
    name: frameName(frame),
    site: frame.site,
    liveFrame: null,
  }));
  if (rows[0]?.site?.line === failure.site?.line && rows.length > 0) return rows;
  return [{ kind: "user", name: failure.site?.within ?? t("top level"), site: failure.site, liveFrame: null }, ...rows];
}

/** "→ fc1.weight  term 2 of 3": what an op passes back to one of its inputs. */
function termTitle(graph: PassGraph, node: NodeId, place: number): string {
  const input = inputsOf(graph, node)[place];
  return `→ ${input === undefined ? "" : nodeTitle(graph, input)}  ${termText(graph, node, place)}`;
}

/** @param sourcePath where VS Code finds the source of the row's site */
export function toStackFrame(row: StackRow, id: number, sourcePath: string): DebugProtocol.StackFrame {
  const frame: DebugProtocol.StackFrame = { id, name: row.name, line: 0, column: 0 };
  if (row.kind === "module") frame.presentationHint = "label";
  if (row.site) {
    frame.source = { name: path.basename(row.site.file), path: sourcePath };
    frame.line = row.site.line;
    frame.column = row.site.column;
    // No end: VS Code would select the range, and the next key that is typed would replace it.
  } else if (row.kind !== "module") {
    frame.presentationHint = "subtle";
  }
  return frame;
}

function rootSite(graph: PassGraph): Site | null {
  const root: NodeId | undefined = graph.roots[0];
  return root === undefined ? null : siteOf(graph, root);
}

function passTitle(pass: PassId, kind: PassSummary["kind"] | undefined): string {
  return t`${kind === "grad" ? "autograd.grad()" : "backward()"}  pass ${pass + 1}`;
}

export function frameName({ name }: Pick<Frame, "name">): string {
  return name === "<module>" ? t("top level") : name;
}
