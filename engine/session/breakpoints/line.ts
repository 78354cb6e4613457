import type { LineBreakpoint } from "../../protocol/breakpoints.ts";
import type { Site } from "../../protocol/site.ts";

/** Whether a call is what a line breakpoint means: it begins on the line, around the column where there is one. */
export function isAt(site: Site, { file, line, column }: LineBreakpoint): boolean {
  if (site.file !== file || site.line !== line) return false;
  if (column === null) return true;
  return column >= site.column && (site.endLine > site.line || column <= site.endColumn);
}

/** The line where a breakpoint really is: its own, or the next one of the file with a call; null when there is none. */
export function lineOf(breakpoint: LineBreakpoint, sites: readonly Site[]): number | null {
  let line: number | null = null;
  for (const site of sites) {
    if (site.file !== breakpoint.file || site.line < breakpoint.line) continue;
    if (line === null || site.line < line) line = site.line;
  }
  return line;
}
