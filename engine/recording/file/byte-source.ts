/** Bytes that can be read in any order: a file, or what a test holds in memory. */
export interface ByteSource {
  readonly size: number;
  /**
   * Reads into all of `target`, from a byte on.
   * @throws when the bytes are not there, or cannot be read
   */
  read(offset: number, target: Uint8Array): void;
}

/** Bytes as they are written, in order. */
export interface ByteSink {
  /**
   * Writes after what was written before. The bytes are not copied, and must stay as they are until {@link flush} has settled.
   * @returns what to wait for before more is written; undefined where there is room
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Writes over what was written before, at a byte of the whole. */
  rewrite(offset: number, bytes: Uint8Array): Promise<void>;
  /** Settles when everything has been written. */
  flush(): Promise<void>;
}

/** What one entry of an archive holds: its size is known before its bytes are. */
export interface Content {
  readonly size: number;
  /** The bytes from the first on. The pieces are not copied. */
  readonly pieces: () => Iterable<Uint8Array>;
}

/** Content that is in memory as a whole. */
export function contentOf(...parts: readonly Uint8Array[]): Content {
  return { size: parts.reduce((sum, part) => sum + part.length, 0), pieces: () => parts };
}

/** A copy of some bytes of a source. */
export function bytesOf(source: ByteSource, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  source.read(offset, bytes);
  return bytes;
}

/** A part of a source, as a source. */
export function partOf(source: ByteSource, offset: number, size: number): ByteSource {
  return { size, read: (at, target) => source.read(offset + at, target) };
}
