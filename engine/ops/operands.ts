import { EngineError } from "../context/engine-error.ts";
import type { DType } from "../protocol/dtype.ts";
import { isFloating, Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { convert } from "./conversion.ts";
import type { Op } from "./op.ts";

/** What an elementwise op takes beside its tensor: one that broadcasts, or a number. */
export type Operand = Tensor | number;
export type NumberAttribute = { readonly value: number };

/** "a string", "undefined", "NaN": for messages about what a call was given. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null || typeof value === "number") return String(value);
  if (Array.isArray(value)) return "an array";
  if (value instanceof Tensor) return `a ${value.dtype} tensor`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** @throws EngineError unless `value` is a tensor. */
export function expectTensor(op: string, value: unknown, what = "a tensor"): Tensor {
  if (value instanceof Tensor) return value;
  throw new EngineError("value", `${op}: expected ${what}, got ${describeValue(value)}`, adviceFor(value));
}

/** What to do about a value that is no tensor. */
function adviceFor(value: unknown): { readonly fix?: string } {
  if (typeof value === "string" && value.includes("tensor(")) {
    return { fix: "it is the text of a tensor: + joins text in JavaScript, write a.add(b)" };
  }
  if (Array.isArray(value)) return { fix: "make one of it: tensor([…])" };
  if (typeof value === "number" && Number.isNaN(value))
    return { fix: "was it computed with operators? write a.sub(b)" };
  return {};
}

/** @throws EngineError unless `value` is a number. Booleans count as 0 and 1. */
export function expectNumber(op: string, value: unknown, what = "a number"): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  throw new EngineError("value", `${op}: expected ${what}, got ${describeValue(value)}`);
}

/** @throws EngineError unless `value` is a whole number. */
export function expectInteger(op: string, value: unknown, what: string): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new EngineError("value", `${op}: ${what} must be an integer, got ${describeValue(value)}`);
}

/** @throws EngineError unless `value` is a list of tensors. */
export function expectTensors(op: string, value: unknown): Tensor[] {
  if (!Array.isArray(value)) {
    throw new EngineError("value", `${op}: expected an array of tensors, got ${describeValue(value)}`);
  }
  return value.map((entry, i) => expectTensor(op, entry, `a tensor at ${i}`));
}

const CLIMB: Readonly<Record<DType, number>> = { bool: 0, int64: 1, float32: 2, float64: 3 };

function higher(a: DType, b: DType): DType {
  return CLIMB[a] >= CLIMB[b] ? a : b;
}

/** 0 for bool, 1 for integers, 2 for floats. */
function category(dtype: DType): number {
  return Math.min(CLIMB[dtype], 2);
}

/** The dtype that an op on both gives. A scalar tensor counts only where it is of a higher kind. PyTorch: `result_type`. */
export function resultType(a: Tensor, b: Tensor): DType {
  if (a.dtype === b.dtype) return a.dtype;
  if ((a.rank === 0) === (b.rank === 0)) return higher(a.dtype, b.dtype);
  const [tensor, scalar] = a.rank === 0 ? [b, a] : [a, b];
  return category(scalar.dtype) > category(tensor.dtype) ? scalar.dtype : tensor.dtype;
}

/** A number never makes a float wider; a fraction makes an integer float32. */
export function resultTypeWithNumber(dtype: DType, value: number | boolean): DType {
  if (isFloating(dtype) || typeof value === "boolean") return dtype;
  return Number.isInteger(value) ? "int64" : "float32";
}

/** A number as an element of `dtype`, which is what PyTorch computes with: 0.1 in float32 is not 0.1. */
export function asElement(dtype: DType, value: number): number {
  return dtype === "float32" ? Math.fround(value) : value;
}

/** Integers as float32; floats as they are. */
export function floating(x: Tensor): Tensor {
  return isFloating(x.dtype) ? x : convert(x, "float32");
}

/** Applies `op` to a tensor and an operand, in the dtype that both promote to; `withNumber` is its form with a number. */
export function binary(op: Op, withNumber: Op<NumberAttribute>, a: Tensor, b: Operand): Tensor {
  if (b instanceof Tensor) {
    if (a.dtype === b.dtype) return apply(op, [a, b]);
    const dtype = resultType(a, b);
    return apply(op, [convert(a, dtype), convert(b, dtype)]);
  }
  const value = expectNumber(op.name, b, "a tensor or a number");
  return apply(withNumber, [convert(a, resultTypeWithNumber(a.dtype, b))], { value });
}

/** The same for ops whose result is a float whatever they are given: division, atan2. */
export function binaryFloating(op: Op, withNumber: Op<NumberAttribute>, a: Tensor, b: Operand): Tensor {
  if (b instanceof Tensor) {
    if (a.dtype === b.dtype && isFloating(a.dtype)) return apply(op, [a, b]);
    const dtype = resultType(a, b);
    const wide = isFloating(dtype) ? dtype : "float32";
    return apply(op, [convert(a, wide), convert(b, wide)]);
  }
  const value = expectNumber(op.name, b, "a tensor or a number");
  return apply(withNumber, [floating(a)], { value });
}
