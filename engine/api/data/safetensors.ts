import * as v from "valibot";
import { EngineError } from "../../context/engine-error.ts";
import type { StateDict } from "../nn/state-dict.ts";
import type { DType } from "../../protocol/dtype.ts";
import { elementCount } from "../../core/shape.ts";
import { fromNumbers } from "../../core/creation.ts";
import { CODECS, readAll, writeAll, type ElementCodec } from "./element-codec.ts";
import { readBytes, writeBytes } from "./file-bytes.ts";

const TYPES: Readonly<Record<string, ElementCodec>> = {
  F64: CODECS.float64,
  F32: CODECS.float32,
  F16: CODECS.float16,
  BF16: CODECS.bfloat16,
  I64: CODECS.int64,
  I32: CODECS.int32,
  I16: CODECS.int16,
  I8: CODECS.int8,
  U8: CODECS.uint8,
  BOOL: CODECS.bool,
};

const CODES: Readonly<Record<DType, string>> = { float64: "F64", float32: "F32", int64: "I64", bool: "BOOL" };

const size = v.pipe(v.number(), v.integer(), v.minValue(0));
const Entry = v.object({ dtype: v.string(), shape: v.array(size), data_offsets: v.tuple([size, size]) });

/**
 * Reads the tensors of a safetensors file, by name. Half precision becomes float32, whole numbers int64.
 * @throws EngineError when the file does not hold what its header says.
 */
export function readSafetensors(file: string | URL): StateDict {
  const bytes = readBytes("readSafetensors", file);
  const refuse = (why: string): never => {
    throw new EngineError("value", `readSafetensors: ${String(file)} ${why}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8) return refuse("is not a safetensors file");
  const start = 8 + length;
  // Without a prototype: a tensor may be called "__proto__".
  const state = Object.create(null) as StateDict;
  for (const [name, entry] of Object.entries(
    parseHeader(Buffer.from(bytes.subarray(8, start)).toString("utf8"), refuse),
  )) {
    if (name === "__metadata__") continue;
    const parsed = v.safeParse(Entry, entry);
    if (!parsed.success) return refuse(`has a header that makes no sense at ${name}`);
    const {
      dtype,
      shape,
      data_offsets: [from, to],
    } = parsed.output;
    const codec = TYPES[dtype];
    if (codec === undefined) return refuse(`holds ${name} as ${dtype}, which is not supported`);
    const count = elementCount(shape);
    if (to - from !== count * codec.bytes || start + to > bytes.length) {
      return refuse(`does not hold the ${count} elements that its header gives ${name}`);
    }
    state[name] = fromNumbers(readAll(codec, view, start + from, count, true), shape, codec.dtype);
  }
  return state;
}

function parseHeader(text: string, refuse: (why: string) => never): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch {
    // Refused below, like every other header that is none.
  }
  return refuse("has no header");
}

/** Writes tensors by name, as `safetensors.torch.save_file` does. */
export function writeSafetensors(
  file: string | URL,
  state: StateDict,
  metadata?: Readonly<Record<string, string>>,
): void {
  const header = Object.assign(Object.create(null) as Record<string, unknown>, metadata && { __metadata__: metadata });
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, tensor] of Object.entries(state)) {
    const bytes = writeAll(tensor.dtype, tensor.toFloat64Array());
    header[name] = { dtype: CODES[tensor.dtype], shape: tensor.shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
    parts.push(bytes);
  }
  const json = Buffer.from(JSON.stringify(header), "utf8");
  // The elements start at a multiple of 8.
  const padding = Buffer.alloc((8 - (json.length % 8)) % 8, " ");
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length + padding.length));
  writeBytes("writeSafetensors", file, Buffer.concat([start, json, padding, ...parts]));
}
