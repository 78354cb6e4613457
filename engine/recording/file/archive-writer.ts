import type { ByteSink, Content } from "./byte-source.ts";

/** The CRC-32 of a piece that follows others, whose checksum is `before`; `zlib.crc32` is one. */
export type Checksum = (piece: Uint8Array, before: number) => number;

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
/** The version that knows ZIP64. */
const VERSION = 45;
const UTF8_NAMES = 0x0800;
/** The first of January 1980, the earliest that can be said: recordings of the same run are the same bytes. */
const DATE = 0x0021;
const ZIP64_FIELD = 0x0001;
/** The field by which USDZ archives are padded. */
const PADDING_FIELD = 0x1986;
const MARK_32 = 0xffffffff;
const MARK_16 = 0xffff;
const ALIGNMENT = 64;
/** Pieces are joined up to so many bytes: enough that a call costs nothing, few enough that nothing waits for it. */
const MOST_JOINED = 4 * 2 ** 20;
/** Where the checksum stands in a local header. */
const CHECKSUM_AT = 14;

interface WrittenEntry {
  readonly name: Uint8Array;
  crc32: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * Writes stored entries one after another. Each entry's header says its size, so that a file that was cut off can be read
 * up to the cut, and its checksum, which is put there when the bytes have gone by; they begin at a multiple of 64. They go
 * from where they are to the sink, and nowhere between.
 */
export class ArchiveWriter {
  readonly #sink: ByteSink;
  readonly #checksum: Checksum;
  readonly #entries: WrittenEntry[] = [];
  #offset = 0;

  constructor(sink: ByteSink, checksum: Checksum) {
    this.#sink = sink;
    this.#checksum = checksum;
  }

  async add(name: string, { size, pieces }: Content, signal?: AbortSignal): Promise<void> {
    const entry: WrittenEntry = { name: new TextEncoder().encode(name), crc32: 0, size, offset: this.#offset };
    this.#entries.push(entry);
    await this.#write(localHeader(entry));
    for (const piece of joined(pieces())) {
      entry.crc32 = this.#checksum(piece, entry.crc32);
      const full = this.#write(piece);
      if (full === undefined) continue;
      await full;
      signal?.throwIfAborted();
    }
    await this.#sink.rewrite(entry.offset + CHECKSUM_AT, new Record().u32(entry.crc32).bytes);
  }

  /** Writes the table of contents. */
  async close(): Promise<void> {
    const start = this.#offset;
    for (const entry of this.#entries) await this.#write(centralHeader(entry));
    await this.#write(endRecords(this.#entries.length, start, this.#offset - start));
    await this.#sink.flush();
  }

  #write(bytes: Uint8Array): Promise<void> | undefined {
    this.#offset += bytes.length;
    return this.#sink.write(bytes);
  }
}

/** Pieces that follow each other in memory, as the tensors of a pass mostly do, as one. */
function* joined(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let first: Uint8Array | null = null;
  let length = 0;
  // A piece that stays alone is given as it is: a large pass has ten thousand, and each new one is garbage.
  const whole = (one: Uint8Array): Uint8Array =>
    length === one.length ? one : new Uint8Array(one.buffer, one.byteOffset, length);
  for (const piece of pieces) {
    if (
      first?.buffer === piece.buffer &&
      first.byteOffset + length === piece.byteOffset &&
      length + piece.length <= MOST_JOINED
    ) {
      length += piece.length;
      continue;
    }
    if (first !== null) yield whole(first);
    first = piece;
    length = piece.length;
  }
  if (first !== null) yield whole(first);
}

/** Little-endian numbers one after another. */
class Record {
  readonly #bytes: number[] = [];

  u16(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push(value & 255, value >>> 8);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.u16(value & MARK_16, value >>> 16);
    return this;
  }

  u64(...values: readonly number[]): this {
    for (const value of values) this.u32(value % 2 ** 32, Math.floor(value / 2 ** 32));
    return this;
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** What does not fit into 32 bits is said in a field of its own. */
const short = (value: number): number => Math.min(value, MARK_32);

function localHeader({ name, crc32, size, offset }: WrittenEntry): Uint8Array {
  const extra = new Record();
  if (size >= MARK_32) extra.u16(ZIP64_FIELD, 16).u64(size, size);
  const end = offset + 30 + name.length + extra.length;
  let padding = (ALIGNMENT - (end % ALIGNMENT)) % ALIGNMENT;
  // A field has four bytes of its own.
  if (padding > 0 && padding < 4) padding += ALIGNMENT;
  if (padding > 0) extra.u16(PADDING_FIELD, padding - 4).raw(new Uint8Array(padding - 4));
  return new Record()
    .u32(LOCAL_HEADER)
    .u16(VERSION, UTF8_NAMES, 0, 0, DATE)
    .u32(crc32, short(size), short(size))
    .u16(name.length, extra.length)
    .raw(name)
    .raw(extra.bytes).bytes;
}

function centralHeader({ name, crc32, size, offset }: WrittenEntry): Uint8Array {
  const large = [...(size >= MARK_32 ? [size, size] : []), ...(offset >= MARK_32 ? [offset] : [])];
  const extra = new Record();
  if (large.length > 0) extra.u16(ZIP64_FIELD, 8 * large.length).u64(...large);
  return new Record()
    .u32(CENTRAL_HEADER)
    .u16(VERSION, VERSION, UTF8_NAMES, 0, 0, DATE)
    .u32(crc32, short(size), short(size))
    .u16(name.length, extra.length, 0, 0, 0)
    .u32(0, short(offset))
    .raw(name)
    .raw(extra.bytes).bytes;
}

function endRecords(count: number, start: number, size: number): Uint8Array {
  const record = new Record();
  if (count >= MARK_16 || start >= MARK_32 || size >= MARK_32) {
    record.u32(ZIP64_END).u64(44).u16(VERSION, VERSION).u32(0, 0).u64(count, count, size, start);
    record
      .u32(ZIP64_LOCATOR, 0)
      .u64(start + size)
      .u32(1);
  }
  const entries = Math.min(count, MARK_16);
  return record.u32(END).u16(0, 0, entries, entries).u32(short(size), short(start)).u16(0).bytes;
}
