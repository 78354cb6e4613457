import type { DType } from "../../protocol/dtype.ts";
import { fromBfloat16, fromFloat16 } from "../../recording/half-precision.ts";

/** How a file format stores the elements of one of its types. */
export interface ElementCodec {
  readonly bytes: number;
  /** The dtype that holds its values without loss; whole numbers beyond 2⁵³ are rounded. */
  readonly dtype: DType;
  read(view: DataView, at: number, littleEndian: boolean): number;
}

export const CODECS = {
  float64: { bytes: 8, dtype: "float64", read: (view, at, little) => view.getFloat64(at, little) },
  float32: { bytes: 4, dtype: "float32", read: (view, at, little) => view.getFloat32(at, little) },
  float16: { bytes: 2, dtype: "float32", read: (view, at, little) => fromFloat16(view.getUint16(at, little)) },
  bfloat16: { bytes: 2, dtype: "float32", read: (view, at, little) => fromBfloat16(view.getUint16(at, little)) },
  int64: { bytes: 8, dtype: "int64", read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  uint64: { bytes: 8, dtype: "int64", read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  int32: { bytes: 4, dtype: "int64", read: (view, at, little) => view.getInt32(at, little) },
  uint32: { bytes: 4, dtype: "int64", read: (view, at, little) => view.getUint32(at, little) },
  int16: { bytes: 2, dtype: "int64", read: (view, at, little) => view.getInt16(at, little) },
  uint16: { bytes: 2, dtype: "int64", read: (view, at, little) => view.getUint16(at, little) },
  int8: { bytes: 1, dtype: "int64", read: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, dtype: "int64", read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, dtype: "bool", read: (view, at) => view.getUint8(at) },
} as const satisfies Readonly<Record<string, ElementCodec>>;

/** `count` elements from a byte on. The bytes are there: the caller has compared lengths. */
export function readAll(
  codec: ElementCodec,
  view: DataView,
  start: number,
  count: number,
  littleEndian: boolean,
): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = codec.read(view, start + i * codec.bytes, littleEndian);
  return values;
}

const BYTES: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int64: 8, bool: 1 };

/** Elements in little-endian order, as PyTorch and NumPy store the dtype of the same name. */
export function writeAll(dtype: DType, values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * BYTES[dtype]);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (dtype === "float32") view.setFloat32(4 * i, value, true);
    else if (dtype === "float64") view.setFloat64(8 * i, value, true);
    else if (dtype === "int64") view.setBigInt64(8 * i, BigInt(Math.trunc(value)), true);
    else bytes[i] = value;
  }
  return bytes;
}
