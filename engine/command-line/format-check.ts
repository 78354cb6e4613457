import { EVIDENCE, type CheckRow } from "../protocol/check.ts";
import type { CheckedPass } from "./check-file.ts";
import { formatSite } from "./print-failure.ts";
import { formatNumber } from "./format-pass.ts";

const MARKS = { pass: "pass", fail: "FAIL", inconclusive: "?" } as const;

/** A table of verdicts, worst first, with the evidence for each. */
export function formatCheck({ index, loss, rows, summary }: CheckedPass): string {
  const order = { fail: 0, inconclusive: 1, pass: 2 } as const;
  const sorted = [...rows].sort((a, b) => order[a.verdict] - order[b.verdict]);
  const cells = sorted.map(cellsOf);
  const heads = ["", "", "analytic", "numeric", "error bar", "rel. error", "where"];
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]!.length)));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => text.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  const body = sorted.flatMap((row, i) => [line(cells[i]!), ...notesOf(row).map((note) => `        ${note}`)]);
  const title = `pass ${index}${loss === null ? "" : `, loss ${formatNumber(loss)}`}`;
  const verdicts = `${summary.passed} passed, ${summary.failed} failed, ${summary.inconclusive} inconclusive`;
  return `${title}\n${line(heads)}\n${body.join("\n")}\n${verdicts}\n\n`;
}

function cellsOf(row: CheckRow): string[] {
  const { evidence } = row;
  const name =
    row.scope === "parameter" || row.label === "" || row.label === row.name ? row.name : `${row.name} ${row.label}`;
  return [
    MARKS[row.verdict],
    name,
    formatNumber(evidence[EVIDENCE.analytic]!),
    formatNumber(evidence[EVIDENCE.numeric]!),
    `± ${formatNumber(evidence[EVIDENCE.errorBar]!)}`,
    formatNumber(evidence[EVIDENCE.relError]!),
    row.site ? formatSite(row.site) : "",
  ];
}

function notesOf(row: CheckRow): string[] {
  const notes: string[] = [];
  if (row.cause) {
    notes.push(row.cause.text);
    if (row.cause.backward) notes.push(`its backward: ${formatSite(row.cause.backward)}`);
  }
  if (row.reason !== undefined && row.verdict !== "pass") notes.push(row.reason);
  return notes;
}
