import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { GOALS } from "./goals.ts";

/*
 * npm run examples [-- FILE...]    runs every example from beginning to end with the command line, and shows how it went
 *                                  and whether it reached what it states
 */

const repository = path.resolve(import.meta.dirname, "../..");
const cli = path.join(repository, "dist", "cli.js");
const TIMEOUT_MS = 300_000;

interface Outcome {
  readonly ok: boolean;
  readonly passes: number;
  readonly lastLine: string;
  /** The goal that was missed, if any. */
  readonly missed: string | null;
}

interface RunReport {
  readonly passes: readonly unknown[];
  readonly output: readonly { readonly text: string }[];
}

async function run(file: string): Promise<Outcome> {
  const child = spawn(process.execPath, [cli, "run", file, "--json"], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
  });
  let report = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (report += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    return { ok: false, passes: 0, lastLine: complaint.trim() || `ended with status ${code ?? "none"}`, missed: null };
  const { passes, output } = JSON.parse(report) as RunReport;
  const text = output
    .map((line) => line.text)
    .join("\n")
    .trim();
  const goal = GOALS[path.basename(file)];
  const missed = goal === undefined || goal.met(text) ? null : goal.text;
  return { ok: missed === null, passes: passes.length, lastLine: text.slice(text.lastIndexOf("\n") + 1), missed };
}

if (!existsSync(cli)) throw new Error("dist/cli.js is missing: npm run build");
const chosen = process.argv.slice(2);
const files = chosen.length > 0 ? chosen : globSync("examples/*.ts", { cwd: repository }).sort();
for (const file of files) {
  const started = performance.now();
  const { ok, passes, lastLine, missed } = await run(file);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "FAILED"} ${file}  ${seconds} s  ${passes} passes  ${lastLine}`);
  const goal = GOALS[path.basename(file)];
  if (goal !== undefined) console.log(`       ${missed === null ? "reached" : "MISSED"}: ${goal.text}`);
  if (!ok) process.exitCode = 1;
}
