import * as vscode from "vscode";
import type { Site } from "../../engine/protocol/site.ts";

/** A site as VS Code counts: from 0. */
export function rangeOf(site: Site): vscode.Range {
  return new vscode.Range(
    Math.max(0, site.line - 1),
    Math.max(0, site.column - 1),
    Math.max(0, site.endLine - 1),
    Math.max(0, site.endColumn - 1),
  );
}
