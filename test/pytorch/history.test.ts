import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { SessionState, StopOn } from "../../engine/protocol/engine.ts";
import type { JobId, NodeId, PassId } from "../../engine/protocol/ids.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

/** Weights are written by an optimizer, by hand and behind autograd's back; one gradient is added up over the passes. */
const SCRIPT = `import atexit, torch
torch.manual_seed(0)
w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
u = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)
for step in range(4):
    optimizer.zero_grad()
    v.grad = None
    loss = (w * v * u).sum()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        v -= 0.25 * v.grad
    print("gradient", u.grad.tolist())
atexit.register(print, "goodbye")
`;

/** Targets are positions of the own scores, as whole numbers and not, and a tensor of numbers that were read. */
const CUT = `import torch
from torch import nn
torch.manual_seed(0)
model = nn.Linear(4, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(8, 4)
for step in range(6):
    scores = model(x)
    loss = nn.functional.cross_entropy(scores, scores.argmax(1))
    loss = loss + (scores * scores.argmax(1, keepdim=True).float()).mean()
    loss = loss + (scores - torch.tensor(scores.tolist())).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`;

for (const python of pythons) {
  describe(`passes of a PyTorch script that it has left, under ${python}`, function () {
    this.timeout(60_000);
    let folder: string;
    let program: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "backstep-history-"));
      program = join(folder, "train.py");
      writeFileSync(program, SCRIPT);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const script = scriptOf("engine");

    async function run(
      body: (session: GradientSession, becomes: (kind: SessionState["kind"]) => Promise<void>) => Promise<void>,
      { stopOn = { kind: "every" }, historyBytes = 2 ** 20 }: { stopOn?: StopOn; historyBytes?: number } = {},
    ): Promise<void> {
      const session = new GradientSession(program, new EngineProcess({ script, folder }));
      const becomes = (kind: SessionState["kind"]): Promise<void> =>
        new Promise((resolve) => {
          const listener = session.stateChanged.listen((state) => {
            if (state.kind !== kind) return;
            listener.dispose();
            resolve();
          });
        });
      try {
        const stopped = becomes("stopped");
        const run = { module: false, cwd: folder, interpreter: python };
        const plain = { args: [], threads: 0, seed: null, deterministic: false };
        await session.launch({ program, stopOn, python: run, historyBytes, ...plain });
        await stopped;
        await body(session, becomes);
      } finally {
        await session.stop();
      }
    }

    /** Elements of a leaf of a pass. */
    async function leaf(session: GradientSession, pass: number, label: string, plane: "value" | "gradient") {
      await session.engine.selectPass(pass as PassId);
      await session.engine.moveCursor({ to: "end" });
      const { label: labels, strings } = await session.engine.graph(pass as PassId);
      const at = labels.findIndex((index) => strings[index] === label) as NodeId;
      return [...(await session.engine.elements(pass as PassId, at, { plane, start: 0, count: 3 }))];
    }

    it("keep what they had, whatever has written there since, and can be compared and saved when the script has ended", async () => {
      const file = join(folder, "saved.backstep");
      await run(async (session, becomes) => {
        for (let pass = 1; pass < 4; pass++) {
          const stopped = becomes("stopped");
          await session.resume();
          await stopped;
        }
        assert.deepEqual(
          (await session.engine.passes()).map(({ kept }) => kept),
          [true, true, true, true],
        );
        // After k steps v = 1 − k·w·u/4 and w = 1 − …/2, by hand: (1, 1), (0.5, 0.75), (0.125, 0.625), (−0.1875, 0.59375).
        const w = [1, 0.5, 0.125, -0.1875];
        const v = [1, 0.75, 0.625, 0.59375];
        for (let pass = 0; pass < 4; pass++) {
          assert.deepEqual(await leaf(session, pass, "w", "value"), Array(3).fill(w[pass]));
          assert.deepEqual(await leaf(session, pass, "v", "value"), Array(3).fill(v[pass]));
          assert.deepEqual(await leaf(session, pass, "w", "gradient"), Array(3).fill(v[pass]));
          assert.deepEqual(await leaf(session, pass, "u", "gradient"), Array(3).fill(w[pass]! * v[pass]!));
        }
        const ended = becomes("ended");
        await session.resume();
        await ended;
        assert.equal((await session.engine.selectPass(0 as PassId)).pass, 0);
        const { summary } = await session.engine.check(1 as JobId, 0 as PassId);
        assert.deepEqual([summary.failed, summary.inconclusive], [0, 0]);
        assert.equal((await session.engine.save(2 as JobId, file, null)).passes, 4);
      });
      const shown = execFileSync(process.execPath, [scriptOf("command line"), "show", file], {
        encoding: "utf8",
      });
      assert.match(shown, /pass 3 {2}loss/u);
    });

    it("are let go when they take more than they may, the oldest first", async () => {
      await run(
        async (session, becomes) => {
          for (let pass = 1; pass < 4; pass++) {
            const stopped = becomes("stopped");
            await session.resume();
            await stopped;
          }
          assert.deepEqual(
            (await session.engine.passes()).map(({ kept }) => kept),
            [false, false, true, true],
          );
          await assert.rejects(session.engine.graph(0 as PassId));
        },
        { historyBytes: 50_000 },
      );
    });

    it("are recorded by the command line, the last ones, and the script's own end is not held up", () => {
      const file = join(folder, "run.backstep");
      const cli = scriptOf("command line");
      const command = [cli, "run", program, "--python", python, "--record", file, "--keep", "2"];
      const printed = execFileSync(process.execPath, command, { encoding: "utf8" });
      assert.match(printed, /goodbye/u);
      const shown = execFileSync(process.execPath, [cli, "show", file, "--json"], { encoding: "utf8" });
      const { passes, framework } = JSON.parse(shown) as {
        passes: readonly { readonly index: number; readonly kept: boolean }[];
        framework: { readonly name: string; readonly version: string };
      };
      assert.equal(framework.name, "torch");
      assert.match(framework.version, /^[12]\.\d+/u);
      assert.deepEqual(
        passes.flatMap(({ index, kept }) => (kept ? [index] : [])),
        [2, 3],
      );
    });

    it("can be read again whatever the diagnosis knows of constants: whole numbers, numbers that were read", () => {
      const cut = join(folder, "cut.py");
      const file = join(folder, "cut.backstep");
      writeFileSync(cut, CUT);
      const cli = scriptOf("command line");
      // Whether anything is wrong with this training is another matter.
      const command = [cli, "diagnose", cut, "--python", python, "--record", file];
      assert.notEqual(spawnSync(process.execPath, command, { stdio: "ignore" }).status, 2);
      const shown = execFileSync(process.execPath, [cli, "show", file], { encoding: "utf8" });
      assert.match(shown, /pass 0 {2}loss/u);
    });
  });
}
