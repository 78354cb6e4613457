import type { SourceEdit } from "../../engine/protocol/finding.ts";

/** Texts of files with edits made in them, all of which mean places of the text before. */
export async function editedTexts(
  edits: readonly SourceEdit[],
  textOf: (file: string) => Promise<string>,
): Promise<{ readonly file: string; readonly text: string }[]> {
  const files = [...new Set(edits.map(({ site }) => site.file))];
  return Promise.all(
    files.map(async (file) => ({
      file,
      text: edited(
        await textOf(file),
        edits.filter(({ site }) => site.file === file),
      ),
    })),
  );
}

function edited(text: string, edits: readonly SourceEdit[]): string {
  const starts = lineStarts(text);
  const at = (line: number, column: number): number => (starts[line - 1] ?? text.length) + column - 1;
  const ordered = edits
    .map(({ site, text: put }) => ({ from: at(site.line, site.column), to: at(site.endLine, site.endColumn), put }))
    // From the last to the first: places before an edit stay where they are.
    .sort((a, b) => b.from - a.from);
  return ordered.reduce((all, { from, to, put }) => all.slice(0, from) + put + all.slice(to), text);
}

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\r|\n/gu), (end) => end.index + end[0].length)];
}
