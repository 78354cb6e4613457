import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import "../test/plain-locale.ts";
import type { TestResults } from "../test/test-results.ts";
import { noticesFile } from "./build/notices.ts";
import { build } from "./build.ts";
import { installBrowser, installCodeServer, InstallError, installTfjs, installTorch } from "./install.ts";
import { runIntegrationTests } from "./integration.ts";
import { packageExtension } from "./package.ts";
import { inRepository, repository } from "./repository.ts";

/*
 * npm test                         everything, in the order below
 * npm test -- unit [FILE...]       one suite, or some of its files; also lint, package, pytorch, tfjs, golden,
 *                                  hostile, integration, e2e
 *          --grep PATTERN          only the tests whose title matches
 */

const SUITES = ["lint", "package", "unit", "pytorch", "tfjs", "golden", "hostile", "integration", "e2e"] as const;
type Suite = (typeof SUITES)[number];

/** Bytes. What is shipped is loaded at every start of somebody's editor. */
const LARGEST_PACKAGE = 8_000_000;

/** Test files that run at once, each with engines or a browser of its own. */
const MOST_JOBS = 4;

const output = inRepository("test-output");

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: "string" } } });
const [only, ...files] = positionals;
const grepArguments = values.grep === undefined ? [] : ["--grep", values.grep];

function tool(name: string): string {
  return inRepository("node_modules", ...name.split("/"));
}

/** Runs a Node program and returns whether it succeeded. With `quiet`, its output is shown when it has ended. */
async function runNode(args: readonly string[], quiet: boolean, env = process.env): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env,
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (data: string) => (text += data));
  }
  const [code] = (await once(child, "close")) as [number | null];
  if (text.trim() !== "") console.log(text.trim());
  return code === 0;
}

/** What went well, and what did not, by name. */
function resultsOf(checks: Readonly<Record<string, boolean>>): TestResults {
  const failures = Object.keys(checks).filter((name) => checks[name] !== true);
  return { passed: Object.keys(checks).length - failures.length, failures };
}

/** ESLint, Prettier and the type check; each counts as one test. Two run side by side. */
async function lint(): Promise<TestResults> {
  const check = async (name: string, args: readonly string[]): Promise<boolean> => {
    const ok = await runNode(args, true);
    console.log(`  ${ok ? "ok    " : "FAILED"} ${name}`);
    return ok;
  };
  const eslint = check("eslint", [tool("eslint/bin/eslint.js"), "--max-warnings", "0", "."]);
  const types = await check("types (tsc -b)", [tool("typescript/bin/tsc"), "-b"]);
  const format = await check("format (prettier --check)", [
    tool("prettier/bin/prettier.cjs"),
    "--check",
    "--log-level",
    "warn",
    ".",
  ]);
  return resultsOf({ eslint: await eslint, "types (tsc -b)": types, "format (prettier --check)": format });
}

async function mocha(
  suite: "unit" | "pytorch" | "tfjs" | "golden" | "e2e",
  tests: readonly string[],
  options: readonly string[],
): Promise<TestResults> {
  const results = inRepository("test-output", `${suite}.json`);
  await rm(results, { force: true });
  // A test that is killed removes nothing: what it made goes with this folder.
  const temporary = await mkdtemp(path.join(tmpdir(), "bst-"));
  const ok = await runNode(
    [inRepository("test", "run-mocha.ts"), "--results", results, ...options, ...grepArguments, ...tests],
    false,
    { ...process.env, BACKSTEP_PROGRAMS: "built", TMPDIR: temporary, TEMP: temporary, TMP: temporary },
  );
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  if (existsSync(results)) return JSON.parse(await readFile(results, "utf8")) as TestResults;
  return { passed: 0, failures: [`The ${suite} tests ended before their end${ok ? "" : ", with an error"}.`] };
}

function testFiles(pattern: string, exclude: readonly string[] = []): string[] {
  const chosen = files.length > 0 ? files : globSync(pattern, { cwd: repository, exclude }).sort();
  return chosen.map((file) => inRepository(file));
}

const run: Readonly<Record<Suite, () => Promise<TestResults>>> = {
  lint,
  unit() {
    return mocha(
      "unit",
      testFiles("test/**/*.test.ts", [
        "test/integration/**",
        "test/e2e/**",
        "test/golden/**",
        "test/pytorch/**",
        "test/tfjs/**",
        "**/node_modules/**",
      ]),
      // They wait for processes and browsers for a third of their time.
      ["--jobs", String(Math.min(MOST_JOBS, availableParallelism() + 1))],
    );
  },
  pytorch() {
    return mocha("pytorch", testFiles("test/pytorch/**/*.test.ts"), ["--jobs", "2"]);
  },
  tfjs() {
    return mocha("tfjs", testFiles("test/tfjs/*.test.ts"), ["--jobs", "2"]);
  },
  async package() {
    const noticesBefore = await readFile(noticesFile, "utf8").catch(() => "");
    const vsix = await packageExtension();
    const noticesAreCurrent = (await readFile(noticesFile, "utf8")) === noticesBefore;
    if (!noticesAreCurrent) console.error("THIRD_PARTY_NOTICES.md was out of date. It has been rewritten: commit it.");
    const { size } = await stat(vsix);
    const isSmall = size <= LARGEST_PACKAGE;
    if (!isSmall) console.error(`${vsix} has ${size} bytes, which is more than ${LARGEST_PACKAGE}.`);
    return resultsOf({ packaged: true, "current notices": noticesAreCurrent, "small package": isSmall });
  },
  golden() {
    return mocha("golden", testFiles("test/golden/**/*.test.ts"), ["--jobs", "2"]);
  },
  async hostile() {
    return resultsOf({ hostile: await runNode([inRepository("test", "hostile", "main.ts"), "--brief"], false) });
  },
  integration() {
    return runIntegrationTests(files, values.grep);
  },
  e2e() {
    const hooks = inRepository("test", "e2e", "vs-code.ts");
    return mocha("e2e", testFiles("test/e2e/**/*.test.ts"), ["--hooks", hooks, "--timeout", "120000"]);
  },
};

/** What a suite takes from dist/. Of all suites, the package is the first that needs any of it. */
const BUILDS: Readonly<Record<Suite, () => Promise<unknown>>> = {
  lint: () => Promise.resolve(),
  package: () => Promise.resolve(),
  unit: () => build(false),
  pytorch: () => build(false),
  tfjs: () => build(false),
  golden: () => build(true),
  hostile: () => build(true),
  integration: () => build(false),
  e2e: packageExtension,
};

const suites = SUITES.filter((suite) => only === undefined || only === suite);
if (suites.length === 0) throw new Error(`No such suite: ${only ?? ""}. There are: ${SUITES.join(", ")}.`);
await mkdir(output, { recursive: true });
if (only !== undefined) for (const suite of suites) await BUILDS[suite]();

/** What a suite needs besides the dependencies. Where it cannot be got, the suite says so again, and fails. */
type Need = "browser" | "codeServer" | "torch" | "tfjs";
const NEEDS: Readonly<Record<Suite, readonly Need[]>> = {
  lint: [],
  unit: ["browser"],
  pytorch: ["torch"],
  tfjs: ["tfjs"],
  package: [],
  golden: ["torch"],
  hostile: [],
  integration: ["browser", "codeServer"],
  e2e: ["browser", "codeServer", "torch"],
};

const needed = new Set(suites.flatMap((suite) => NEEDS[suite]));
const got = async (need: Need, install: () => Promise<void>): Promise<void> => {
  if (!needed.has(need)) return;
  await install().catch((error: unknown) => {
    console.error(error instanceof InstallError ? error.message : error);
  });
};
// One after the other, for both may ask apt-get; meanwhile those suites run that do not need them.
const browser = got("browser", installBrowser);
const torch = browser.then(() => got("torch", installTorch));
const tfjs = got("tfjs", installTfjs);
const ready = { browser, torch, tfjs, codeServer: torch.then(() => got("codeServer", installCodeServer)) };

const rows: { readonly suite: Suite; readonly results: TestResults; readonly seconds: number }[] = [];
for (const suite of suites) {
  await Promise.all(NEEDS[suite].map((need) => ready[need]));
  console.log(`\n=== ${suite} ===\n`);
  const started = performance.now();
  const results = await run[suite]().catch((error: unknown): TestResults => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return { passed: 0, failures: [String(error)] };
  });
  rows.push({ suite, results, seconds: (performance.now() - started) / 1000 });
}

console.log("");
// What failed is said once more at the end: of a long run, little else is read.
for (const { suite, results } of rows) {
  for (const failure of results.failures) console.log(`FAILED ${suite}: ${failure}`);
}
for (const { suite, results, seconds } of rows) {
  const { passed, failures } = results;
  console.log(`${suite.padEnd(12)} ${passed} passed, ${failures.length} failed in ${seconds.toFixed(0)} s`);
}
const passed = rows.reduce((sum, { results }) => sum + results.passed, 0);
const failed = rows.reduce((sum, { results }) => sum + results.failures.length, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
