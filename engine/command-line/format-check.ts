import { EVIDENCE, type CheckRow } from "../protocol/check.ts";
import type { CheckedPass } from "./check-file.ts";
import { formatSite } from "./print-failure.ts";
import { roundedText } from "../recording/number-text.ts";

const MARKS = { pass: "pass", fail: "FAIL", inconclusive: "?" } as const;

/**
 * A table of verdicts, worst first, with the evidence for each. What passed at one place of the source, in every step of
 * a loop say, is one line with the worst of its numbers.
 */
export function formatCheck({ index, loss, rows, summary }: CheckedPass): string {
  const order = { fail: 0, inconclusive: 1, pass: 2 } as const;
  const sorted = together(rows).sort((a, b) => order[a.row.verdict] - order[b.row.verdict]);
  const cells = sorted.map(cellsOf);
  const heads = ["", "", "analytic", "numeric", "error bar", "rel. error", "where"];
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]!.length)));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => text.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  const body = sorted.flatMap(({ row }, i) => [line(cells[i]!), ...notesOf(row).map((note) => `        ${note}`)]);
  const title = `pass ${index}${loss === null ? "" : `, loss ${roundedText(loss)}`}`;
  const verdicts = `${summary.passed} passed, ${summary.failed} failed, ${summary.inconclusive} inconclusive`;
  return `${title}\n${line(heads)}\n${body.join("\n")}\n${verdicts}\n\n`;
}

/** A line of the table: a row, and how many it stands for. */
interface Line {
  readonly row: CheckRow;
  readonly count: number;
}

function together(rows: readonly CheckRow[]): Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const place = row.site && row.scope === "op" ? `${formatSite(row.site)} ${titleOf(row)} ${row.reason ?? ""}` : "";
    const key = row.verdict === "pass" && place !== "" ? place : `${row.scope} ${row.node}`;
    const known = lines.get(key);
    const worse = known && known.row.evidence[EVIDENCE.relError]! >= row.evidence[EVIDENCE.relError]! ? known.row : row;
    lines.set(key, { row: worse, count: (known?.count ?? 0) + 1 });
  }
  return [...lines.values()];
}

function titleOf({ scope, name, label, order, verdict, inputName }: CheckRow): string {
  const called = scope === "parameter" || label === "" || label === name ? name : `${name} ${label}`;
  const title = verdict === "fail" && inputName !== undefined ? `${called}, gradient of ${inputName}` : called;
  return order === 2 ? `backward of ${title}` : title;
}

function cellsOf({ row, count }: Line): string[] {
  const { evidence } = row;
  const numbers = [
    roundedText(evidence[EVIDENCE.analytic]!),
    roundedText(evidence[EVIDENCE.numeric]!),
    `± ${roundedText(evidence[EVIDENCE.errorBar]!)}`,
    roundedText(evidence[EVIDENCE.relError]!),
  ];
  return [
    MARKS[row.verdict],
    count > 1 ? `${titleOf(row)} × ${count}` : titleOf(row),
    ...(row.compared === 0 ? numbers.map(() => "–") : numbers),
    row.site ? formatSite(row.site) : "",
  ];
}

function notesOf(row: CheckRow): string[] {
  const notes: string[] = [];
  if (row.cause) {
    notes.push(row.cause.text);
    if (row.cause.backward) notes.push(`its backward: ${formatSite(row.cause.backward)}`);
  }
  if (row.reason !== undefined) notes.push(row.reason);
  return notes;
}
