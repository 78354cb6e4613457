import { existsSync, globSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { launchChromium } from "../test/e2e/chromium.ts";
import { CodeServer } from "../test/e2e/code-server.ts";
import { VsCodeWindow } from "../test/e2e/vs-code-window.ts";
import type { TestResults } from "../test/test-results.ts";
import { inRepository, repository } from "./repository.ts";

const TIMEOUT_MS = 600_000;

/** Bundles the test files into the one CommonJS module that VS Code calls `run` of. */
async function bundleTests(files: readonly string[], outfile: string): Promise<void> {
  const loads = files.map((file) => `require(${JSON.stringify(inRepository(file))});`).join(" ");
  await build({
    stdin: {
      contents: `import { runTests } from "./run-tests.ts"; export const run = () => runTests(() => { ${loads} });`,
      resolveDir: inRepository("test", "integration"),
      loader: "ts",
    },
    outfile,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node22.15",
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
}

/** Runs test/integration with mocha in the extension host of a real VS Code, with the extension as built in dist/. */
export async function runIntegrationTests(files: readonly string[], grep: string | undefined): Promise<TestResults> {
  const tests = files.length > 0 ? files : globSync("test/integration/**/*.test.ts", { cwd: repository }).sort();
  const output = inRepository("test-output", "integration");
  const bundle = path.join(output, "index.cjs");
  const report = path.join(output, "report.txt");
  const results = path.join(output, "results.json");
  await rm(output, { recursive: true, force: true });
  await bundleTests(tests, bundle);

  const env = { BACKSTEP_TEST_OUTPUT: output, ...(grep === undefined ? {} : { BACKSTEP_TEST_GREP: grep }) };
  await using server = await CodeServer.start([], { env });
  await using browser = await launchChromium();
  const ended = Promise.withResolvers<undefined>();
  browser.on("disconnected", () => {
    ended.reject(new Error("the browser is gone"));
  });
  await using window = await VsCodeWindow.open(browser, server, {
    folder: "examples",
    extensionPath: repository,
    testsPath: bundle,
    prepare: async (page) => {
      // VS Code calls these in the page when it runs an extension's tests.
      await page.exposeFunction("codeAutomationLog", () => undefined);
      await page.exposeFunction("codeAutomationExit", () => {
        ended.resolve(undefined);
      });
    },
  });
  const timer = setTimeout(() => {
    ended.reject(new Error("the tests in the extension host did not end"));
  }, TIMEOUT_MS);
  try {
    await ended.promise;
  } catch (error) {
    console.error(error, await window.screenshot("integration", inRepository("test-output")));
  } finally {
    clearTimeout(timer);
    if (existsSync(report)) console.log(await readFile(report, "utf8"));
  }
  if (existsSync(results)) return JSON.parse(await readFile(results, "utf8")) as TestResults;
  console.error("The tests in the extension host left no results. The window's console said last:");
  console.error(window.consoleLines.slice(-20).join("\n"));
  return { passed: 0, failures: ["The tests in the extension host left no results."] };
}
