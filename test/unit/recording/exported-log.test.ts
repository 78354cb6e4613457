import assert from "node:assert/strict";
import Papa from "papaparse";
import type { PassId } from "../../../engine/protocol/ids.ts";
import type { ByteSource, Content } from "../../../engine/recording/file/byte-source.ts";
import { crc32c } from "../../../engine/recording/log/crc32c.ts";
import { firstBadStep } from "../../../engine/recording/log/bad-steps.ts";
import { logCsv } from "../../../engine/recording/log/log-csv.ts";
import { logEvents } from "../../../engine/recording/log/log-events.ts";
import { decodeLog, encodeLog } from "../../../engine/recording/log/log-file.ts";
import { LogWriter } from "../../../engine/recording/log/log-writer.ts";
import { readLog } from "../../../engine/recording/log/read-log.ts";
import { TrainingLog } from "../../../engine/recording/log/training-log.ts";

const SITE = { file: "/m.ts", line: 7, column: 3, endLine: 7, endColumn: 9 };

/** What of a pass a test gives; the rest goes as a training should. */
interface Given {
  readonly loss?: number;
  readonly gradient?: number;
  readonly dead?: number;
  readonly zeros?: number;
}

function logOf(passes: readonly Given[], budget?: number): TrainingLog {
  const log = new TrainingLog(budget);
  const writer = new LogWriter();
  const time = writer.addRow({ kind: "time", name: "time", shape: [], site: null });
  const loss = writer.addRow({ kind: "loss", name: "loss", shape: [], site: SITE });
  const weight = writer.addRow({ kind: "parameter", name: "=net, 0.weight", shape: [2, 3], site: null });
  const relu = writer.addRow({ kind: "activation", name: "h", shape: [], site: SITE });
  for (const [i, given] of passes.entries()) {
    writer.add(time, i / 4, false);
    writer.add(loss, given.loss ?? 2 / (i + 1));
    const numbers = [given.gradient ?? 0.5, 3, 0.01, 0.003, given.zeros ?? 0.25, 0, 0.4];
    for (const [quantity, value] of numbers.entries()) writer.add(weight + quantity, value);
    if (i % 20 === 0) {
      writer.add(relu, 0.5);
      writer.add(relu + 2, given.dead ?? 0);
    }
    writer.end(i as PassId);
  }
  log.append(writer.take());
  return log;
}

function sourceOf(content: Content): ByteSource {
  const whole = Buffer.concat([...content.pieces()]);
  assert.equal(whole.length, content.size);
  return {
    size: whole.length,
    read: (offset, target) => {
      target.set(whole.subarray(offset, offset + target.length));
    },
  };
}

const EVERYTHING = { from: 0, to: null, width: 1, rows: [0, 1, 2, 3], quantities: null } as const;

describe("a training log in a file", () => {
  for (const [what, count, budget] of [
    ["whole", 300, undefined],
    ["thinned", 30_000, 300_000],
  ] as const) {
    it(`answers as it did before: ${what}`, () => {
      const log = logOf(
        Array.from({ length: count }, (_, i) => (i === 41 ? { loss: Infinity, gradient: NaN } : {})),
        budget,
      );
      const read = decodeLog(sourceOf(encodeLog(log)));
      assert.deepEqual(readLog(read, EVERYTHING), readLog(log, EVERYTHING));
      assert.equal(read.digestAt(200), log.digestAt(200));
      assert.equal(read.positionOf(299 as PassId), 299);
      assert.equal([...logCsv(read)].join(""), [...logCsv(log)].join(""));
    });
  }

  it("is refused where it contradicts itself", () => {
    const whole = Buffer.concat([...encodeLog(logOf([{}, {}, {}])).pieces()]);
    const text = whole.toString("latin1");
    for (const [from, to] of [
      ['"2.gradient.mean":{"dtype":"F32","shape":[3]', '"2.gradient.mean":{"dtype":"F32","shape":[2]'],
      ["1.loss.count", "1.loss.kount"],
      ["parameter", "parametre"],
    ] as const) {
      assert.ok(text.includes(from), from);
      const changed = Buffer.from(text.replace(from, to), "latin1");
      assert.throws(
        () => decodeLog(sourceOf({ size: changed.length, pieces: () => [changed] })),
        /steps\.safetensors/u,
      );
    }
  });
});

describe("a training log for other programs", () => {
  it("is a table that any reader of CSV takes, and no spreadsheet runs", () => {
    const text = [...logCsv(logOf([{}, { loss: NaN, gradient: Infinity }, {}]))].join("");
    const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    assert.deepEqual(errors, []);
    assert.equal(data.length, 3);
    assert.deepEqual(
      data.map((line) => line["loss/loss line 7"]),
      ["2", "NaN", String(2 / 3)],
    );
    assert.deepEqual(
      data.map((line) => line["gradient/=net, 0.weight"]),
      ["0.5", "Infinity", "0.5"],
    );
    assert.deepEqual(
      data.map((line) => line["zeros/h"]),
      ["0.5", "", ""],
    );
    assert.deepEqual(Object.keys(data[0]!).slice(0, 3), ["pass", "passes", "seconds"]);
  });

  it("is an event file of TensorBoard", () => {
    const events = decodeEvents(Buffer.concat([...logEvents(logOf([{}, { loss: NaN }]), 1_700_000_000)]));
    assert.deepEqual(events[0], { wallTime: 1_700_000_000, step: 0, version: "brain.Event:2", scalars: {} });
    assert.equal(events[2]!.step, 1);
    assert.equal(events[2]!.wallTime, 1_700_000_000.25);
    assert.ok(Number.isNaN(events[2]!.scalars["loss/loss line 7"]));
    assert.equal(events[1]!.scalars["gradient/=net, 0.weight"], 0.5);
  });

  it("sums its checksums as RFC 3720 does", () => {
    // Appendix B.4: 32 bytes of zeros, of ones, and ascending.
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  });
});

describe("the first bad step", () => {
  const good = Array.from({ length: 60 }, (): Given => ({}));
  const withPass = (at: number, given: Given): TrainingLog => logOf(good.toSpliced(at, 1, given));

  it("is none of a training that goes well", () => {
    for (const kind of ["not-finite", "exploding", "loss-spike", "dead-units"] as const)
      assert.equal(firstBadStep(logOf(good), kind), null, kind);
  });

  it("is found by what went wrong", () => {
    const found = (log: TrainingLog, kind: Parameters<typeof firstBadStep>[1]): [number, string] => {
      const { pass, text } = firstBadStep(log, kind)!;
      return [pass, text];
    };
    assert.deepEqual(found(withPass(33, { loss: NaN }), "not-finite"), [33, "the loss is not finite"]);
    assert.deepEqual(found(withPass(0, { gradient: NaN }), "not-finite"), [
      0,
      "the gradient of =net, 0.weight is not finite",
    ]);
    assert.deepEqual(found(withPass(20, { gradient: 500 }), "exploding"), [
      20,
      "the gradient of =net, 0.weight is 500, 1000 times what it was",
    ]);
    assert.deepEqual(found(withPass(0, { gradient: 30_000 }), "exploding"), [
      0,
      "the gradient of =net, 0.weight is 30000, 10000 times its value's",
    ]);
    assert.deepEqual(found(withPass(30, { loss: 5 }), "loss-spike")[0], 30);
    assert.deepEqual(found(withPass(40, { dead: 0.75 }), "dead-units"), [
      40,
      "75 % of the units of h are zero for every example",
    ]);
    assert.deepEqual(found(withPass(12, { zeros: 1 }), "dead-units"), [
      12,
      "the gradient of =net, 0.weight is zero everywhere",
    ]);
  });

  it("judges a run of one pass, and of none", () => {
    assert.equal(firstBadStep(logOf([{}]), "loss-spike"), null);
    assert.equal(firstBadStep(logOf([{ loss: NaN }]), "not-finite")!.pass, 0);
    assert.equal(firstBadStep(new TrainingLog(), "not-finite"), null);
  });
});

interface DecodedEvent {
  wallTime: number;
  step: number;
  version: string | null;
  scalars: Record<string, number>;
}

/** A reader of event files that shares nothing with their writer: record by record, field by field, checksums by division. */
function decodeEvents(file: Buffer): DecodedEvent[] {
  const events: DecodedEvent[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    assert.equal(file.readUInt32LE(at + 8), masked(file.subarray(at, at + 8)));
    assert.equal(file.readUInt32LE(at + 12 + length), masked(data));
    at += 16 + length;
    const event: DecodedEvent = { wallTime: NaN, step: 0, version: null, scalars: {} };
    for (const [number, value] of fieldsOf(data)) {
      if (number === 1) event.wallTime = (value as Buffer).readDoubleLE();
      if (number === 2) event.step = Number(value);
      if (number === 3) event.version = String(value);
      if (number !== 5) continue;
      for (const [, scalar] of fieldsOf(value as Buffer)) {
        const fields = new Map(fieldsOf(scalar as Buffer));
        event.scalars[String(fields.get(1))] = (fields.get(2) as Buffer).readFloatLE();
      }
    }
    events.push(event);
  }
  return events;
}

function* fieldsOf(message: Buffer): Generator<[number, Buffer | bigint]> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const wireType = key & 7;
    if (wireType === 0) {
      yield [key >> 3, varint()];
      continue;
    }
    const length = wireType === 1 ? 8 : wireType === 5 ? 4 : Number(varint());
    yield [key >> 3, message.subarray(at, at + length)];
    at += length;
  }
}

function masked(bytes: Buffer): number {
  // The remainder of the reflected polynomial division, bit by bit.
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const odd = (crc ^ (byte >> bit)) & 1;
      crc = (crc >>> 1) ^ (odd ? 0x82f63b78 : 0);
    }
  }
  crc = ~crc >>> 0;
  return Number((BigInt((crc >>> 15) | (crc << 17)) + 0xa282ead8n) & 0xffffffffn);
}
