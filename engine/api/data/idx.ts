import { existsSync } from "node:fs";
import path from "node:path";
import { EngineError } from "../../context/engine-error.ts";
import { fromNumbers } from "../../core/creation.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { LabelledImages } from "./digits.ts";
import { TensorDataset } from "./dataset.ts";
import { CODECS, readAll, type ElementCodec } from "./element-codec.ts";
import { pathOf, readBytes } from "./file-bytes.ts";

/** Element types of the format, by their code in its header. */
const TYPES: Readonly<Record<number, ElementCodec>> = {
  0x08: CODECS.uint8,
  0x09: CODECS.int8,
  0x0b: CODECS.int16,
  0x0c: CODECS.int32,
  0x0d: CODECS.float32,
  0x0e: CODECS.float64,
};

/**
 * Reads an IDX file, the format of MNIST. Whole numbers give int64, the others float32 and float64.
 * @throws EngineError when the header or the length is not that of an IDX file.
 */
export function readIdx(file: string | URL): Tensor {
  const bytes = readBytes("readIdx", file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const codec = bytes.length >= 4 && view.getUint16(0) === 0 ? TYPES[view.getUint8(2)] : undefined;
  const rank = bytes.length >= 4 ? view.getUint8(3) : 0;
  const header = 4 + 4 * rank;
  if (codec === undefined || bytes.length < header) {
    throw new EngineError("value", `readIdx: ${String(file)} is not an IDX file`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== header + count * codec.bytes) {
    throw new EngineError(
      "value",
      `readIdx: ${String(file)} has ${bytes.length - header} bytes of data, its header [${shape.join(", ")}] needs ${count * codec.bytes}`,
    );
  }
  return fromNumbers(readAll(codec, view, header, count, false), shape, codec.dtype);
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
  const directory = pathOf(folder);
  const images = mnistFile(directory, `${MNIST_PARTS[part]}-images-idx3-ubyte`);
  const labels = mnistFile(directory, `${MNIST_PARTS[part]}-labels-idx1-ubyte`);
  if (images === null || labels === null) return null;
  const pixels = readIdx(images);
  if (pixels.rank !== 3) {
    throw new EngineError(
      "shape",
      `mnist: ${images} has axes [${pixels.shape.join(", ")}], expected [count, height, width]`,
    );
  }
  const [count, height, width] = pixels.shape as [number, number, number];
  const ink = pixels.toFloat64Array().map((value) => value / 255);
  return new TensorDataset(fromNumbers(ink, [count, 1, height, width], "float32"), readIdx(labels));
}
