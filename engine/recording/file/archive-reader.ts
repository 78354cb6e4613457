import { ZipReader, type Entry, type Reader } from "@zip.js/zip.js/lib/zip-core-reader.js";
import { bytesOf, type ByteSource } from "./byte-source.ts";
import { RecordingError } from "./recording-error.ts";

/** Where an entry's bytes are in the file. */
export interface ArchiveEntry {
  readonly offset: number;
  readonly size: number;
}

export interface Archive {
  /** By name, in the order of the file. */
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  /** The file ends before its table of contents: these are the entries that are there as a whole. */
  readonly truncated: boolean;
}

const LOCAL_HEADER = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const ZIP64_FIELD = 1;
const ZIP64_MARK = 0xffffffff;
/** More entries than any recording has: a pass each, a structure each, and the sources. */
const MOST_ENTRIES = 1_000_000;

/**
 * Finds the entries of a stored archive. One without a table of contents, since whoever wrote it died, is read entry by
 * entry, up to the last whole one.
 * @throws RecordingError when it is no archive, or not of stored entries
 */
export async function openArchive(source: ByteSource): Promise<Archive> {
  if (source.size < LOCAL_HEADER) throw new RecordingError("is too short to be a recording");
  if (wordAt(bytesOf(source, 0, 4), 0) !== LOCAL_SIGNATURE) throw new RecordingError("is not a recording");
  const listed = await tableOfContents(source);
  if (listed === null) return { entries: scan(source), truncated: true };
  const entries = new Map<string, ArchiveEntry>();
  for (const entry of listed) {
    if (entry.directory) continue;
    if (entry.encrypted || entry.compressionMethod !== 0 || entry.compressedSize !== entry.uncompressedSize) {
      throw new RecordingError(`has a compressed or encrypted entry, ${JSON.stringify(entry.filename)}`);
    }
    const header = localHeader(source, entry.offset);
    const offset = header && entry.offset + header.length;
    if (offset === null || offset + entry.uncompressedSize > source.size) {
      throw new RecordingError(`lists ${JSON.stringify(entry.filename)}, which is not in it`);
    }
    addEntry(entries, entry.filename, { offset, size: entry.uncompressedSize });
  }
  return { entries, truncated: false };
}

/** What the archive says that it holds; null when it does not come to say so. */
async function tableOfContents(source: ByteSource): Promise<readonly Entry[] | null> {
  const reader: Pick<Reader<never>, "size" | "readUint8Array"> = {
    size: source.size,
    readUint8Array: async (index, length) => {
      const from = Math.min(Math.max(0, index), source.size);
      return bytesOf(source, from, Math.max(0, Math.min(length, source.size - from)));
    },
  };
  try {
    // Entries are listed by reading ranges alone; its streams are for those who have it read an entry.
    return await new ZipReader(reader as Reader<never>, { useWebWorkers: false }).getEntries();
  } catch {
    // Whatever ails the table of contents, the entries themselves may be whole.
    return null;
  }
}

/** Goes from local header to local header. */
function scan(source: ByteSource): Map<string, ArchiveEntry> {
  const entries = new Map<string, ArchiveEntry>();
  for (let at = 0; ;) {
    const header = localHeader(source, at);
    if (header === null) break;
    const offset = at + header.length;
    if (offset + header.size > source.size) break;
    addEntry(entries, header.name, { offset, size: header.size });
    at = offset + header.size;
  }
  if (entries.size === 0) throw new RecordingError("ends before its first entry");
  return entries;
}

function addEntry(entries: Map<string, ArchiveEntry>, name: string, entry: ArchiveEntry): void {
  if (entries.has(name)) throw new RecordingError(`has two entries named ${JSON.stringify(name)}`);
  if (entries.size === MOST_ENTRIES) throw new RecordingError(`has more than ${MOST_ENTRIES} entries`);
  entries.set(name, entry);
}

interface LocalHeader {
  readonly name: string;
  readonly size: number;
  /** Bytes of the header itself. */
  readonly length: number;
}

/** The header of a stored entry, with its size in it; null where there is none. */
function localHeader(source: ByteSource, at: number): LocalHeader | null {
  if (at < 0 || at + LOCAL_HEADER > source.size) return null;
  const fixed = bytesOf(source, at, LOCAL_HEADER);
  const view = new DataView(fixed.buffer);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) return null;
  const nameLength = view.getUint16(26, true);
  const extraLength = view.getUint16(28, true);
  const length = LOCAL_HEADER + nameLength + extraLength;
  if (at + length > source.size) return null;
  const rest = bytesOf(source, at + LOCAL_HEADER, nameLength + extraLength);
  const stored = view.getUint16(8, true) === 0 && (view.getUint16(6, true) & 0b1001) === 0;
  if (!stored) return null;
  const short = view.getUint32(22, true);
  const size = short === ZIP64_MARK ? zip64Size(rest.subarray(nameLength)) : short;
  return size === null ? null : { name: new TextDecoder().decode(rest.subarray(0, nameLength)), size, length };
}

/** The 64-bit size of an entry among the fields of its header. */
function zip64Size(fields: Uint8Array): number | null {
  const view = new DataView(fields.buffer, fields.byteOffset, fields.byteLength);
  for (let at = 0; at + 4 <= fields.length;) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_FIELD && length >= 8 && at + 12 <= fields.length) {
      const size = view.getBigUint64(at + 4, true);
      return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : null;
    }
    at += 4 + length;
  }
  return null;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}
