import * as vscode from "vscode";
import type { Site } from "../../engine/protocol/site.ts";
import { rangeOf } from "./site-range.ts";

/** VS Code takes a column beyond the end of a line for its end. */
const MAX_COLUMN = 10_000;

/** The first line of what is many lines long, a whole method say: it is enough to find it. */
export function firstLineOf(site: Site): vscode.Range {
  const range = rangeOf(site);
  return range.isSingleLine ? range : new vscode.Range(range.start, range.start.with({ character: MAX_COLUMN }));
}
