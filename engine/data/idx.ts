import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { EngineError } from "../engine-error.ts";
import { fromNumbers } from "../tensor/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LabelledImages } from "./digits.ts";
import { TensorDataset } from "./dataset.ts";

/** Element types of the format, by their code in its header. */
const READERS: Readonly<Record<number, { readonly bytes: number; read(view: DataView, at: number): number }>> = {
  0x08: { bytes: 1, read: (view, at) => view.getUint8(at) },
  0x09: { bytes: 1, read: (view, at) => view.getInt8(at) },
  0x0b: { bytes: 2, read: (view, at) => view.getInt16(at) },
  0x0c: { bytes: 4, read: (view, at) => view.getInt32(at) },
  0x0d: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  0x0e: { bytes: 8, read: (view, at) => view.getFloat64(at) },
};

/** The bytes of a file, unpacked when its name ends in .gz. @throws EngineError when it cannot be read. */
export function readBytes(op: string, file: string | URL): Uint8Array {
  const name = file instanceof URL ? fileURLToPath(file) : file;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(name);
  } catch (cause) {
    throw new EngineError("value", `${op}: ${name} cannot be read`, { cause, fix: "check the path" });
  }
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/**
 * Reads an IDX file, the format of MNIST. Whole numbers give int64, the others float32 and float64.
 * @throws EngineError when the header or the length is not that of an IDX file.
 */
export function readIdx(file: string | URL): Tensor {
  const bytes = readBytes("readIdx", file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = bytes.length >= 4 && view.getUint16(0) === 0 ? READERS[view.getUint8(2)] : undefined;
  const rank = bytes.length >= 4 ? view.getUint8(3) : 0;
  const header = 4 + 4 * rank;
  if (reader === undefined || bytes.length < header) {
    throw new EngineError("value", `readIdx: ${String(file)} is not an IDX file`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== header + count * reader.bytes) {
    throw new EngineError(
      "value",
      `readIdx: ${String(file)} has ${bytes.length - header} bytes of data, its header [${shape.join(", ")}] needs ${count * reader.bytes}`,
    );
  }
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = reader.read(view, header + i * reader.bytes);
  const code = view.getUint8(2);
  return fromNumbers(values, shape, code === 0x0d ? "float32" : code === 0x0e ? "float64" : "int64");
}

const MNIST_PARTS = { train: "train", test: "t10k" } as const;

function mnistFile(folder: string, name: string): string | null {
  for (const candidate of [name, `${name}.gz`, name.replace("-idx", ".idx"), `${name.replace("-idx", ".idx")}.gz`]) {
    const file = path.join(folder, candidate);
    if (existsSync(file)) return file;
  }
  return null;
}

/**
 * MNIST from its IDX files (packed or not) in a folder, ink between 0 and 1; null when they are not there.
 */
export function mnist(folder: string | URL, part: "train" | "test"): LabelledImages | null {
  const directory = folder instanceof URL ? fileURLToPath(folder) : folder;
  const images = mnistFile(directory, `${MNIST_PARTS[part]}-images-idx3-ubyte`);
  const labels = mnistFile(directory, `${MNIST_PARTS[part]}-labels-idx1-ubyte`);
  if (images === null || labels === null) return null;
  const pixels = readIdx(images);
  const [count, height, width] = pixels.shape as [number, number, number];
  const ink = pixels.toFloat64Array().map((value) => value / 255);
  return new TensorDataset(fromNumbers(ink, [count, 1, height, width], "float32"), readIdx(labels));
}
