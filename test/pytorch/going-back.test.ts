import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { LaunchRequest, SessionState } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { JobId, PassId } from "../../engine/protocol/ids.ts";
import type { LogRequest } from "../../engine/protocol/training-log.ts";
import { CursorSteps } from "../../extension/debug/cursor-steps.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { pythons } from "./pythons.ts";
import { scriptOf } from "../programs.ts";

const PASSES = 60;
const JOB = 1 as JobId;
const ROWS: LogRequest = { from: 0, to: 0, width: 1, rows: [], quantities: [] };

/** A training whose examples are what DRAW gives; each of its processes leaves its number in a file. */
const training = (draw: string, seed: string, throws: boolean): string => `import os, random, time, torch
from torch import nn
import numpy
with open("pids", "a") as pids:
    print(os.getpid(), file=pids)
assert "PYTHONHASHSEED" not in os.environ
${seed}
model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))
bias = torch.zeros(1, requires_grad=True)
throws = ${throws ? "True" : "False"}
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
late = None
for step in range(${PASSES}):
    x = ${draw}
    if step == 30:
        late = torch.ones(1, requires_grad=True)
    loss = (model(x) + bias + (0 if late is None else late) - x.sum(1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step == 2 and throws:
        try:
            refused = model(x).sum()
            refused.register_hook(lambda gradient: 1 / 0)
            refused.backward()
        except ZeroDivisionError:
            pass
    with torch.no_grad():
        bias -= 0.01 * bias.grad
        bias.grad = None
`;

const SEEDED = "torch.randn(16, 6)";
/** The order of a set of strings is another in each process, unless their hashes are seeded. */
const UNSEEDED = `torch.tensor([[random.random() + numpy.random.randn() for _ in range(6)] for _ in range(16)]) \\
        .float() * torch.rand(16, 6) * (1 + ["a", "b", "c", "d", "e", "f", "g"].index(next(iter(set("abcdefg")))))`;
const CLOCKED = `torch.randn(16, 6) + (time.time() % 1 if step == 20 else 0)`;
const ENTROPY = `torch.randn(16, 6) + (os.urandom(1)[0] + os.urandom(4)[0] / 256 if step == 20 else 0)`;
const SLOW = "torch.randn(16, 6) + (time.sleep(0.05) or 0)";

/** What has ended counts as gone, though nobody may have asked for its status yet. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && !/\) [ZX] /u.test(readFileSync(status, "utf8"));
}

for (const python of pythons) {
  describe(`going to a released pass of a PyTorch script, under ${python}`, function () {
    this.timeout(90_000);
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "backstep-going-back-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const pids = (): number[] =>
      readFileSync(join(folder, "pids"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map(Number);

    type Becomes = (kind: SessionState["kind"], act: () => Promise<unknown>) => Promise<void>;

    /** Runs a script to its end, with next to nothing kept, and goes on with what a test does. */
    async function run(
      draw: string,
      body: (session: GradientSession, becomes: Becomes) => Promise<void>,
      more: Partial<LaunchRequest> = {},
      throws = false,
    ): Promise<void> {
      const program = join(folder, "train.py");
      writeFileSync(program, training(draw, draw === UNSEEDED ? "" : "torch.manual_seed(3)", throws));
      const session = new GradientSession(program, new EngineProcess({ script: scriptOf("engine"), folder }));
      const becomes: Becomes = async (kind, act) => {
        const become = Promise.withResolvers<void>();
        const listener = session.stateChanged.listen((state) => {
          if (state.kind === kind) become.resolve();
        });
        await act();
        await become.promise;
        listener.dispose();
      };
      try {
        const request = {
          ...{
            program,
            stopOn: { kind: "nth", n: PASSES } as const,
            historyBytes: 1,
            args: [],
            threads: 0,
            seed: null,
          },
          ...{ deterministic: false, python: { module: false, cwd: folder, interpreter: python } },
          ...more,
        };
        await becomes("stopped", () => session.launch(request));
        await body(session, becomes);
      } finally {
        await session.stop();
      }
    }

    /** All numbers of the log but the times, by row and quantity. */
    async function numbersOf(session: GradientSession): Promise<Map<string, (number | null)[]>> {
      const { rows } = await session.engine.trainingLog(ROWS);
      const all = { ...ROWS, to: null, rows: rows.map(({ id }) => id), quantities: null };
      const { columns } = await session.engine.trainingLog(all);
      return new Map(
        columns.flatMap(({ row, quantity, mean, count }) => {
          const { kind, name } = rows.find(({ id }) => id === row)!;
          return kind === "time"
            ? []
            : [
                [
                  `${kind} ${name} ${quantity}`,
                  [...mean].map((number, i) => (count[i] === 0 ? null : number)),
                ] as const,
              ];
        }),
      );
    }

    it("runs it again, with the same numbers, and the script stands there and can go on", async () => {
      await run(SEEDED, async (session, becomes) => {
        const before = await numbersOf(session);
        assert.ok(!(await session.passes()).some(({ pass, kept }) => kept && pass < PASSES - 1));
        const cursor = await session.goToPass(5 as PassId);
        assert.equal(cursor.pass, 5);
        assert.equal(session.state.kind, "stopped");
        const loss = Math.fround((await session.engine.graph(5 as PassId)).loss);
        assert.equal(loss, before.get("loss loss loss")![5]);
        assert.equal((await session.engine.evaluate("step", 0)).text, "5");
        assert.deepEqual(await numbersOf(session), before, "the log is still that of the whole run");
        // Forward again over what was released, by a run of its own, and back.
        assert.equal((await session.goToPass(40 as PassId)).pass, 40);
        assert.equal((await session.engine.evaluate("step", 0)).text, "40");
        assert.deepEqual(await numbersOf(session), before);
        await becomes("stopped", () => session.resume());
        assert.equal(session.cursor?.pass, PASSES - 1);
        assert.deepEqual(await numbersOf(session), before, "and goes on as it did");
        assert.deepEqual(pids().slice(0, -1).filter(isRunning), [], "no run is left but the one that is shown");
      });
    });

    it("goes back over released passes where the script has stopped in each", async () => {
      const stopOn = { kind: "first" } as const;
      await run(
        SEEDED,
        async (session, becomes) => {
          for (let pass = 1; pass < 35; pass++) await becomes("stopped", () => session.resume());
          const before = await numbersOf(session);
          for (const pass of [33, 32, 31]) {
            const start = await session.moveCursor({ to: "forward-start" });
            await new CursorSteps().take(session, start, "reverse");
            assert.equal(session.cursor?.pass, pass);
            assert.equal((await session.engine.evaluate("step", 0)).text, String(pass));
          }
          for (let pass = 32; pass < 35; pass++) await becomes("stopped", () => session.resume());
          assert.deepEqual(await numbersOf(session), before);
          assert.ok([...before.keys()].some((name) => name.startsWith("activation ")));
        },
        { stopOn },
      );
    });

    it("counts a pass whose backward has thrown as the first run did", async () => {
      const body = async (session: GradientSession, becomes: Becomes): Promise<void> => {
        for (let pass = 1; pass < 8; pass++) await becomes("stopped", () => session.resume());
        const before = await numbersOf(session);
        assert.equal((await session.goToPass(6 as PassId)).pass, 6);
        assert.equal((await session.engine.evaluate("step", 0)).text, "5");
        await becomes("stopped", () => session.resume());
        assert.deepEqual(await numbersOf(session), before);
      };
      await run(SEEDED, body, { stopOn: { kind: "first" } }, true);
    });

    it("draws what torch, random and NumPy have drawn unseeded, and goes through sets in the same order", async () => {
      await run(UNSEEDED, async (session, becomes) => {
        const before = await numbersOf(session);
        assert.equal((await session.goToPass(25 as PassId)).pass, 25);
        await becomes("stopped", () => session.resume());
        assert.deepEqual(await numbersOf(session), before);
      });
    });

    for (const [what, draw] of [
      ["a clock", CLOCKED],
      ["the system's entropy", ENTROPY],
    ] as const)
      it(`says where the runs part that read ${what}, and leaves everything as it was`, async () => {
        await run(draw, async (session) => {
          const before = await numbersOf(session);
          const failure = (await session.goToPass(45 as PassId).catch((error: unknown) => error)) as Failure;
          assert.match(failure.message, /^run again, the file is another from pass 20 on: the loss is .* and was/u);
          assert.match(failure.fix!, /a clock, the system's random numbers/u);
          assert.deepEqual(await numbersOf(session), before);
          assert.equal(session.state.kind, "stopped");
          assert.equal((await session.engine.evaluate("step", 0)).text, String(PASSES - 1));
          assert.equal((await session.goToPass(19 as PassId)).pass, 19, "before that it is the same");
        });
      });

    it("tells how far it is, can be cancelled, and ends with the session, leaving no process", async () => {
      await run(SLOW, async (session) => {
        const told = new Set<number>();
        let then: () => void = () => undefined;
        session.rerunProgress.listen(({ done }) => {
          told.add(done);
          if (done > 0 && done < 50) then();
        });
        const cancelled = new Promise<void>((resolve) => (then = resolve));
        const going = session.engine.goToPass(JOB, 55 as PassId);
        going.catch(() => undefined);
        await cancelled;
        await session.engine.cancelGoTo(JOB);
        await assert.rejects(going, { message: /cancelled/u });
        assert.equal((await session.engine.evaluate("step", 0)).text, String(PASSES - 1));
        assert.ok([...told].some((done) => done > 0 && done < 50));
        assert.deepEqual(pids().map(isRunning), [true, false]);

        const stopping = new Promise<void>((resolve) => (then = resolve));
        session.engine.goToPass(JOB, 55 as PassId).catch(() => undefined);
        await stopping;
        await session.stop();
        assert.deepEqual(pids().map(isRunning), [false, false, false]);
      });
    });

    it("refuses a pass that there was not, and a run without a log", async () => {
      await run(SEEDED, (session) =>
        assert.rejects(session.goToPass(PASSES as PassId), { message: `there was no pass ${PASSES}` }),
      );
      await run(
        SEEDED,
        (session) => assert.rejects(session.goToPass(3 as PassId), { message: /no training log was kept/u }),
        { log: false },
      );
    });
  });
}
