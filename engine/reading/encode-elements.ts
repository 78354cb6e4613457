import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import { RECORDED_BYTES } from "../protocol/recorded-dtype.ts";

/** Writes one element of a dtype. Complex numbers have no form in the engine, and are never written from one. */
const WRITE: Readonly<Record<RecordedDType, (view: DataView, index: number, value: number) => void>> = {
  bool: (view, i, value) => view.setUint8(i, value),
  uint8: (view, i, value) => view.setUint8(i, value),
  int8: (view, i, value) => view.setInt8(i, value),
  int16: (view, i, value) => view.setInt16(2 * i, value, true),
  int32: (view, i, value) => view.setInt32(4 * i, value, true),
  int64: (view, i, value) => view.setBigInt64(8 * i, BigInt(Math.trunc(value)), true),
  float16: (view, i, value) => view.setUint16(2 * i, float16Bits(value), true),
  bfloat16: (view, i, value) => view.setUint16(2 * i, float32Bits(value) >>> 16, true),
  float32: (view, i, value) => view.setFloat32(4 * i, value, true),
  float64: (view, i, value) => view.setFloat64(8 * i, value, true),
  complex64: refuse,
  complex128: refuse,
};

/** Elements as a recording stores them, from the numbers that the engine holds: what `decodeElements` reads. */
export function encodeElements(values: ArrayLike<number>, dtype: RecordedDType): Uint8Array {
  const bytes = new Uint8Array(values.length * RECORDED_BYTES[dtype]);
  const view = new DataView(bytes.buffer);
  const write = WRITE[dtype];
  for (let i = 0; i < values.length; i++) write(view, i, values[i]!);
  return bytes;
}

const word = new DataView(new ArrayBuffer(4));

function float32Bits(value: number): number {
  word.setFloat32(0, value);
  return word.getUint32(0);
}

/** The 16 bits of a value that half precision can hold: 1 sign, 5 exponent, 10 fraction bits. */
function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size === Infinity) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

function refuse(): never {
  throw new Error("the engine holds no complex numbers");
}
