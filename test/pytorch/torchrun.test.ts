import assert from "node:assert/strict";
import { join } from "node:path";
import { parseCommandLine, type DiagnoseCommand } from "../../engine/command-line/arguments.ts";
import { runSession } from "../../engine/command-line/session-run.ts";
import type { Finding } from "../../engine/protocol/finding.ts";
import { freePort } from "../../engine/session/ranks/rank-environment.ts";
import { pythons } from "./pythons.ts";

const script = join(import.meta.dirname, "ranks", "faulty.py");

/**
 * torchrun's own words: where the ranks meet, and that what they print is not redirected. Said for a rank that there is not, the latter
 * keeps torch 1.13 from a default that Python 3.11 reads as None.
 */
const torchrun = (port: number): readonly string[] => [
  ...["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_addr", "127.0.0.1", "--master_port", `${port}`],
  ...["--redirects", "9:1", "--tee", "9:1", "--monitor_interval", "0.1"],
];

describe("ranks that the user's own torchrun starts", function () {
  this.timeout(60_000);
  before(function () {
    if (pythons.length === 0 || process.platform !== "linux") this.skip();
  });

  it("are recorded and held against each other, and end by themselves", async () => {
    const words = [pythons[0]!, ...torchrun(await freePort()), script, "learning-rate"];
    const command = parseCommandLine(["diagnose", "--", ...words]) as DiagnoseCommand;
    assert.deepEqual([command.file, command.python?.ranks], [script, 2]);
    let findings: readonly Finding[] = [];
    // gloo would listen on the address of the host's name.
    const python = { ...command.python!, env: { GLOO_SOCKET_IFNAME: "lo" } };
    const failure = await runSession(
      { ...command, python },
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
