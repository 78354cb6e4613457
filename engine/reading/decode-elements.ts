import type { SharedMemory } from "../memory/shared-memory.ts";
import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import { fromBfloat16, fromFloat16 } from "../recording/half-precision.ts";

/** Reads one element of a dtype that shared memory holds in another form. */
const CONVERTED: Partial<Record<RecordedDType, (view: DataView, index: number) => number>> = {
  uint8: (view, i) => view.getUint8(i),
  int8: (view, i) => view.getInt8(i),
  int16: (view, i) => view.getInt16(2 * i, true),
  int32: (view, i) => view.getInt32(4 * i, true),
  int64: (view, i) => Number(view.getBigInt64(8 * i, true)),
  float16: (view, i) => fromFloat16(view.getUint16(2 * i, true)),
  bfloat16: (view, i) => fromBfloat16(view.getUint16(2 * i, true)),
};

/** Puts elements as a recording stores them into shared memory, in the dtype in which the engine holds them. */
export function decodeElements(
  memory: SharedMemory,
  offset: number,
  bytes: Uint8Array,
  dtype: RecordedDType,
  count: number,
): void {
  const read = CONVERTED[dtype];
  if (read === undefined) {
    memory.u8.set(bytes, offset);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isHalf = dtype === "float16" || dtype === "bfloat16";
  const out = isHalf ? memory.f32.subarray(offset / 4) : memory.f64.subarray(offset / 8);
  for (let i = 0; i < count; i++) out[i] = read(view, i);
}
