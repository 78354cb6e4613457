import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import { fromBfloat16, fromFloat16 } from "./half-precision.ts";

/** The numbers that stored elements are: dense and little-endian. Null for complex ones, which no single number is. */
export function numbersOf(bytes: Uint8Array, dtype: RecordedDType): ArrayLike<number> | null {
  // A copy that begins where typed arrays may.
  const { buffer } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const at = bytes.byteOffset % 8 === 0 ? bytes.byteOffset : 0;
  const { length } = bytes;
  switch (dtype) {
    case "bool":
    case "uint8":
      return bytes;
    case "int8":
      return new Int8Array(buffer, at, length);
    case "int16":
      return new Int16Array(buffer, at, length / 2);
    case "int32":
      return new Int32Array(buffer, at, length / 4);
    case "int64":
      return Float64Array.from(new BigInt64Array(buffer, at, length / 8), Number);
    case "float16":
      return Float32Array.from(new Uint16Array(buffer, at, length / 2), fromFloat16);
    case "bfloat16":
      return Float32Array.from(new Uint16Array(buffer, at, length / 2), fromBfloat16);
    case "float32":
      return new Float32Array(buffer, at, length / 4);
    case "float64":
      return new Float64Array(buffer, at, length / 8);
    case "complex64":
    case "complex128":
      return null;
  }
}
