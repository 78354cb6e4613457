import { EngineError } from "../context/engine-error.ts";
import { checkOptions as checkNames } from "../context/options.ts";
import type { DType } from "../protocol/dtype.ts";
import { expectCpu, expectDType } from "./dtypes.ts";
import { tracksOrigins } from "./origin.ts";
import { originOfNumbers, readOf } from "./reads.ts";
import { runtime } from "./runtime.ts";
import { checkSizes, elementCount, type Shape } from "./shape.ts";
import type { NestedArray } from "./elements.ts";
import { MOST_AXES, Tensor, type TensorOptions } from "./tensor.ts";

/**
 * A tensor of the given numbers; nested arrays give its shape. Numbers are float32 unless `dtype` says otherwise
 * (JavaScript cannot tell 1 from 1.0), booleans are bool. PyTorch: `torch.tensor`.
 * @throws EngineError when the arrays are ragged.
 */
export function tensor(data: NestedArray | ArrayLike<number>, given: TensorOptions = {}): Tensor {
  const options = checkOptions("tensor", given);
  const shape: number[] = [];
  for (let level: unknown = data; isArrayLike(level); level = level[0]) {
    // An array may hold itself.
    if (shape.push(level.length) > MOST_AXES) {
      throw new EngineError("shape", `tensor: the arrays are nested more than ${MOST_AXES} deep, which no tensor is`);
    }
  }
  const flat = new Array<number | boolean>(elementCount(shape));
  let at = 0;
  let booleans = 0;
  const collect = (level: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof level === "boolean") booleans++;
      else if (typeof level !== "number") {
        const found = level === null ? "null" : isArrayLike(level) ? "an array" : `a ${typeof level}`;
        throw new EngineError(
          "value",
          `tensor: expected a number, found ${found.replace("a undefined", "undefined")}`,
          {
            ...(isArrayLike(level) && { fix: "the nested arrays must all have the same lengths" }),
          },
        );
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
  const dtype = options.dtype ?? (flat.length > 0 && booleans === flat.length ? "bool" : "float32");
  const out = fromNumbers(flat, shape, dtype);
  noteNumbers(out, flat);
  return leaf(out, options);
}

/** As many as JavaScript can hold in one array of them, with their tensor beside it. */
const MOST_NUMBERS = 2 ** 28;

/** Refuses to count up more numbers than fit, before an array is made of them. */
export function expectToFit(op: string, count: number): void {
  if (count > MOST_NUMBERS) throw new EngineError("out-of-memory", `${op}: ${count} numbers do not fit into memory`);
}

/** Where there are more numbers, the first few tell whether a whole tensor was read into them. */
const MOST_READ_NUMBERS = 64;
const FIRST_NUMBERS = 16;
const TENSOR = { id: "tensor", name: "tensor" };

/** Numbers that were read off the graph shortly before: the new tensor stands for them, and cuts them off. */
function noteNumbers(out: Tensor, numbers: readonly (number | boolean)[]): void {
  if (!tracksOrigins()) return;
  const isLong = numbers.length > MOST_READ_NUMBERS;
  const asked = isLong ? numbers.slice(0, FIRST_NUMBERS) : numbers;
  const read = asked.flatMap((number) => (typeof number === "number" ? (readOf(number) ?? []) : []));
  if (isLong && read.length < FIRST_NUMBERS) return;
  if (read.length > 0) out.origin = originOfNumbers(TENSOR, read, out);
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
  const target = out.dtype === "float32" ? memory.f32 : dtype === "bool" ? memory.u8 : memory.f64;
  const start = out.offset / out.elementBytes;
  const isBool = dtype === "bool";
  const isInteger = dtype === "int64";
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    target[start + i] = isBool ? (value !== 0 ? 1 : 0) : isInteger ? Math.trunc(value) : value;
  }
  return requiresGrad ? out.requiresGrad_() : out;
}

/** Zeros of the given shape, which may contain 0. PyTorch: `torch.zeros`. */
export function zeros(...sizes: SizesAndOptions): Tensor {
  return filled("zeros", 0, sizes);
}

/** Ones of the given shape. PyTorch: `torch.ones`. */
export function ones(...sizes: SizesAndOptions): Tensor {
  return filled("ones", 1, sizes);
}

/** `value` everywhere; float32, or bool for a boolean, unless `dtype` says otherwise. PyTorch: `torch.full`. */
export function full(shape: Shape | number, value: number | boolean, options: TensorOptions = {}): Tensor {
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new EngineError("value", `full: the value must be a number, got ${typeof value}`);
  }
  const dtype = checkOptions("full", options).dtype ?? (typeof value === "boolean" ? "bool" : "float32");
  return filled("full", Number(value), [typeof shape === "number" ? [shape] : shape, { ...options, dtype }]);
}

/** Elements that are not set: zeros, or whatever was there before. PyTorch: `torch.empty`. */
export function empty(...sizes: SizesAndOptions): Tensor {
  return filled("empty", 0, sizes);
}

/** Zeros of the shape and dtype of `x`. PyTorch: `torch.zeros_like`. */
export function zerosLike(x: Tensor, options?: TensorOptions): Tensor {
  return filledLike("zerosLike", x, 0, options);
}

/** Ones of the shape and dtype of `x`. PyTorch: `torch.ones_like`. */
export function onesLike(x: Tensor, options?: TensorOptions): Tensor {
  return filledLike("onesLike", x, 1, options);
}

/** `value` everywhere, in the shape and dtype of `x`. PyTorch: `torch.full_like`. */
export function fullLike(x: Tensor, value: number, options?: TensorOptions): Tensor {
  return filledLike("fullLike", x, value, options);
}

/** The shape and dtype of `x`; elements that are not set. PyTorch: `torch.empty_like`. */
export function emptyLike(x: Tensor, options?: TensorOptions): Tensor {
  return filledLike("emptyLike", x, 0, options);
}

/** The identity matrix, of `n` rows and `m` columns (`n` when it is left out). PyTorch: `torch.eye`. */
export function eye(n: number, m?: number | TensorOptions, options?: TensorOptions): Tensor {
  const columns = typeof m === "number" ? m : n;
  const out = filled("eye", 0, [[n, columns], (typeof m === "object" ? m : options) ?? {}]);
  const diagonal = {
    dtype: out.dtype,
    offset: out.offset,
    shape: [Math.min(n, columns)],
    strides: [columns + 1],
  };
  runtime.kernels.fill(diagonal, 1);
  return out;
}

/**
 * Numbers from `start` (0) up to but not including `end`, `step` (1) apart: int64 when all three are whole and no dtype
 * is given, else float32. PyTorch: `torch.arange`.
 */
export function arange(end: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, step: number, options?: TensorOptions): Tensor;
export function arange(...args: readonly unknown[]): Tensor {
  const numbers = args.filter((arg) => typeof arg === "number");
  const options = checkOptions(
    "arange",
    args.find((arg) => typeof arg === "object" && arg !== null),
  );
  const [start, end, step = 1] = numbers.length === 1 ? [0, numbers[0]!] : numbers;
  if (start === undefined || end === undefined || args.some((arg) => arg === null || typeof arg === "string")) {
    throw new EngineError("value", "arange: expected (end), (start, end) or (start, end, step), all of them numbers");
  }
  if (!Number.isFinite(start) || !Number.isFinite(end) || !Number.isFinite(step)) {
    throw new EngineError("value", `arange: bounds and step must be finite, got ${start}, ${end}, ${step}`);
  }
  if (step === 0) throw new EngineError("value", "arange: step must not be 0");
  if ((end - start) / step < 0) {
    throw new EngineError("value", `arange: a step of ${step} does not lead from ${start} to ${end}`);
  }
  const count = Math.ceil((end - start) / step);
  expectToFit("arange", count);
  const whole = [start, end, step].every(Number.isInteger);
  const dtype = options.dtype ?? (whole ? "int64" : "float32");
  const values = Float64Array.from({ length: count }, (_, i) => start + i * step);
  return leaf(fromNumbers(values, [count], dtype), options);
}

/** `steps` numbers from `start` to `end`, both included, evenly apart. PyTorch: `torch.linspace`. */
export function linspace(start: number, end: number, steps: number, given: TensorOptions = {}): Tensor {
  const options = checkOptions("linspace", given);
  checkNumbers("linspace", { start, end });
  checkSizes("linspace", [steps]);
  const gap = (end - start) / (steps - 1);
  // From both ends, as PyTorch does, so that the last is exact.
  const at = (i: number): number =>
    steps === 1 ? start : i < steps / 2 ? start + i * gap : end - (steps - 1 - i) * gap;
  return leaf(
    fromNumbers(
      Float64Array.from({ length: steps }, (_, i) => at(i)),
      [steps],
      options.dtype ?? "float32",
    ),
    options,
  );
}

/** `base` to the powers of `linspace(start, end, steps)`. PyTorch: `torch.logspace`. */
export function logspace(start: number, end: number, steps: number, base = 10, given: TensorOptions = {}): Tensor {
  const options = checkOptions("logspace", given);
  checkNumbers("logspace", { start, end, base });
  checkSizes("logspace", [steps]);
  const gap = steps === 1 ? 0 : (end - start) / (steps - 1);
  const values = Float64Array.from({ length: steps }, (_, i) => base ** (start + i * gap));
  return leaf(fromNumbers(values, [steps], options.dtype ?? "float32"), options);
}

/** The sizes of a new tensor, one by one or in one array, and what it is to be. */
export type SizesAndOptions =
  | readonly number[]
  | readonly [...number[], TensorOptions]
  | readonly [shape: Shape]
  | readonly [shape: Shape, options: TensorOptions | undefined];

/** @throws EngineError unless `args` are sizes, and then options of a new tensor. */
export function sizesAndOptions(op: string, args: readonly unknown[]): { shape: Shape; options: TensorOptions } {
  const last = args[args.length - 1];
  const hasOptions = args.length > 0 && typeof last !== "number" && !(args.length === 1 && Array.isArray(last));
  const sizes = hasOptions ? args.slice(0, -1) : args;
  const given = sizes.length === 1 && typeof sizes[0] !== "number" ? sizes[0] : sizes;
  if (args.length === 1 && hasOptions) checkSizes(op, last);
  const options = checkOptions(op, hasOptions ? last : undefined);
  checkSizes(op, given);
  return { shape: [...given], options };
}

/** The options of a new tensor. @throws EngineError unless they are. */
export function checkOptions(op: string, options: unknown): TensorOptions {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null || options instanceof Tensor) {
    throw new EngineError("value", `${op}: expected options such as { requiresGrad: true } as the last argument`);
  }
  checkNames(op, options, ["dtype", "requiresGrad", "device", "pinMemory", "layout"]);
  for (const [name, value] of Object.entries(options)) {
    // A constant that does not exist, a misspelt field of a configuration: silently the default otherwise.
    if (value === undefined) {
      throw new EngineError("value", `${op}: ${name} is undefined`, { fix: "leave it out, or give it a value" });
    }
  }
  const { dtype, device } = options as Readonly<Record<string, unknown>>;
  const { requiresGrad = false } = options as TensorOptions;
  if (device !== undefined && device !== null) expectCpu(op, device);
  if (dtype === undefined || dtype === null) return { requiresGrad };
  return { dtype: expectDType(op, dtype), requiresGrad };
}

function checkNumbers(op: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "number")
      throw new EngineError("value", `${op}: ${name} must be a number, got ${typeof value}`);
  }
}

/** Sets what the options say of a new tensor's place in the graph. */
export function leaf(out: Tensor, options: TensorOptions | undefined): Tensor {
  Object.freeze(out.shape);
  return options?.requiresGrad === true ? out.requiresGrad_() : out;
}

function filled(op: string, value: number, args: SizesAndOptions): Tensor {
  const { shape, options } = sizesAndOptions(op, args);
  const out = Tensor.empty(shape, options.dtype ?? "float32");
  runtime.kernels.fill(out, value);
  return leaf(out, options);
}

function filledLike(op: string, x: Tensor, value: number, options: TensorOptions | undefined): Tensor {
  if (!(x instanceof Tensor)) throw new EngineError("value", `${op}: expected a tensor`);
  const { dtype = x.dtype } = checkOptions(op, options);
  const out = Tensor.empty(x.shape, dtype);
  runtime.kernels.fill(out, value);
  return leaf(out, options);
}
