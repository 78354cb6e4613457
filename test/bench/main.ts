import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { HEAD, lineOf, type Row, type Suite } from "./row.ts";

/*
 * npm run bench                    every suite
 *               -- engine check    some of: engine, check, webview, debugger, recording, training, pytorch
 *                  --quick         shorter measurements
 *                  --json FILE     the rows as JSON, besides test-output/bench.json
 *
 * Rows are printed as they are measured; test-output/bench.md has them as the table that the README carries.
 */

const SUITES = ["engine", "check", "webview", "debugger", "recording", "training", "pytorch"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const unknown = positionals.filter((name) => !SUITES.includes(name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(", ")}. Suites: ${SUITES.join(", ")}.`);
  process.exit(2);
}

const title = `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
console.log(`\n${title}\n\n${HEAD}`);
const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : SUITES) {
  const { suite } = (await import(new URL(`./${name}.ts`, import.meta.url).href)) as { suite: Suite };
  for await (const row of suite({ quick: values.quick })) {
    rows.push(row);
    console.log(lineOf(row));
  }
}

const json = `${JSON.stringify(rows, null, 2)}\n`;
const output = path.resolve(import.meta.dirname, "../../test-output");
await mkdir(output, { recursive: true });
await writeFile(path.join(output, "bench.json"), json);
await writeFile(path.join(output, "bench.md"), `${title}\n\n${[HEAD, ...rows.map(lineOf)].join("\n")}\n`);
if (values.json !== undefined) await writeFile(values.json, json);
// Workers of a suite that failed half-way must not keep the process.
process.exit(0);
