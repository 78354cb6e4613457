import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import fc from "fast-check";
import Mocha, { type RootHookObject } from "mocha";
import type { TestCounts } from "./test-counts.ts";

/**
 * Runs test files with mocha in this process and writes their counts as JSON:
 * `node test/run-mocha.ts --results FILE [--hooks MODULE] [--timeout MS] [--grep PATTERN] TEST-FILE...`
 *
 * Property tests draw the same cases in every run, so that a failure is one that the change made; `npm run fuzz` draws
 * others, and so does FC_SEED=number.
 */
const SEED = 20261123;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    results: { type: "string" },
    hooks: { type: "string" },
    timeout: { type: "string", default: "10000" },
    grep: { type: "string" },
  },
});

fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? SEED) });

const hooks =
  values.hooks === undefined ? null : ((await import(values.hooks)) as { readonly mochaHooks: RootHookObject });
const mocha = new Mocha({
  ui: "bdd",
  reporter: "spec",
  timeout: Number(values.timeout),
  ...(hooks === null ? {} : { rootHooks: hooks.mochaHooks }),
});
if (values.grep !== undefined) mocha.grep(new RegExp(values.grep));
for (const file of positionals) {
  // What mocha does around the loading of a file; done here, so that a file that cannot be loaded is one failed test.
  mocha.suite.emit("pre-require", globalThis, file, mocha);
  try {
    mocha.suite.emit("require", await import(pathToFileURL(file).href), file, mocha);
  } catch (error) {
    mocha.suite.addTest(
      new Mocha.Test(`${path.relative(process.cwd(), file)} can be loaded`, () => {
        throw error;
      }),
    );
  }
  mocha.suite.emit("post-require", globalThis, file, mocha);
}
const runner = mocha.run((failures) => {
  const counts: TestCounts = { passed: runner.stats?.passes ?? 0, failed: failures };
  if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(counts));
  // A thread or a process that a test left behind must not keep the run from ending.
  process.exit(failures === 0 ? 0 : 1);
});
