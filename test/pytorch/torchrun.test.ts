import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandLine, type DiagnoseCommand } from "../../engine/command-line/arguments.ts";
import { runSession } from "../../engine/command-line/session-run.ts";
import type { Finding } from "../../engine/protocol/finding.ts";
import { freePort } from "../../engine/session/ranks/rank-environment.ts";
import { pythons } from "./pythons.ts";

const script = join(import.meta.dirname, "ranks", "faulty.py");

/** A store as torchrun opens it. A torch that was built without libuv, as Debian's is from 2.6 on, refuses it. */
const OPENS_STORE = `from torch.distributed import TCPStore; TCPStore("127.0.0.1", 0, 1, True, multi_tenant=True)`;

interface Meeting {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Where the ranks meet, in torchrun's own words. That what they print is not redirected is said for a rank that there is not: it keeps
 * torch 1.13 from a default that Python 3.11 reads as None.
 */
async function meetingOf(python: string, folder: string): Promise<Meeting> {
  if (spawnSync(python, ["-c", OPENS_STORE]).status === 0) {
    const at = ["--master_addr", "127.0.0.1", "--master_port", `${await freePort()}`];
    return { words: [...at, "--redirects", "9:1", "--tee", "9:1"], env: {} };
  }
  const file = ["--rdzv-backend", "c10d", "--rdzv-conf", "store_type=file", "--rdzv-endpoint", join(folder, "store")];
  return {
    words: ["--nnodes", "1", ...file, "--local-addr", "127.0.0.1"],
    // The workers open a store of their own, without libuv.
    env: { USE_LIBUV: "0", TORCH_DISABLE_SHARE_RDZV_TCP_STORE: "1" },
  };
}

describe("ranks that the user's own torchrun starts", function () {
  this.timeout(400_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "backstep-torchrun-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const interpreter of process.platform === "linux" ? pythons : []) {
    it(`are recorded and held against each other, and end by themselves, under ${interpreter}`, async () => {
      const { words, env } = await meetingOf(interpreter, folder);
      const torchrun = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--monitor_interval", "0.1", ...words];
      const command = parseCommandLine([
        ...["diagnose", "--", interpreter, ...torchrun, script, "learning-rate"],
      ]) as DiagnoseCommand;
      assert.deepEqual([command.file, command.python?.ranks], [script, 2]);
      let findings: readonly Finding[] = [];
      // gloo would listen on the address of the host's name.
      const python = { ...command.python!, env: { GLOO_SOCKET_IFNAME: "lo", ...env } };
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
  }

  it("are counted by what torchrun is told", () => {
    const parse = (...words: string[]) => parseCommandLine(["run", "--", ...words]);
    assert.throws(() => parse("torchrun", "--nproc-per-node=auto", script), /say how many processes/u);
    assert.throws(() => parse("torchrun", "--nproc-per-node=2"), /name the script/u);
  });
});
