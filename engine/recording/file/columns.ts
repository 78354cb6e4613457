import { bytesOf, type ByteSource } from "./byte-source.ts";
import { RecordingError } from "./recording-error.ts";
import type { NewTensor, Safetensors, StoredType } from "./safetensors.ts";

const COLUMN = "columns.";

/** The columns of a table as the tensors of a file: integers by the narrowest type that every reader of the format knows. */
export class ColumnWriter {
  readonly #tensors: NewTensor[];

  /** @param tensors gets the columns at its end */
  constructor(tensors: NewTensor[]) {
    this.#tensors = tensors;
  }

  bytes(name: string, values: Uint8Array): void {
    this.#add(name, "U8", [values.length], values);
  }

  /** Ids, rows and counts; -1 for none. */
  ids(name: string, values: ArrayLike<number>): void {
    this.#add(name, "I32", [values.length], Int32Array.from(values));
  }

  /** Whole numbers that may need more than 32 bits. */
  sizes(name: string, values: ArrayLike<number>): void {
    this.#add(name, "I64", [values.length], BigInt64Array.from(values, BigInt));
  }

  doubles(name: string, values: Float64Array, width: number): void {
    this.#add(name, "F64", [values.length / width, width], values);
  }

  #add(name: string, dtype: StoredType, shape: readonly number[], values: ArrayBufferView): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#tensors.push({ name: COLUMN + name, dtype, shape, elements: { pieces: () => [bytes] } });
  }
}

/** Reads the columns of a file, each held against the length that it must have. */
export class ColumnReader {
  readonly #source: ByteSource;
  readonly #file: Safetensors;
  readonly #name: string;

  /** @param name of the file, for what is said when it is wrong */
  constructor(source: ByteSource, file: Safetensors, name: string) {
    this.#source = source;
    this.#file = file;
    this.#name = name;
  }

  has(name: string): boolean {
    return this.#file.tensors.has(COLUMN + name);
  }

  bytes(name: string, length: number, most: number): Uint8Array {
    const values = this.#read(name, "U8", length);
    for (const value of values) if (value > most) throw this.refuse(`has ${value} in its column ${name}`);
    return values;
  }

  /** Ids from `least` up to, and not including, `end`. */
  ids(name: string, length: number | null, least: number, end: number): Int32Array {
    const values = new Int32Array(this.#read(name, "I32", length).buffer);
    for (const value of values) {
      if (value < least || value >= end) throw this.refuse(`refers to ${value} in its column ${name}`);
    }
    return values;
  }

  /** Where each row's part of a list begins: from 0, never less than before, the end of the last row being the list's length. */
  starts(name: string, rows: number): Uint32Array {
    const values = this.ids(name, rows + 1, 0, 2 ** 31);
    if (values[0] !== 0) throw this.refuse(`has a column ${name} that does not begin at 0`);
    for (let row = 0; row < rows; row++) {
      if (values[row + 1]! < values[row]!) throw this.refuse(`has a column ${name} that goes back at ${row}`);
    }
    return Uint32Array.from(values);
  }

  sizes(name: string, length: number | null): Float64Array<ArrayBuffer> {
    const words = new BigInt64Array(this.#read(name, "I64", length).buffer);
    const values = Float64Array.from(words, Number);
    for (const value of values) {
      if (value < 0 || value > Number.MAX_SAFE_INTEGER)
        throw this.refuse(`has the size ${value} in its column ${name}`);
    }
    return values;
  }

  doubles(name: string, length: number): Float64Array {
    return new Float64Array(this.#read(name, "F64", length).buffer);
  }

  refuse(why: string): RecordingError {
    return new RecordingError(`${this.#name} ${why}`);
  }

  #read(name: string, dtype: StoredType, length: number | null): Uint8Array<ArrayBuffer> {
    const tensor = this.#file.tensors.get(COLUMN + name);
    if (tensor?.dtype !== dtype) throw this.refuse(`has no column ${name} of ${dtype}`);
    const found = tensor.shape.reduce((product, size) => product * size, 1);
    if (length !== null && found !== length) {
      throw this.refuse(`has ${found} entries in its column ${name}, not ${length}`);
    }
    return bytesOf(this.#source, tensor.offset, tensor.bytes);
  }
}
