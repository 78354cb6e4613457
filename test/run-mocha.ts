import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import Mocha, { type RootHookObject } from "mocha";
import "./plain-locale.ts";
import { collectResults } from "./test-results.ts";

/**
 * Runs test files with mocha, some at once in processes of their own, and writes their results as JSON:
 * `node test/run-mocha.ts --results FILE [--jobs N] [--hooks MODULE] [--timeout MS] [--grep PATTERN] TEST-FILE...`
 *
 * A file that cannot be loaded ends the run with an error, and no results are written.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    results: { type: "string" },
    jobs: { type: "string", default: "1" },
    hooks: { type: "string" },
    // For a machine that does three things at once.
    timeout: { type: "string", default: "60000" },
    grep: { type: "string" },
  },
});

const jobs = Number(values.jobs);
const modules = [
  path.join(import.meta.dirname, "property-seed.ts"),
  path.join(import.meta.dirname, "crowd.ts"),
  ...(values.hooks === undefined ? [] : [path.resolve(values.hooks)]),
];
/** With one job all files run in this process, and share what the hooks keep; else each process loads the modules. */
const loaded =
  jobs > 1
    ? []
    : await Promise.all(modules.map((module) => import(module) as Promise<{ mochaHooks?: RootHookObject }>));

const mocha = new Mocha({
  ui: "bdd",
  reporter: "spec",
  timeout: Number(values.timeout),
  parallel: jobs > 1,
  jobs,
  require: modules,
  rootHooks: Object.assign({}, ...loaded.map(({ mochaHooks }) => mochaHooks)) as RootHookObject,
});
if (values.grep !== undefined) mocha.grep(new RegExp(values.grep));
for (const file of positionals) mocha.addFile(path.resolve(file));
if (jobs === 1) await mocha.loadFilesAsync();
const runner = mocha.run((failures) => {
  if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(results()));
  // A thread or a process that a test left behind must not keep the run from ending.
  process.exit(failures === 0 ? 0 : 1);
});
const results = collectResults(runner);
