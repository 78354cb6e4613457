import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { scriptOf } from "../../programs.ts";

const CLI = scriptOf("command line");
const model = fileURLToPath(new URL("../session/structures.model.ts", import.meta.url));

interface ParameterRow {
  readonly verdict: string;
  readonly reason?: string;
}

interface Report {
  readonly passes: readonly { readonly index: number; readonly params: readonly ParameterRow[] }[];
  readonly summary: { readonly fail: number; readonly leftOut?: number };
}

describe("backstep check --most", function () {
  this.timeout(30_000);

  it("checks that many structures, and says how many it left out", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, "check", model, "--json", "--most", "2"]);
    const { passes, summary } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      passes.map(({ index }) => index),
      [0, 3],
    );
    assert.equal(summary.fail, 0);
    assert.equal(summary.leftOut, 2);
  });

  it("checks the first pass that is not finite besides", async () => {
    const later = fileURLToPath(new URL("not-finite-later.model.ts", import.meta.url));
    const checking = promisify(execFile)(process.execPath, [CLI, "check", later, "--json", "--most", "1"]);
    const { stdout, code } = await checking.then(
      () => assert.fail("a pass that is not finite was not checked"),
      (error: unknown) => error as { readonly stdout: string; readonly code: number },
    );
    const { passes, summary } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      passes.map(({ index }) => index),
      [0, 2],
    );
    assert.equal(summary.leftOut, 1);
    assert.equal(code, 1);
  });
});

describe("passes within a pass", function () {
  this.timeout(30_000);
  const nested = fileURLToPath(new URL("nested.model.ts", import.meta.url));
  const json = async (...args: string[]): Promise<Report> => {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args, nested, "--json"]);
    return JSON.parse(stdout) as Report;
  };
  const numbers = ({ passes }: Report): number[] => passes.map(({ index }) => index);

  it("are checked each once, under their numbers, whatever is asked for", async () => {
    const whole = await json("check", "--pass", "all");
    assert.deepEqual(numbers(whole), [0, 1, 2, 3]);
    assert.equal(whole.summary.fail, 0);
    assert.deepEqual(numbers(await json("check")), [0, 1, 2, 3]);
    assert.deepEqual(numbers(await json("check", "--pass", "0")), [0]);
  });

  it("are reported by run under their numbers", async () => {
    assert.deepEqual(numbers(await json("run")), [0, 1, 2, 3]);
  });

  it("are told after the pass that they ran in", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, "check", nested, "--pass", "all"]);
    assert.deepEqual(
      [...stdout.matchAll(/^pass (\d)/gmu)].map(([, pass]) => Number(pass)),
      [0, 1, 2, 3],
    );
  });
});

describe("a second derivative through what a Function's forward kept", function () {
  this.timeout(30_000);

  it("is not called right, with the line that computed it; where nothing is missing it is", async () => {
    const model = fileURLToPath(new URL("kept-on-context.model.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, "check", model, "--pass", "all", "--json"]);
    const { passes } = JSON.parse(stdout) as Report;
    const verdicts = passes.map(({ params }) => new Set(params.map(({ verdict }) => verdict)));
    assert.deepEqual(
      verdicts.map((all) => [...all]),
      [["pass"], ["inconclusive"], ["pass"], ["pass"], ["pass"], ["pass"]],
    );
    for (const { reason } of passes[1]!.params) assert.match(reason!, /\(kept-on-context\.model\.ts:6\).* is missing/u);
  });
});
