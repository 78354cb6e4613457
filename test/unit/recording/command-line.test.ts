import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptOf } from "../../programs.ts";

const cli = scriptOf("command line");
const dying = fileURLToPath(new URL("dying.model.ts", import.meta.url));

describe("recordings on the command line", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "backstep-recordings-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const backstep = (...args: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd: folder, encoding: "utf8" });
    return { status, stdout, stderr };
  };

  it("saves the last passes of a run, and shows and compares them", () => {
    const run = backstep("run", dying, "--record", "run.backstep", "--keep", "2");
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stderr, /saved 2 passes, [\d.]+ kB, to .*run\.backstep/u);
    const shown = JSON.parse(backstep("show", "run.backstep", "--json").stdout);
    assert.equal(shown.program, dying);
    assert.deepEqual(
      shown.passes.map(({ index, kept }: { index: number; kept: boolean }) => [index, kept]),
      [
        [0, false],
        [1, true],
        [2, true],
      ],
    );
    // d(Σ 3w)/dw is 3 for each of three elements.
    assert.ok(Math.abs(shown.passes[2].leaves[0].norm - 3 * Math.sqrt(3)) < 1e-6);
    assert.equal(backstep("compare", "run.backstep", "run.backstep").status, 0);
    const compared = backstep("compare", "run.backstep", "--pass", "1,2", "--json");
    assert.equal(compared.status, 1);
    const { first, different } = JSON.parse(compared.stdout).passes[0];
    assert.equal(first.op, "mul");
    assert.equal(first.sites[0].line, 7);
    assert.ok(different > 0);
    assert.match(backstep("compare", "run.backstep", "--pass", "1,9").stderr, /holds no pass 9/u);
  });

  it("saves the passes that were checked, with their verdicts, and checks them again", () => {
    assert.equal(backstep("check", dying, "--record", "checked.backstep").status, 0);
    assert.match(backstep("show", "checked.backstep").stdout, /compared: 3 passed, 0 failed, 0 inconclusive/u);
    const again = backstep("check", "checked.backstep", "--json");
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(JSON.parse(again.stdout).summary, { pass: 3, fail: 0, inconclusive: 0 });
  });

  it("saves what there was of a run that failed, or died", () => {
    for (const how of ["throw", "die"]) {
      const run = backstep("run", dying, "--record", `${how}.backstep`, "--", how);
      assert.equal(run.status, 2);
      const shown = JSON.parse(backstep("show", `${how}.backstep`, "--json").stdout);
      assert.equal(shown.passes.filter(({ kept }: { kept: boolean }) => kept).length, 3);
      assert.match(shown.failure.message, how === "throw" ? /the data ran out/u : /its thread ended with code 3/u);
    }
  });

  /** Runs the model, sends signals once it is in the middle, and settles when its recording has its name. */
  const interrupted = async (name: string, send: (pid: number) => void): Promise<void> => {
    const file = join(folder, name);
    const running = spawn(process.execPath, [cli, "run", dying, "--record", file, "--", "wait"], { detached: true });
    // Only then are all its passes made. One listener hears all: between two that hear once, output is lost.
    const waits = Promise.withResolvers<undefined>();
    let printed = "";
    running.stdout.on("data", (part) => {
      printed += String(part);
      if (printed.includes("waiting")) waits.resolve(undefined);
    });
    await waits.promise;
    // The engine outlives the command until it has saved.
    const saved = Promise.withResolvers<undefined>();
    const watcher = watch(folder, (_, changed) => {
      if (changed === name) saved.resolve(undefined);
    });
    send(running.pid!);
    await saved.promise;
    watcher.close();
    const shown = JSON.parse(backstep("show", file, "--json").stdout);
    assert.equal(shown.passes.filter(({ kept }: { kept: boolean }) => kept).length, 3);
  };

  it("saves what there was of a run that is stopped", () =>
    interrupted("stopped.backstep", (pid) => process.kill(pid, "SIGINT")));

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`saves it where all processes get ${signal}, as from a terminal, and get it twice`, () =>
      interrupted(`${signal}.backstep`, (pid) => {
        process.kill(-pid, signal);
        process.kill(-pid, signal);
      }));
  }

  it("says before the run that a recording cannot be written", () => {
    const run = backstep("run", dying, "--record", join("nowhere", "run.backstep"));
    assert.equal(run.status, 2);
    assert.match(run.stderr, /run\.backstep cannot be written: its folder does not exist \(in .*nowhere\)/u);
    assert.ok(!existsSync(join(folder, "nowhere")));
  });

  it("says what is wrong with a file that is no recording", () => {
    for (const command of [["show"], ["compare", dying], ["check"]]) {
      const broken = join(folder, "broken.backstep");
      spawnSync("cp", [dying, broken]);
      const { status, stderr } = backstep(...command, broken);
      assert.equal(status, 2);
      assert.match(stderr, /is not a recording/u);
      assert.doesNotMatch(stderr, /at .*\.ts:/u);
    }
  });
});
