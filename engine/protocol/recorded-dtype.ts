import { DTYPES, type DType } from "./dtype.ts";

/**
 * Element types that a recorded tensor may have, named as PyTorch names them: the four that the engine computes with, at
 * the same places as in {@link DTYPES}, and those of other frameworks.
 */
export const RECORDED_DTYPES = [
  ...DTYPES,
  "uint8",
  "int8",
  "int16",
  "int32",
  "float16",
  "bfloat16",
  "complex64",
  "complex128",
] as const;
export type RecordedDType = (typeof RECORDED_DTYPES)[number];

/**
 * The dtype in which the engine holds such elements once they are read: each value exactly, whole numbers up to 2⁵³.
 * Complex numbers have none: they are named and counted, and their elements are not shown.
 */
export const HELD_AS: Readonly<Record<RecordedDType, DType | null>> = {
  bool: "bool",
  uint8: "int64",
  int8: "int64",
  int16: "int64",
  int32: "int64",
  int64: "int64",
  float16: "float32",
  bfloat16: "float32",
  float32: "float32",
  float64: "float64",
  complex64: null,
  complex128: null,
};

/** Bytes of an element where a recording stores it, which for int64 and bool is as PyTorch and NumPy do. */
export const RECORDED_BYTES: Readonly<Record<RecordedDType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
};
