import { ZipWriter } from "@zip.js/zip.js/lib/zip-core-writer.js";
import type { ByteSink, Content } from "./byte-source.ts";

/** The CRC-32 of a piece that follows others, whose checksum is `before`; `zlib.crc32` is one. */
export type Checksum = (piece: Uint8Array, before: number) => number;

const STORED = 0;

/**
 * Writes stored entries one after another. Each entry's header says its size and checksum, so that a file that was cut
 * off can be read up to the cut; its bytes begin at a multiple of 64, as a USDZ archive's do.
 */
export class ArchiveWriter {
  readonly #zip: ZipWriter<unknown>;
  readonly #checksum: Checksum;

  constructor(sink: ByteSink, checksum: Checksum) {
    const writable = new WritableStream<Uint8Array>({ write: (bytes) => sink.write(bytes) });
    this.#zip = new ZipWriter(writable, { usdz: true, extendedTimestamp: false, useWebWorkers: false });
    this.#checksum = checksum;
  }

  async add(name: string, content: Content, signal?: AbortSignal): Promise<void> {
    let crc32 = 0;
    for (const piece of content.pieces()) crc32 = this.#checksum(piece, crc32);
    await this.#zip.add(
      name,
      { size: content.size, readable: streamOf(content) },
      {
        passThrough: true,
        compressionMethod: STORED,
        uncompressedSize: content.size,
        crc32,
        ...(signal && { signal }),
      },
    );
  }

  /** Writes the table of contents. */
  async close(): Promise<void> {
    await this.#zip.close();
  }
}

function streamOf(content: Content): ReadableStream<Uint8Array> {
  const pieces = content.pieces()[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 1 },
  );
}
