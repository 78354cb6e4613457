import { EVIDENCE, type CheckRow } from "../protocol/check.ts";
import type { CheckedPass } from "./check-file.ts";
import { formatSite } from "./print-failure.ts";
import { roundedText } from "../recording/number-text.ts";
import { t } from "../language/translate.ts";
import { said } from "./speak.ts";

/**
 * A table of verdicts, worst first, with the evidence for each. What passed at one place of the source, in every step of
 * a loop say, is one line with the worst of its numbers.
 */
export function formatCheck({ index, loss, rows, summary }: CheckedPass): string {
  const order = { fail: 0, inconclusive: 1, pass: 2 } as const;
  const sorted = together(rows).sort((a, b) => order[a.row.verdict] - order[b.row.verdict]);
  const cells = sorted.map(cellsOf);
  const heads = ["", "", t("analytic"), t("numeric"), t("error bar"), t("rel. error"), t("where")];
  const widths = heads.map((head, column) => Math.max(...[head, ...cells.map((line) => line[column]!)].map(columnsOf)));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => text + " ".repeat(widths[i]! - columnsOf(text)))
      .join("  ")
      .trimEnd();
  const body = sorted.flatMap(({ row }, i) => [line(cells[i]!), ...notesOf(row).map((note) => `        ${note}`)]);
  const title = loss === null ? t`pass ${index}` : t`pass ${index}, loss ${roundedText(loss)}`;
  const verdicts = t`${summary.passed} passed, ${summary.failed} failed, ${summary.inconclusive} inconclusive`;
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
  const title = verdict === "fail" && inputName !== undefined ? t`${called}, gradient of ${inputName}` : called;
  return order === 2 ? t`backward of ${title}` : title;
}

function markOf({ verdict }: CheckRow): string {
  if (verdict === "inconclusive") return "?";
  return verdict === "pass" ? t("pass") : t("FAIL");
}

/** How many columns of a terminal a text takes: a character of Chinese takes two. */
function columnsOf(text: string): number {
  return text.length + (text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/gu)?.length ?? 0);
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
    markOf(row),
    count > 1 ? `${titleOf(row)} × ${count}` : titleOf(row),
    ...(row.compared === 0 ? numbers.map(() => "–") : numbers),
    row.site ? formatSite(row.site) : "",
  ];
}

function notesOf(row: CheckRow): string[] {
  const notes: string[] = [];
  if (row.cause) {
    notes.push(said(row.cause.text));
    if (row.cause.backward) notes.push(t`its backward: ${formatSite(row.cause.backward)}`);
  }
  if (row.reason !== undefined) notes.push(said(row.reason));
  return notes;
}
