import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "node:util";
import { collectResults, type TestResults } from "../test-results.ts";

/**
 * Runs mocha in the extension host. Its bundle calls this with a function that loads every test file. The report and
 * the results go to files in the folder that BACKSTEP_TEST_OUTPUT names: the host's console is full of the editor's lines.
 */
export async function runTests(loadTestFiles: () => void): Promise<void> {
  const output = process.env["BACKSTEP_TEST_OUTPUT"];
  if (output === undefined) throw new Error("BACKSTEP_TEST_OUTPUT is not set");
  const { default: Mocha } = await import("mocha");
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => {
    appendFileSync(path.join(output, "report.txt"), `${format(...parts)}\n`);
  };
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, reporter: "spec", color: false });
  const pattern = process.env["BACKSTEP_TEST_GREP"];
  if (pattern !== undefined) mocha.grep(new RegExp(pattern));
  // Defines describe and it, as mocha does before it loads a file.
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  loadTestFiles();
  const { passed, failures } = await new Promise<TestResults>((resolve) => {
    const results = collectResults(
      mocha.run(() => {
        resolve(results());
      }),
    );
  });
  writeFileSync(path.join(output, "results.json"), JSON.stringify({ passed, failures }));
  if (failures.length > 0) throw new Error(`${failures.length} of the tests in the extension host failed`);
}
