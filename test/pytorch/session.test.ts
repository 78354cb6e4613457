import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { SessionState, StopOn } from "../../engine/protocol/engine.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const SCRIPT = `import torch
w = torch.ones(2, requires_grad=True)
while True:
    w.grad = None
    w.sum().backward()
`;

const WAITS = `import os, threading, torch
lock = threading.Lock()
lock.acquire()
print("waits", os.getpid(), flush=True)
lock.acquire()
`;

/** What has ended counts as gone, though nobody may have asked for its status yet. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && !/\) [ZX] /u.test(readFileSync(status, "utf8"));
}

describe("A session of a PyTorch script that runs on and on", function () {
  this.timeout(60_000);
  let folder: string;
  before(function () {
    if (pythons.length === 0) this.skip();
    folder = mkdtempSync(join(tmpdir(), "backstep-session-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("pauses, evaluates expressions in the script, goes on as it was launched, and ends when it is stopped", async () => {
    const program = join(folder, "loops.py");
    writeFileSync(program, SCRIPT);
    const script = scriptOf("engine");
    const session = new GradientSession(program, new EngineProcess({ script, folder }));
    const becomes = (kind: SessionState["kind"]): Promise<void> =>
      new Promise((resolve) => {
        const listener = session.stateChanged.listen((state) => {
          if (state.kind !== kind) return;
          listener.dispose();
          resolve();
        });
      });
    const launch = async (stopOn: StopOn): Promise<void> => {
      const python = { interpreter: pythons[0] ?? null, module: false, cwd: folder };
      const plain = { args: [], threads: 0, historyBytes: 0, seed: null, deterministic: false };
      await session.launch({ program, stopOn, python, ...plain });
    };

    await launch({ kind: "breakpoints" });
    for (let time = 0; time < 2; time++) {
      const stopped = becomes("stopped");
      await session.pause();
      await stopped;
      assert.equal((await session.engine.evaluate("w.shape[0] * 21", 0)).text, "42");
      assert.deepEqual((await session.engine.locals(0)).at(-1)?.name, "w");
      await session.resume();
      assert.equal(session.state.kind, "running");
    }
    await session.stop();
  });

  it("is stopped though it waits for a lock that nobody opens", async () => {
    const program = join(folder, "waits.py");
    writeFileSync(program, WAITS);
    const script = scriptOf("engine");
    const session = new GradientSession(program, new EngineProcess({ script, folder }));
    const waits = Promise.withResolvers<number>();
    // A line may come in parts.
    let said = "";
    session.output.listen(({ lines }) => {
      said += lines.map(({ text }) => text).join("");
      const [, pid] = /^waits (\d+)$/mu.exec(said) ?? [];
      if (pid !== undefined) waits.resolve(Number(pid));
    });
    session.stateChanged.listen((state) => {
      if (state.kind === "ended") waits.reject(new Error(state.failure?.message ?? "the script has ended"));
    });
    const python = { interpreter: pythons[0] ?? null, module: false, cwd: folder };
    const plain = { args: [], threads: 0, historyBytes: 0, seed: null, deterministic: false };
    await session.launch({ program, stopOn: { kind: "none" }, python, ...plain });
    const pid = await waits.promise;
    await session.stop();
    assert.ok(!isRunning(pid), "the script is still there");
  });
});
