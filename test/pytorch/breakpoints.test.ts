import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { Breakpoint, BreakpointStatus } from "../../engine/protocol/breakpoints.ts";
import type { SessionState } from "../../engine/protocol/engine.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const SCRIPT = `import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
x = torch.randn(5, 4)
scale = 1.0

for epoch in range(8):
    model.zero_grad()
    h = model(x)
    # nothing is called here
    loss = (h * scale).square().mean()
    if epoch == 4:
        loss = loss + (h - h).sqrt().sum()
    loss.backward()
    scale *= 10


class Breaks(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise ValueError("no way back")


Breaks.apply(model[0].weight).sum().backward()
`;

const plain = { condition: "", hitCondition: "", logMessage: "" } as const;

describe("Breakpoints in a PyTorch script", function () {
  this.timeout(60_000);
  let folder: string;
  let program: string;
  before(function () {
    if (pythons.length === 0) this.skip();
    folder = mkdtempSync(join(tmpdir(), "backstep-breakpoints-"));
    program = join(folder, "train.py");
    writeFileSync(program, SCRIPT);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  interface Run {
    readonly session: GradientSession;
    /** The next stop or the end, after the script goes on. */
    next(): Promise<Extract<SessionState, { kind: "stopped" | "ended" }>>;
    readonly statuses: Map<number, BreakpointStatus>;
    readonly printed: string[];
  }

  async function run(breakpoints: readonly Breakpoint[], visit: (run: Run) => Promise<void>): Promise<void> {
    const script = scriptOf("engine");
    const session = new GradientSession(program, new EngineProcess({ script, folder }));
    const statuses = new Map<number, BreakpointStatus>();
    const printed: string[] = [];
    session.breakpointsChanged.listen((changed) => changed.forEach((status) => statuses.set(status.id, status)));
    session.output.listen(({ lines }) => printed.push(...lines.map(({ text }) => text.trim())));
    const standing = (): Promise<Extract<SessionState, { kind: "stopped" | "ended" }>> =>
      new Promise((resolve) => {
        const listener = session.stateChanged.listen((state) => {
          if (state.kind !== "stopped" && state.kind !== "ended") return;
          listener.dispose();
          resolve(state);
        });
      });
    try {
      await session.engine.setBreakpoints(breakpoints);
      const first = standing();
      const python = { interpreter: pythons[0] ?? null, module: false, cwd: folder };
      const options = { args: [], threads: 0, historyBytes: 2 ** 20, seed: null, deterministic: false };
      await session.launch({ program, stopOn: { kind: "breakpoints" }, python, ...options });
      let isFirst = true;
      const next: Run["next"] = async () => {
        if (isFirst) {
          isFirst = false;
          return first;
        }
        const state = standing();
        await session.resume();
        return state;
      };
      await visit({ session, next, statuses, printed });
    } finally {
      await session.stop();
    }
  }

  async function lineAt({ session }: Run, state: SessionState): Promise<number | undefined> {
    assert.ok(state.kind === "stopped");
    const { node, pass } = state.cursor as typeof state.cursor & { node: never };
    return (await session.engine.node(pass, node)).site?.line;
  }

  it("stop at lines, where their conditions in Python hold, and print messages", async () => {
    const line = { ...plain, kind: "line", file: program, column: null, phase: "backward" } as const;
    await run(
      [
        { ...line, id: 1, line: 12, condition: "epoch == 2 and loss > 0 and grad.numel() > 1" },
        { ...line, id: 2, line: 11, logMessage: "epoch {epoch}: {loss:.0f}" },
        { ...line, id: 3, line: 13, condition: "epoch ==" },
        { ...line, id: 4, line: 11, condition: "epoch > 2", hitCondition: "== 3" },
      ],
      async (run) => {
        const state = await run.next();
        assert.equal(state.cursor?.pass, 2);
        assert.equal(await lineAt(run, state), 13);
        assert.deepEqual(run.statuses.get(1), { id: 1, verified: true, message: "", line: 13 });
        assert.match(run.statuses.get(3)?.message ?? "", /“epoch ==” is not Python: invalid syntax/u);
        assert.equal(run.printed.filter((text) => text.startsWith("epoch 2: ")).length, 3, run.printed.join("\n"));
        // mean has a gradient of one element; square and mul are next.
        assert.equal(await lineAt(run, await run.next()), 13);
        const counted = await run.next();
        assert.ok(counted.kind === "stopped" && counted.hit);
        assert.deepEqual(counted.hit.ids, [4]);
        assert.equal(counted.cursor.pass, 3);
      },
    );
  });

  it("stop at modules, ops and parameters by name", async () => {
    const name = { ...plain, kind: "function" } as const;
    await run(
      [
        { ...name, id: 1, name: "relu" },
        { ...plain, kind: "data", id: 2, name: "0.weight" },
      ],
      async (run) => {
        const state = await run.next();
        assert.ok(state.kind === "stopped" && state.hit);
        assert.deepEqual(state.hit.ids, [1]);
        const next = await run.next();
        assert.ok(next.kind === "stopped" && next.hit);
        assert.equal(next.cursor.pass, 0);
        assert.match(next.hit.text, /0\.weight/u);
      },
    );
  });

  it("stop at the cause of what is not finite, at norms above a threshold, and where a backward raises", async () => {
    const health = { ...plain, kind: "exception" } as const;
    await run(
      [
        { ...health, id: 1, filter: "not-finite-backward" },
        { ...health, id: 2, filter: "uncaught" },
      ],
      async (run) => {
        const nan = await run.next();
        assert.ok(nan.kind === "stopped" && nan.hit);
        assert.equal(nan.cursor.pass, 4);
        assert.equal(await lineAt(run, nan), 15);
        assert.match(nan.hit.text, /sqrt .*passes on to/u);
        const thrown = await run.next();
        assert.ok(thrown.kind === "stopped", JSON.stringify(thrown));
        assert.match(thrown.failure?.message ?? "", /ValueError: no way back/u);
        assert.equal(thrown.failure?.site?.line, 27);
        const ended = await run.next();
        assert.ok(ended.kind === "ended");
        assert.match(ended.failure?.message ?? "", /ValueError/u);
      },
    );
    await run([{ ...health, id: 1, filter: "exploding", condition: "1000" }], async (run) => {
      const state = await run.next();
      assert.ok(state.kind === "stopped" && state.hit);
      assert.match(state.hit.text, /is above 1000/u);
    });
  });
});
