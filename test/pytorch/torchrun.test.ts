import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandLine, type DiagnoseCommand } from "../../engine/command-line/arguments.ts";
import { runSession } from "../../engine/command-line/session-run.ts";
import type { Finding } from "../../engine/protocol/finding.ts";
import { freePort } from "../../engine/session/ranks/rank-environment.ts";
import { pythons } from "./pythons.ts";

const script = join(import.meta.dirname, "ranks", "faulty.py");

/** What torchrun does, for Pythons whose own does not run: two workers of `PYTHON_EXEC`, each with its variables. */
const torchrunOf = (python: string, port: number): string => `#!/bin/sh
if [ "$1" != -m ] || [ "$2" != torch.distributed.run ]; then exec '${python}' "$@"; fi
shift 4
export WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=${port} GLOO_SOCKET_IFNAME=lo OMP_NUM_THREADS=1
RANK=0 LOCAL_RANK=0 "$PYTHON_EXEC" -u "$@" &
RANK=1 LOCAL_RANK=1 "$PYTHON_EXEC" -u "$@" &
wait
`;

describe("ranks that the user's own torchrun starts", function () {
  this.timeout(60_000);
  let folder: string;
  before(function () {
    if (pythons.length === 0 || process.platform !== "linux") this.skip();
    folder = mkdtempSync(join(tmpdir(), "backstep-torchrun-test-"));
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  it("are recorded and held against each other, and end by themselves", async () => {
    const python = join(folder, "python");
    writeFileSync(python, torchrunOf(pythons[0]!, await freePort()), { mode: 0o755 });
    const words = ["torchrun", "--nproc-per-node", "2", script, "learning-rate"];
    const command = parseCommandLine(["diagnose", "--python", python, "--", ...words]) as DiagnoseCommand;
    assert.deepEqual([command.file, command.python?.ranks], [script, 2]);
    let findings: readonly Finding[] = [];
    const failure = await runSession(
      command,
      { stopOn: { kind: "none" }, findings: true, log: false },
      { found: (found) => (findings = found.filter(({ rule }) => rule.startsWith("rank-"))) },
    );
    assert.equal(failure, null);
    assert.deepEqual(
      findings.map(({ rule, evidence }) => [rule, evidence["rank"]]),
      [["rank-learning-rate", 1]],
    );
  });

  it("are counted by what torchrun is told", () => {
    const parse = (...words: string[]) => parseCommandLine(["run", "--", ...words]);
    assert.throws(() => parse("torchrun", "--nproc-per-node=auto", script), /say how many processes/u);
    assert.throws(() => parse("torchrun", "--nproc-per-node=2"), /name the script/u);
  });
});
