import type { SourceEdit } from "../../engine/protocol/finding.ts";
import type { Site } from "../../engine/protocol/site.ts";

/** Where a place of a text with edits stands in the text without them, by lines: what the editor shows is not edited. */
export function uneditedPlace(site: Site, edits: readonly SourceEdit[]): Site {
  const before = edits.filter((edit) => edit.site.file === site.file).toSorted((a, b) => a.site.line - b.site.line);
  let added = 0;
  for (const { site: replaced, text } of before) {
    const lines = text.split("\n").length - 1;
    if (site.line < replaced.line + added + lines || site.line <= replaced.line + added) break;
    added += lines - (replaced.endLine - replaced.line);
  }
  return { ...site, line: site.line - added, endLine: site.endLine - added };
}
