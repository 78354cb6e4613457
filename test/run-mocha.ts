import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Mocha, { type RootHookObject } from "mocha";
import type { TestCounts } from "./test-counts.ts";

/**
 * Runs test files with mocha in this process and writes their counts as JSON:
 * `node test/run-mocha.ts --results FILE [--hooks MODULE] [--timeout MS] [--grep PATTERN] TEST-FILE...`
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    results: { type: "string" },
    hooks: { type: "string" },
    timeout: { type: "string", default: "10000" },
    grep: { type: "string" },
  },
});

const hooks =
  values.hooks === undefined ? null : ((await import(values.hooks)) as { readonly mochaHooks: RootHookObject });
const mocha = new Mocha({
  ui: "bdd",
  reporter: "spec",
  timeout: Number(values.timeout),
  ...(hooks === null ? {} : { rootHooks: hooks.mochaHooks }),
});
if (values.grep !== undefined) mocha.grep(new RegExp(values.grep));
for (const file of positionals) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => {
  const counts: TestCounts = { passed: runner.stats?.passes ?? 0, failed: failures };
  if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(counts));
  // A thread or a process that a test left behind must not keep the run from ending.
  process.exit(failures === 0 ? 0 : 1);
});
