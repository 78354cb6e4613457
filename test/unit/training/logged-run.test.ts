import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobId } from "../../../engine/protocol/ids.ts";
import type { LogReading, LogRequest } from "../../../engine/protocol/training-log.ts";
import { EngineSession } from "../../golden/stepping/engine-session.ts";
import { scriptOf } from "../../programs.ts";

const model = fileURLToPath(new URL("logged.model.ts", import.meta.url));
const cli = scriptOf("command line");
const ALL: LogRequest = { from: 0, to: null, width: 1, rows: null, quantities: null };

function column(reading: LogReading, name: string, quantity: string): LogReading["columns"][number] {
  const row = reading.rows.find((one) => one.name === name)!;
  return reading.columns.find((one) => one.row === row.id && one.quantity === quantity)!;
}

describe("the training log of a run", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "backstep-log-"));
  });
  after(() => rmSync(folder, { recursive: true }));

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

  it("is in a recording, and answers there as it did", async () => {
    await using session = new EngineSession(model);
    await session.run({ historyBytes: 0 });
    const file = join(folder, "run.backstep");
    await session.engine.save(1 as JobId, file, null);
    const request = { ...ALL, rows: [0, 1, 2, 3, 4, 5, 6, 7] };
    await using reopened = new EngineSession(file);
    await reopened.open();
    assert.deepEqual(await reopened.engine.trainingLog(request), await session.engine.trainingLog(request));
    assert.equal(await reopened.engine.firstBadStep("not-finite"), null);
    const board = join(folder, "board");
    const saved = await reopened.engine.exportLog("tensorboard", board);
    assert.match(readdirSync(board)[0]!, /^events\.out\.tfevents\.\d+\./u);
    assert.equal(saved.bytes, readFileSync(saved.file).length);
  });

  it("is written by the command line", () => {
    const run = (out: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [cli, "run", model, "--log", out], { cwd: folder, encoding: "utf8" });
    const table = run("log.csv");
    assert.equal(table.status, 0, String(table.stderr));
    assert.match(String(table.stderr), /wrote the training log of 60 passes, .* to .*log\.csv/u);
    const lines = readFileSync(join(folder, "log.csv"), "utf8").trimEnd().split("\r\n");
    assert.equal(lines.length, 61);
    assert.match(lines[0]!, /^pass,passes,seconds,loss\/loss line \d+,rate\/Adam,gradient\/model\.0\.weight,/u);
    const nowhere = run("log.csv/x.csv");
    assert.equal(nowhere.status, 2);
    assert.match(String(nowhere.stderr), /the training log was not written: /u);
  });

  it("can be turned off", async () => {
    await using session = new EngineSession(model);
    await session.run({ log: false });
    assert.equal((await session.engine.trainingLog(ALL)).passes, 0);
  });
});
