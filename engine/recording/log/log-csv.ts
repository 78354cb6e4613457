import { logTable } from "./log-table.ts";
import type { TrainingLog } from "./training-log.ts";

/** A log as comma-separated values (RFC 4180), line by line. Where it has been thinned, a line stands for several passes. */
export function* logCsv(log: TrainingLog): Generator<string> {
  const { columns, lines } = logTable(log);
  yield csvLine(["pass", "passes", "seconds", ...columns.map(({ name }) => name)]);
  for (const { pass, passes, seconds, values } of lines()) {
    yield csvLine([pass, passes, seconds, ...values]);
  }
}

function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet takes what begins so for a formula.
  const safe = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
