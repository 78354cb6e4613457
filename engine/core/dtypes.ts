import { EngineError } from "../context/engine-error.ts";
import { DTYPES, type DType } from "../protocol/dtype.ts";

/** Other names that PyTorch has for a dtype: there is one integer dtype. */
const OTHER_NAMES: Readonly<Record<string, DType>> = {
  float: "float32",
  double: "float64",
  long: "int64",
  int: "int64",
  int32: "int64",
  int16: "int64",
  int8: "int64",
  uint8: "int64",
  short: "int64",
};

/** What to take in place of dtypes that PyTorch has and the engine has not. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/^(?:half|float16|bfloat16|float8.*)$/, 'the smallest is "float32", in which gradients are checked as well'],
  [/^(?:complex|cfloat|cdouble|chalf)/, 'keep real and imaginary part as two "float32" tensors'],
  [/^q?u?int\d+$/, 'use "int64", the one integer dtype'],
];

/**
 * The dtype that a model file names, by a string or a constant such as `torch.long`.
 * @throws EngineError when there is none of that name.
 */
export function expectDType(op: string, given: unknown): DType {
  const known = DTYPES.find((dtype) => dtype === given);
  if (known !== undefined) return known;
  const name = typeof given === "string" ? given.replace(/^torch\./, "") : null;
  const meant = name === null ? undefined : (DTYPES.find((dtype) => dtype === name) ?? OTHER_NAMES[name]);
  if (meant !== undefined) return meant;
  const shown = typeof given === "string" ? JSON.stringify(given) : given === null ? "null" : typeof given;
  const advice = INSTEAD.find(([pattern]) => name !== null && pattern.test(name))?.[1];
  throw new EngineError("dtype", `${op}: there is no dtype ${shown}`, {
    fix: advice ?? `use one of ${DTYPES.map((dtype) => `"${dtype}"`).join(", ")}`,
  });
}

/** Where PyTorch keeps a tensor. Here it is the CPU, whatever is written. */
export interface Device {
  readonly type: "cpu";
  readonly index: null;
}

const DEVICES = /^(?:cpu|cuda|mps|xpu|hpu|xla|mtia|meta|vulkan|ipu)(?::\d+)?$/;

/** Whether a value names a device, as `.to()` takes one: a string such as "cpu", or `torch.device(…)`. */
export function isDevice(given: unknown): given is string | Device {
  if (typeof given === "string") return DEVICES.test(given);
  return typeof given === "object" && given !== null && "type" in given && given.type === "cpu";
}

/** @throws EngineError unless `given` is the CPU. */
export function expectCpu(op: string, given: unknown): void {
  const name = isDevice(given) ? (typeof given === "string" ? given : given.type) : null;
  if (name !== null && /^cpu(?::\d+)?$/.test(name)) return;
  const shown = typeof given === "string" ? JSON.stringify(given) : String(given);
  throw new EngineError("value", `${op}: there is no device ${shown}: everything is computed on the CPU`, {
    fix: 'leave it out, or write "cpu"',
  });
}
