import { printable } from "../../engine/recording/printable.ts";

/*
 * What comes from files, data, errors and labels, for each kind of surface that makes more of a text than its letters.
 * Notifications have `notificationText`, exported pages `escapeHtml`.
 */

/** Characters of a name that a line of the editor has room for. */
const LONGEST_LABEL = 200;

/** For Markdown, as hovers are: no link, no picture, no HTML, no icon, no line of its own. */
export function markdownText(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~!$&]/g, "\\$&");
}

/** For what renders icons: CodeLens, status bar, choices, names and descriptions of tests. */
export function labelText(text: string): string {
  const line = oneLine(text);
  const short = line.length <= LONGEST_LABEL ? line : `${line.slice(0, LONGEST_LABEL)}…`;
  return short.replaceAll("$(", "$\u2060(");
}

/** For plain text of several lines: messages of tests, problems, rows of the Variables view. */
export function plainText(text: string): string {
  return printable(text);
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, " "));
}
