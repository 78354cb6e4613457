import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Row, Suite } from "./row.ts";

const SUITES = ["engine", "check", "webview", "debugger"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const unknown = positionals.filter((name) => !SUITES.includes(name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(", ")}. Suites: ${SUITES.join(", ")}.`);
  process.exit(2);
}

const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : SUITES) {
  const file = new URL(`./${name}.ts`, import.meta.url);
  if (!existsSync(file)) continue;
  const { suite } = (await import(file.href)) as { suite: Suite };
  rows.push(...(await suite({ quick: values.quick })));
}
console.log(`\n${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}\n`);
console.log(table(rows));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
// Workers of a suite that failed half-way must not keep the process.
process.exit(0);

function table(lines: readonly Row[]): string {
  const number = (value: number | null): string => (value === null ? "–" : Number(value.toPrecision(3)).toString());
  const body = lines.map((row) => [
    row.work,
    String(row.threads),
    `${number(row.ours)} ${row.unit}`,
    row.peer === null ? (row.note ?? "–") : `${row.peer}: ${number(row.peerValue)}`,
    number(row.ratio),
    row.goal,
    row.met === null ? "–" : row.met ? "yes" : "**no**",
  ]);
  const head = ["work", "threads", "ours", "against", "ratio", "goal", "met"];
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
