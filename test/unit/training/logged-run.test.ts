import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { LogReading, LogRequest } from "../../../engine/protocol/training-log.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";

const model = fileURLToPath(new URL("logged.model.ts", import.meta.url));
const ALL: LogRequest = { from: 0, to: null, width: 1, rows: null, quantities: null };

function column(reading: LogReading, name: string, quantity: string): LogReading["columns"][number] {
  const row = reading.rows.find((one) => one.name === name)!;
  return reading.columns.find((one) => one.row === row.id && one.quantity === quantity)!;
}

describe("the training log of a run", function () {
  this.timeout(60_000);

  it("has numbers of every pass, of released ones as well", async () => {
    await using session = new EngineSession(model);
    await session.run({ historyBytes: 0 });
    const { engine } = session;
    const whole = await engine.trainingLog(ALL);
    assert.equal(whole.passes, 60);
    assert.deepEqual(
      whole.rows.map(({ kind, name }) => `${kind} ${name}`),
      [
        "time time",
        "loss loss",
        "rate Adam",
        ...["0.weight", "0.bias", "2.weight", "2.bias"].map((name) => `parameter model.${name}`),
        "activation 1 relu",
      ],
    );
    const losses = column(whole, "loss", "loss").mean;
    assert.ok(losses[59]! < losses[0]!);
    assert.deepEqual(new Set(column(whole, "Adam", "rate").mean), new Set([0.01]));
    const rows = whole.rows.map(({ id }) => id);
    const all = await engine.trainingLog({ ...ALL, rows });
    const first = (name: string): LogReading["columns"][number] => column(all, "model.0.weight", name);
    assert.ok(first("gradient").min.every((norm) => norm > 0));
    // Adam moves every element by about its rate: 0.01 √32.
    assert.equal(first("update").count[0], 0);
    assert.ok(Math.abs(first("update").mean[1]! - 0.01 * Math.sqrt(32)) < 1e-3);
    const ratio = first("update").mean[1]! / first("value").mean[0]!;
    assert.ok(Math.abs(first("ratio").mean[1]! - ratio) < 1e-6);
    const zeros = column(all, "1 relu", "zeros");
    assert.deepEqual(
      [...zeros.count].flatMap((count, i) => (count > 0 ? [i] : [])),
      [0, 20, 40],
    );
    assert.ok(zeros.mean[0]! > 0 && zeros.mean[0]! < 1);
  });

  it("can be turned off", async () => {
    await using session = new EngineSession(model);
    await session.run({ log: false });
    assert.equal((await session.engine.trainingLog(ALL)).passes, 0);
  });
});
