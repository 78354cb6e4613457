import assert from "node:assert/strict";
import type { PassId } from "../../../engine/protocol/ids.ts";
import type { LogReading, LogRequest } from "../../../engine/protocol/training-log.ts";
import { FollowedLog, type Parting } from "../../../engine/recording/log/followed-log.ts";
import type { LogBatch } from "../../../engine/recording/log/log-batch.ts";
import { LogWriter } from "../../../engine/recording/log/log-writer.ts";
import { readLog } from "../../../engine/recording/log/read-log.ts";
import { TrainingLog } from "../../../engine/recording/log/training-log.ts";

const ALL: LogRequest = { from: 0, to: null, width: 1, rows: null, quantities: null };

/** A log of losses alone. */
function logOf(losses: readonly number[], budget?: number): TrainingLog {
  const log = new TrainingLog(budget);
  const writer = new LogWriter();
  const column = writer.addRow({ kind: "loss", name: "loss", shape: [], site: null });
  for (const [i, loss] of losses.entries()) {
    if (!Number.isNaN(loss) || i % 2 === 0) writer.add(column, loss);
    writer.end(i as PassId);
    if (i % 100 === 99) log.append(writer.take());
  }
  log.append(writer.take());
  return log;
}

function losses(reading: LogReading): LogReading["columns"][number] {
  return reading.columns.find(({ quantity }) => quantity === "loss")!;
}

describe("the training log", () => {
  it("gives every pass back as it was written", () => {
    const reading = readLog(logOf([3, 2.5, 0.1]), ALL);
    assert.equal(reading.passes, 3);
    assert.deepEqual([...reading.starts], [0, 1, 2, 3]);
    assert.deepEqual([...losses(reading).mean], [3, 2.5, 0.1]);
    assert.deepEqual([...losses(reading).firstNotFinite], [-1, -1, -1]);
  });

  it("tells what is not finite from what is not there", () => {
    const reading = losses(readLog(logOf([NaN, NaN, Infinity, 1]), ALL));
    assert.deepEqual([...reading.count], [1, 0, 1, 1]);
    assert.deepEqual([...reading.firstNotFinite], [0, -1, 2, -1]);
    assert.deepEqual([...reading.mean], [NaN, NaN, NaN, 1]);
  });

  it("draws passes together as far as is asked for, and goes on where an answer ended", () => {
    const log = logOf(Array.from({ length: 2000 }, (_, i) => i));
    const whole = readLog(log, { ...ALL, width: 64 });
    assert.deepEqual([...losses(whole).max].slice(0, 2), [63, 127]);
    const later = readLog(log, { ...ALL, width: 64, from: 640 });
    assert.deepEqual([...later.starts], [...whole.starts].slice(10));
    assert.deepEqual(losses(later).mean, losses(whole).mean.slice(10));
    assert.deepEqual([...readLog(log, { ...ALL, from: 700, to: 703 }).firstPasses], [700, 701, 702]);
  });

  it("loses no minimum, maximum or first number that is not finite when it is thinned", () => {
    const values = Array.from({ length: 60_000 }, (_, i) => Math.sin(i / 700) + (i % 97 === 3 ? 0.5 : 0));
    [values[31], values[32], values[777], values[40_001]] = [-900, 900, Infinity, NaN];
    values[40_000] = Infinity;
    const log = logOf(values, 600_000);
    assert.ok(log.bytes < 700_000, `${log.bytes} bytes`);
    const { starts, columns } = readLog(log, ALL);
    const { min, max, mean, count, firstNotFinite } = columns[0]!;
    let widest = 0;
    for (let i = 0; i < min.length; i++) {
      const bucket = values.slice(starts[i], starts[i + 1]);
      const finite = bucket.filter(Number.isFinite);
      widest = Math.max(widest, bucket.length);
      assert.equal(min[i], finite.length > 0 ? Math.min(...finite) : NaN);
      assert.equal(max[i], finite.length > 0 ? Math.max(...finite) : NaN);
      assert.ok(finite.length === 0 || Math.abs(mean[i]! - finite.reduce((a, b) => a + b) / finite.length) < 1);
      const first = bucket.findIndex((one) => !Number.isFinite(one) && !Number.isNaN(one));
      assert.equal(firstNotFinite[i], first < 0 ? -1 : starts[i]! + first);
      assert.ok(count[i]! <= bucket.length);
    }
    assert.ok(widest > 1);
    assert.equal(starts[min.length - 1], 59_999, "the newest passes are kept one by one");
  });

  it("stays within its budget over 100,000 passes of many parameters", () => {
    // A tenth of 200 parameters and of the budget: what a log takes grows with its columns alone.
    const log = new TrainingLog(16 * 2 ** 20);
    const writer = new LogWriter();
    const firsts = Array.from({ length: 20 }, (_, i) =>
      writer.addRow({ kind: "parameter", name: `p${i}`, shape: [8], site: null }),
    );
    const odd = new Map([
      [777, 1e9],
      [12_345, NaN],
    ]);
    let most = 0;
    for (let pass = 0; pass < 100_000; pass++) {
      for (const first of firsts) {
        for (let quantity = 0; quantity < 7; quantity++) writer.add(first + quantity, odd.get(pass) ?? pass, false);
      }
      writer.end(pass as PassId);
      if (writer.waiting < 500) continue;
      log.append(writer.take());
      most = Math.max(most, log.bytes);
    }
    assert.ok(most < 20e6, `${most} bytes`);
    const reading = readLog(log, { from: 0, to: null, width: 1e9, rows: [7], quantities: ["gradient"] });
    const [column] = reading.columns;
    assert.equal(Math.min(...column!.min), 0);
    assert.equal(Math.max(...column!.max), 1e9);
    assert.equal(
      column!.firstNotFinite.find((at) => at >= 0),
      12_345,
    );
  }).timeout(20_000);

  it("knows a pass by its number, also where one ran within another", () => {
    const log = new TrainingLog();
    const writer = new LogWriter();
    for (const pass of [0, 2, 1, 3]) writer.end(pass as PassId);
    log.append(writer.take());
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((pass) => log.positionOf(pass as PassId)),
      [0, 2, 1, 3, -1],
    );
  });

  it("digests numbers to the last bit", () => {
    const [a, b] = [logOf([1, 2]), logOf([1, 2 + Number.EPSILON * 2])];
    assert.equal(a.digestAt(0), b.digestAt(0));
    assert.notEqual(a.digestAt(1), b.digestAt(1));
  });
});

describe("the log of a run that is run again", () => {
  /** What a program of some losses hands over, so many passes at once. */
  function batches(losses: readonly number[], size: number): LogBatch[] {
    const writer = new LogWriter();
    const column = writer.addRow({ kind: "loss", name: "loss", shape: [], site: null });
    return losses.flatMap((loss, i) => {
      writer.add(column, loss);
      writer.end(i as PassId);
      return writer.waiting === size || i === losses.length - 1 ? [writer.take()] : [];
    });
  }

  const first = Array.from({ length: 2000 }, (_, i) => 1 / (i + 1));

  function again(second: readonly number[], size: number, budget?: number): [FollowedLog, (Parting | null)[]] {
    const followed = new FollowedLog(logOf(first, budget));
    return [followed, batches(second, size).map((batch) => followed.append(batch))];
  }

  it("is what it was as long as the numbers are, and goes on from its end", () => {
    const [{ log }, partings] = again([...first, 7, 8], 13);
    assert.ok(partings.every((one) => one === null));
    assert.equal(log.length, 2002);
    assert.deepEqual([...losses(readLog(log, { ...ALL, from: 1998 })).mean], [1 / 1999, 1 / 2000, 7, 8]);
  });

  it("parts where a number differs in its last bit, and is the second run's from there", () => {
    for (const [at, budget] of [
      [777, undefined],
      [5, 30_000],
      [1999, 30_000],
      [0, undefined],
    ] as const) {
      const [{ log }, partings] = again(
        first.slice(0, at + 3).with(at, first[at]! * (1 + Number.EPSILON)),
        100,
        budget,
      );
      const { pass, text } = partings.find((one) => one !== null)!;
      assert.equal(pass, at);
      assert.match(text, /the loss differs in its last digits|its numbers are others/u);
      assert.equal(log.length, Math.min(2000, at + 3));
      const { mean, count } = losses(readLog(log, { ...ALL, from: at }));
      assert.equal(mean[0], first[at]! * (1 + Number.EPSILON));
      assert.equal(count[0], 1);
      const before = readLog(log, { ...ALL, to: at });
      assert.equal(before.starts.at(-1), at);
    }
  });

  it("says what is another number", () => {
    const [, partings] = again(first.with(3, 9), 100);
    assert.deepEqual(partings[0], { pass: 3, text: "the loss is 9.00 and was 0.250" });
  });
});
