import { DTYPE_INDEX, DTYPES, type DType } from "../protocol/dtype.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";

/**
 * The tape of a pass: a structure of arrays in shared memory, one row per node in forward order, leaves before their
 * first use. All columns are int32; addresses are byte offsets below 4 GiB, so readers take them as unsigned.
 *
 * The user thread writes it when a backward pass starts and fills in the gradients as the pass runs; every other thread
 * reads it in place. Strings, attributes and scopes are indices into tables that travel by message before a pause.
 */
export const TapeColumn = {
  /** Index into the op table. */
  op: 0,
  /** {@link NodeKind} | dtype index << 4 | requires gradient << 8 | ran backward << 9. */
  flags: 1,
  site: 2,
  /** Index into the string table. */
  label: 3,
  /** Index into the pass's scopes, or -1. */
  scope: 4,
  /** Index into the pass's attributes; 0 is none. */
  attributes: 5,
  /** Byte offset of the value's first element. */
  value: 6,
  /** Where the shape pool holds rank, sizes and strides of the value. */
  geometry: 7,
  /** Byte offset of the complete gradient's first element; 0 while there is none. */
  gradient: 8,
  /** Where the shape pool holds the gradient's strides. */
  gradientStrides: 9,
  /** First of this row's inputs in the edges; the next row's is the end. */
  inputs: 10,
} as const;
export type TapeColumn = (typeof TapeColumn)[keyof typeof TapeColumn];
const COLUMNS = 11;

/** Where a tape's parts are. Small enough to send with every pass. */
export interface TapeLayout {
  /** Byte offset of the tape in shared memory. */
  readonly offset: number;
  readonly rows: number;
  readonly edges: number;
  /** Int32 words of the shape pool. */
  readonly poolWords: number;
}

export function tapeBytes(rows: number, edges: number, poolWords: number): number {
  return 4 * (COLUMNS * (rows + 1) + edges + poolWords);
}

/** Reads and writes one tape in place. Rows and indices are trusted. */
export class Tape {
  readonly layout: TapeLayout;
  readonly rows: number;
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #edges: number;
  readonly #pool: number;
  #poolUsed = 0;
  #lastGeometry = -1;

  constructor(memory: SharedMemory, layout: TapeLayout) {
    const words = tapeBytes(layout.rows, layout.edges, layout.poolWords) / 4;
    this.layout = layout;
    this.rows = layout.rows;
    this.#words = memory.i32.subarray(layout.offset / 4, layout.offset / 4 + words);
    this.#stride = layout.rows + 1;
    this.#edges = COLUMNS * this.#stride;
    this.#pool = this.#edges + layout.edges;
  }

  get(row: number, column: TapeColumn): number {
    return this.#words[column * this.#stride + row]!;
  }

  set(row: number, column: TapeColumn, value: number): void {
    this.#words[column * this.#stride + row] = value;
  }

  kind(row: number): number {
    return this.get(row, TapeColumn.flags) & 15;
  }

  dtype(row: number): DType {
    return DTYPES[(this.get(row, TapeColumn.flags) >> 4) & 15]!;
  }

  requiresGrad(row: number): boolean {
    return (this.get(row, TapeColumn.flags) & 256) !== 0;
  }

  /** Whether the row's vector-Jacobian product has run. */
  ranBackward(row: number): boolean {
    return (this.get(row, TapeColumn.flags) & 512) !== 0;
  }

  markBackward(row: number): void {
    this.set(row, TapeColumn.flags, this.get(row, TapeColumn.flags) | 512);
  }

  static flags(kind: number, dtype: DType, requiresGrad: boolean): number {
    return kind | (DTYPE_INDEX[dtype] << 4) | (requiresGrad ? 256 : 0);
  }

  inputStart(row: number): number {
    return this.get(row, TapeColumn.inputs);
  }

  input(edge: number): number {
    return this.#words[this.#edges + edge]!;
  }

  setInput(edge: number, row: number): void {
    this.#words[this.#edges + edge] = row;
  }

  inputs(row: number): number[] {
    const end = this.inputStart(row + 1);
    const list: number[] = [];
    for (let edge = this.inputStart(row); edge < end; edge++) list.push(this.input(edge));
    return list;
  }

  /** Byte offset of the value's first element. */
  value(row: number): number {
    return this.get(row, TapeColumn.value) >>> 0;
  }

  /** Byte offset of the gradient's first element; 0 while there is none. */
  gradient(row: number): number {
    return this.get(row, TapeColumn.gradient) >>> 0;
  }

  shape(row: number): number[] {
    return this.#poolSlice(this.get(row, TapeColumn.geometry), 0);
  }

  rank(row: number): number {
    return this.#words[this.#pool + this.get(row, TapeColumn.geometry)]!;
  }

  strides(row: number): number[] {
    return this.#poolSlice(this.get(row, TapeColumn.geometry), 1);
  }

  gradientStrides(row: number): number[] {
    return this.#listAt(this.#pool + this.get(row, TapeColumn.gradientStrides), this.rank(row));
  }

  /** Writes a row whose gradient has not arrived yet. */
  writeRow(
    row: number,
    op: number,
    flags: number,
    site: number,
    label: number,
    scope: number,
    attributes: number,
    value: number,
    geometry: number,
    inputs: number,
  ): void {
    // Written out, since every node of every pass comes through here.
    const words = this.#words;
    const stride = this.#stride;
    words[TapeColumn.op * stride + row] = op;
    words[TapeColumn.flags * stride + row] = flags;
    words[TapeColumn.site * stride + row] = site;
    words[TapeColumn.label * stride + row] = label;
    words[TapeColumn.scope * stride + row] = scope;
    words[TapeColumn.attributes * stride + row] = attributes;
    words[TapeColumn.value * stride + row] = value;
    words[TapeColumn.geometry * stride + row] = geometry;
    words[TapeColumn.gradient * stride + row] = 0;
    words[TapeColumn.inputs * stride + row] = inputs;
  }

  /** Whether the pool holds this geometry at `at`. */
  #hasGeometry(at: number, shape: readonly number[], strides: readonly number[]): boolean {
    const words = this.#words;
    let word = this.#pool + at;
    const rank = shape.length;
    if (words[word++] !== rank) return false;
    for (let i = 0; i < rank; i++) if (words[word++] !== shape[i]) return false;
    for (let i = 0; i < rank; i++) if (words[word++] !== strides[i]) return false;
    return true;
  }

  /** Puts rank, sizes and strides into the pool; neighbours that are alike share theirs. @returns where. */
  addGeometry(shape: readonly number[], strides: readonly number[]): number {
    if (this.#lastGeometry >= 0 && this.#hasGeometry(this.#lastGeometry, shape, strides)) return this.#lastGeometry;
    const at = this.#poolUsed;
    this.#lastGeometry = at;
    let word = this.#pool + at;
    this.#words[word++] = shape.length;
    for (let i = 0; i < shape.length; i++) this.#words[word++] = shape[i]!;
    for (let i = 0; i < shape.length; i++) this.#words[word++] = strides[i]!;
    this.#poolUsed = word - this.#pool;
    return at;
  }

  /** Notes a gradient's strides, which are mostly the value's. */
  setGradientStrides(row: number, strides: readonly number[]): void {
    const words = this.#words;
    const rank = strides.length;
    const valueStrides = this.get(row, TapeColumn.geometry) + 1 + rank;
    let i = 0;
    while (i < rank && words[this.#pool + valueStrides + i] === strides[i]) i++;
    if (i === rank) {
      this.set(row, TapeColumn.gradientStrides, valueStrides);
      return;
    }
    this.set(row, TapeColumn.gradientStrides, this.#poolUsed);
    for (i = 0; i < rank; i++) words[this.#pool + this.#poolUsed++] = strides[i]!;
  }

  #poolSlice(at: number, part: 0 | 1): number[] {
    const start = this.#pool + at;
    const rank = this.#words[start]!;
    return this.#listAt(start + 1 + part * rank, rank);
  }

  /** Word by word: a view of so few would cost more than they do. */
  #listAt(start: number, length: number): number[] {
    const list = new Array<number>(length);
    for (let i = 0; i < length; i++) list[i] = this.#words[start + i]!;
    return list;
  }
}
