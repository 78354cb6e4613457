import { EngineError } from "../engine-error.ts";
import type { DType } from "../protocol/dtype.ts";
import { runtime } from "../runtime.ts";
import { elementCount, type Shape } from "./shape.ts";
import { Tensor, type NestedArray, type TensorOptions } from "./tensor.ts";

/**
 * A tensor of the given numbers; nested arrays give its shape. Numbers are float32 unless `dtype` says otherwise
 * (JavaScript cannot tell 1 from 1.0), booleans are bool. PyTorch: `torch.tensor`.
 * @throws EngineError when the arrays are ragged.
 */
export function tensor(data: NestedArray | ArrayLike<number>, options: TensorOptions = {}): Tensor {
  const shape: number[] = [];
  for (let level: unknown = data; isArrayLike(level); level = level[0]) shape.push(level.length);
  const flat = new Array<number | boolean>(elementCount(shape));
  let at = 0;
  const collect = (level: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof level !== "number" && typeof level !== "boolean") {
        throw new EngineError("value", `tensor: expected numbers, found ${level === null ? "null" : typeof level}`);
      }
      flat[at++] = level;
      return;
    }
    if (!isArrayLike(level) || level.length !== shape[axis]) {
      throw new EngineError(
        "shape",
        `tensor: the arrays are ragged: expected ${shape[axis]} entries along axis ${axis}, found ${isArrayLike(level) ? level.length : "a number"}`,
      );
    }
    for (let i = 0; i < level.length; i++) collect(level[i], axis + 1);
  };
  collect(data, 0);
  const dtype = options.dtype ?? (typeof flat[0] === "boolean" ? "bool" : "float32");
  return fromNumbers(flat, shape, dtype, options.requiresGrad);
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A dense tensor of `values` in row-major order. */
export function fromNumbers(
  values: ArrayLike<number | boolean>,
  shape: Shape,
  dtype: DType,
  requiresGrad = false,
): Tensor {
  const out = Tensor.empty(shape, dtype);
  const { memory } = runtime;
  const target = dtype === "float32" ? memory.f32 : dtype === "bool" ? memory.u8 : memory.f64;
  const start = out.offset / out.elementBytes;
  const isBool = dtype === "bool";
  const isInteger = dtype === "int64";
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    target[start + i] = isBool ? (value !== 0 ? 1 : 0) : isInteger ? Math.trunc(value) : value;
  }
  return requiresGrad ? out.requiresGrad_() : out;
}
