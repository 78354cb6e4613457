import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import type { LogReading } from "../../engine/protocol/training-log.ts";
import { GradientSession } from "../../extension/session/gradient-session.ts";
import { scriptOf } from "../programs.ts";
import { pythons } from "./pythons.ts";

/** The first unit of the layer is off for every example; the tanh is at its bounds. */
const SCRIPT = `import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
with torch.no_grad():
    net[0].weight.fill_(1.0)
    net[0].bias.copy_(torch.tensor([-100.0, 0.0, 0.0, 0.0]))
x = torch.tensor([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]])
for _ in range(41):
    net.zero_grad()
    bounded = torch.tanh(net(x) * 1e6)
    bounded.sum().backward()
    with torch.no_grad():
        shown = torch.relu(x)
`;

describe("Activations of a PyTorch script in its training log", function () {
  this.timeout(240_000);
  const [python] = pythons;
  let folder: string;
  before(function () {
    if (python === undefined) this.skip();
    folder = mkdtempSync(path.join(tmpdir(), "backstep-activations-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function logOf(): Promise<LogReading> {
    const script = path.join(folder, "train.py");
    writeFileSync(script, SCRIPT);
    const session = new GradientSession(script, new EngineProcess({ script: scriptOf("engine"), folder }));
    const ended = new Promise<void>((resolve, reject) => {
      session.stateChanged.listen((state) => {
        if (state.kind !== "ended") return;
        if (state.failure) reject(new Error(state.failure.message));
        else resolve();
      });
    });
    const options = { args: [], threads: null, seed: null, deterministic: false, historyBytes: 0, findings: true };
    const run = { interpreter: python!, module: false, cwd: folder };
    await session.launch({ program: script, stopOn: { kind: "none" }, python: run, ...options });
    await ended;
    const request = { from: 0, to: null, width: 1, quantities: null };
    const { rows } = await session.engine.trainingLog({ ...request, rows: null });
    const log = await session.engine.trainingLog({ ...request, rows: rows.map(({ id }) => id) });
    await session.stop();
    return log;
  }

  it("are shares of zeros, of dead units and of elements at a bound, in the first pass and in every twentieth", async () => {
    const log = await logOf();
    const activations = log.rows.filter(({ kind }) => kind === "activation");
    assert.deepEqual(
      activations.map(({ name, site }) => `${name} ${site?.line ?? 0}`),
      ["1 relu 11", "bounded 11"],
    );
    const numbers = (row: number, quantity: string): readonly (readonly [number, number])[] => {
      const column = log.columns.find((one) => one.row === activations[row]!.id && one.quantity === quantity);
      return [...(column?.count ?? [])].flatMap((count, i) => (count > 0 ? [[i, column!.mean[i]!] as const] : []));
    };
    const inThem = (value: number): readonly (readonly [number, number])[] =>
      [0, 20, 40].map((i) => [i, value] as const);
    // Of the two examples the second is negative; of the first only one unit of four is off.
    assert.deepEqual(numbers(0, "zeros"), inThem(5 / 8));
    assert.deepEqual(numbers(0, "dead"), inThem(1 / 4));
    assert.deepEqual(numbers(0, "saturated"), []);
    assert.deepEqual(numbers(1, "zeros"), inThem(0));
    assert.equal(numbers(1, "saturated").length, 3);
  });
});
