import { maskedCrc32c } from "./crc32c.ts";
import { logTable } from "./log-table.ts";
import type { TrainingLog } from "./training-log.ts";

/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * A log as an event file of TensorBoard, record by record: one scalar for each number, at the number of its pass.
 * Format: TFRecord, whose records are `tensorflow.Event` (tensorflow/core/util/event.proto, framework/summary.proto).
 * @param startedAt when the run began, in seconds since 1970
 */
export function* logEvents(log: TrainingLog, startedAt: number): Generator<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder();
  yield record(joined([wallTime(startedAt), field(3, BYTES, lengthAndBytes(text.encode("brain.Event:2")))]));
  const { columns, lines } = logTable(log);
  const tags = columns.map(({ name }) => field(1, BYTES, lengthAndBytes(text.encode(name))));
  for (const { pass, seconds, values } of lines()) {
    const scalars: Uint8Array[] = [];
    for (const [column, value] of values.entries()) {
      if (value === null) continue;
      const scalar = joined([tags[column]!, field(2, FIXED32, float(value))]);
      scalars.push(field(1, BYTES, lengthAndBytes(scalar)));
    }
    if (scalars.length === 0) continue;
    const summary = field(5, BYTES, lengthAndBytes(joined(scalars)));
    yield record(joined([wallTime(startedAt + seconds), field(2, VARINT, varint(pass)), summary]));
  }
}

function wallTime(seconds: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, seconds, true);
  return field(1, FIXED64, bytes);
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

function field(number: number, wireType: number, content: Uint8Array): Uint8Array {
  return joined([Uint8Array.of((number << 3) | wireType), content]);
}

function lengthAndBytes(bytes: Uint8Array): Uint8Array {
  return joined([varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Uint8Array.of(...bytes, value);
}

/** Length, its checksum, data, their checksum. */
function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
