import { EngineError } from "../../context/engine-error.ts";
import { elementCount } from "../../core/shape.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { DType } from "../../protocol/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { CODECS, readAll, writeAll, type ElementCodec } from "./element-codec.ts";
import { readBytes, writeBytes } from "./file-bytes.ts";

/** NumPy's type codes, without the mark of the byte order. */
const TYPES: Readonly<Record<string, ElementCodec>> = {
  f8: CODECS.float64,
  f4: CODECS.float32,
  f2: CODECS.float16,
  i8: CODECS.int64,
  i4: CODECS.int32,
  i2: CODECS.int16,
  i1: CODECS.int8,
  u8: CODECS.uint64,
  u4: CODECS.uint32,
  u2: CODECS.uint16,
  u1: CODECS.uint8,
  b1: CODECS.bool,
};

const CODES: Readonly<Record<DType, string>> = { float64: "<f8", float32: "<f4", int64: "<i8", bool: "|b1" };

const MAGIC = "\u0093NUMPY";

interface Header {
  readonly codec: ElementCodec;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: number[];
  /** Where the elements start. */
  readonly data: number;
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const refuse = (why: string): never => {
    throw new EngineError("value", `readNpy: ${name} ${why}`);
  };
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  if (bytes.length < 10 || text(0, 6) !== MAGIC) return refuse("is not an .npy file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 : 10;
  const length = bytes.length < start ? Infinity : wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (bytes.length < start + length) return refuse("ends inside its header");
  // The header is a Python dictionary of three entries, written by NumPy itself.
  const header = text(start, start + length);
  const type = /'descr':\s*'([<>|=])(\w\d)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header);
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(header);
  const codec = type ? TYPES[type[2]!] : undefined;
  if (!type || !order || !shape || codec === undefined) return refuse("holds a type of elements that is not supported");
  const sizes =
    shape[1]!.trim() === ""
      ? []
      : shape[1]!
          .replace(/,\s*$/, "")
          .split(",")
          .map((size) => Number(size.trim() || NaN));
  if (!sizes.every(Number.isSafeInteger)) return refuse(`has a shape that makes no sense, (${shape[1]!})`);
  return {
    codec,
    littleEndian: type[1] !== ">",
    fortranOrder: order[1] === "True",
    shape: sizes,
    data: start + length,
  };
}

/**
 * Reads a NumPy array. Its elements keep their type where there is a dtype for it; half precision becomes float32,
 * other whole numbers int64.
 * @throws EngineError when the file is not an .npy file of numbers, or too short.
 */
export function readNpy(file: string | URL): Tensor {
  const bytes = readBytes("readNpy", file);
  const { codec, littleEndian, fortranOrder, shape, data } = readHeader(bytes, String(file));
  const count = elementCount(shape);
  if (bytes.length < data + count * codec.bytes) {
    throw new EngineError("value", `readNpy: ${String(file)} ends before its ${count} elements do`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = readAll(codec, view, data, count, littleEndian);
  if (!fortranOrder || shape.length < 2) return fromNumbers(values, shape, codec.dtype);
  return fromNumbers(values, shape.toReversed(), codec.dtype)
    .permute(shape.map((_, axis) => shape.length - 1 - axis))
    .contiguous();
}

/** Writes a NumPy array. */
export function writeNpy(file: string | URL, x: Tensor): void {
  const shape = x.rank === 1 ? `(${x.shape[0]},)` : `(${x.shape.join(", ")})`;
  const dictionary = `{'descr': '${CODES[x.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`;
  // The elements start at a multiple of 64, and the header ends with a newline.
  const padding = 63 - ((10 + dictionary.length) % 64);
  const header = `${dictionary}${" ".repeat(padding)}\n`;
  const start = Buffer.alloc(10);
  start.write(MAGIC, "latin1");
  start[6] = 1;
  start.writeUInt16LE(header.length, 8);
  writeBytes(
    "writeNpy",
    file,
    Buffer.concat([start, Buffer.from(header, "latin1"), writeAll(x.dtype, x.toFloat64Array())]),
  );
}
