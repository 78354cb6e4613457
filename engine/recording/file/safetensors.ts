import { z } from "zod";
import { bytesOf, type ByteSource, type Content } from "./byte-source.ts";
import { RecordingError } from "./recording-error.ts";

/** Element types of the format, with their bytes. */
export const STORED_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type StoredType = keyof typeof STORED_BYTES;

/** A tensor of the format: its elements are row-major and little-endian. */
export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** The elements of a tensor as they are written: dense, row-major, little-endian, in pieces that follow each other. */
export interface NewElements {
  pieces(): Iterable<Uint8Array>;
}

/** A tensor to be written. */
export interface NewTensor {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly elements: NewElements;
}

/** Tensors begin at a multiple of it, so that they could be mapped. */
const ALIGNMENT = 64;
/** The official reader takes headers of up to so many bytes. */
const LONGEST_HEADER = 100_000_000;
const MOST_AXES = 64;

const Metadata = z.record(z.string(), z.string());

/**
 * Reads the header of a safetensors file: where each tensor is. Everything it says is held against the file's size.
 * @throws RecordingError when the file does not hold what its header says
 */
export function readSafetensors(source: ByteSource, name: string): Safetensors {
  const refuse = (why: string): RecordingError => new RecordingError(`${name} ${why}`);
  if (source.size < 8) throw refuse("is no safetensors file");
  const length = Number(new DataView(bytesOf(source, 0, 8).buffer).getBigUint64(0, true));
  if (length > Math.min(source.size - 8, LONGEST_HEADER)) throw refuse("is no safetensors file");
  const parsed = parseObject(bytesOf(source, 8, length));
  if (parsed === null) throw refuse("has a header that is no JSON object");
  const { __metadata__: metadataPart = {}, ...rest } = parsed;
  const metadata = Metadata.safeParse(metadataPart);
  if (!metadata.success) throw refuse("has metadata that is not text");
  const start = 8 + length;
  const tensors = new Map<string, StoredTensor>();
  for (const [tensor, entry] of Object.entries(rest)) {
    if (!isEntry(entry)) throw refuse(`has a header that makes no sense at ${JSON.stringify(tensor)}`);
    const {
      dtype,
      shape,
      data_offsets: [from, to],
    } = entry;
    const bytes = STORED_BYTES[dtype] * elementsOf(shape);
    if (to - from !== bytes || start + to > source.size) {
      throw refuse(`does not hold the elements that its header gives ${JSON.stringify(tensor)}`);
    }
    tensors.set(tensor, { dtype, shape, offset: start + from, bytes });
  }
  return { metadata: metadata.data, tensors };
}

/** The content of a safetensors file. The widest elements come first, so that all are aligned without gaps. */
export function writeSafetensors(metadata: Readonly<Record<string, string>>, tensors: readonly NewTensor[]): Content {
  const byWidth: Record<number, NewTensor[]> = { 8: [], 4: [], 2: [], 1: [] };
  for (const tensor of tensors) byWidth[STORED_BYTES[tensor.dtype]]!.push(tensor);
  const ordered = [8, 4, 2, 1].flatMap((width) => byWidth[width]!);
  // Written out: an object of twenty thousand names takes as long to make and to turn into text as all the rest of a pass.
  let header = `{"__metadata__":${JSON.stringify(metadata)}`;
  let at = 0;
  for (const { name, dtype, shape } of ordered) {
    const end = at + STORED_BYTES[dtype] * elementsOf(shape);
    header += `,${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${at},${end}]}`;
    at = end;
  }
  const json = new TextEncoder().encode(`${header}}`);
  const padded = Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded - 8), true);
  head.set(json, 8);
  return {
    size: padded + at,
    *pieces() {
      yield head;
      for (const { elements } of ordered) yield* elements.pieces();
    },
  };
}

interface HeaderEntry {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Written out, not as a schema: a large pass has twenty thousand of them, and all are looked at before anything is shown. */
function isEntry(value: unknown): value is HeaderEntry {
  if (typeof value !== "object" || value === null) return false;
  const { dtype, shape, data_offsets: range } = value as Record<string, unknown>;
  return (
    typeof dtype === "string" &&
    Object.hasOwn(STORED_BYTES, dtype) &&
    isSizes(shape) &&
    shape.length <= MOST_AXES &&
    isSizes(range) &&
    range.length === 2
  );
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function elementsOf(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
