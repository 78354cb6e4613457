import type { SourceEdit } from "../../protocol/finding.ts";
import type { Site } from "../../protocol/site.ts";
import type { Change } from "./change.ts";

/**
 * The edits of all changes, one after the other.
 * @param made the edits of one, in the text of its file; null where the text is not of the form that such a change is made in
 * @returns none where one of them cannot be made
 */
export function editsOfEach(
  changes: readonly Change[],
  textOf: (file: string) => string | null,
  made: (change: Change, file: string, text: string) => readonly SourceEdit[] | null,
): readonly SourceEdit[] {
  const all: SourceEdit[] = [];
  for (const change of changes) {
    const { file } = placeOf(change);
    const text = textOf(file);
    const edits = text === null ? null : made(change, file, text);
    if (!edits) return [];
    all.push(...edits);
  }
  return all;
}

function placeOf(change: Change): Site {
  if ("call" in change) return change.call;
  return "before" in change ? change.before : change.place;
}
