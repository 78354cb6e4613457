import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Failure } from "../../protocol/failure.ts";
import type { ByteSink } from "../../recording/file/byte-source.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk's quota is used up",
  EACCES: "there is no permission to write there",
  EPERM: "there is no permission to write there",
  EROFS: "the disk cannot be written to",
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EISDIR: "it is a folder",
  EFBIG: "the disk takes no file so large",
};

/** So much, or so many pieces, is written by one call: what the system takes at most, and enough that a call costs nothing. */
const MOST_BYTES = 8 * 2 ** 20;
const MOST_PIECES = 1024;
/** After so many the disk is asked to hold what it was given, while the next bytes are made ready. */
const BYTES_BETWEEN_SYNCS = 32 * 2 ** 20;

let filesMade = 0;

/**
 * A file that is written under another name beside its own, which it gets when it is whole: whatever happens, there is no
 * half file under that name. Failures say why it could not be written.
 */
export class TargetFile implements ByteSink {
  /** Bytes written so far. */
  bytes = 0;
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  /** What is to be written next, and how many bytes that is. */
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** Settles when what was handed to the system is written: meanwhile the next pieces are gathered. */
  #writing: Promise<void> = Promise.resolve();
  /** Settles when the disk holds what it was asked to; one request after another, so that none of their errors is lost. */
  #syncing: Promise<void> = Promise.resolve();
  #written = 0;
  #asked = 0;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async create(path: string): Promise<TargetFile> {
    // To take the name of a device or a pipe would take it from everybody.
    const found = await stat(path).catch(() => null);
    if (found && !found.isFile())
      throw targetFailure(
        path,
        Object.assign(new Error("it is no file"), { code: found.isDirectory() ? "EISDIR" : "" }),
      );
    const temporary = `${path}.${process.pid}-${++filesMade}.part`;
    try {
      return new TargetFile(path, temporary, await open(temporary, "w"));
    } catch (error) {
      throw targetFailure(path, error);
    }
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.bytes += bytes.length;
    if (bytes.length === 0) return undefined;
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    return this.#waiting >= MOST_BYTES || this.#pieces.length === MOST_PIECES ? this.#hand() : undefined;
  }

  async rewrite(offset: number, bytes: Uint8Array): Promise<void> {
    await this.flush();
    await this.#file.write(bytes, 0, bytes.length, offset);
  }

  async flush(): Promise<void> {
    await this.#hand();
    await this.#writing;
  }

  /** Gives the file its name. */
  async commit(): Promise<void> {
    try {
      await this.flush();
      // On the disk before it has its name: a machine that goes down leaves no half file under it either.
      await this.#sync();
      await this.#file.close();
      await rename(this.#temporary, this.#path);
    } catch (error) {
      await this.discard();
      throw targetFailure(this.#path, error);
    }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  /** What an error of writing this file is for people. */
  failureOf(error: unknown): unknown {
    return targetFailure(this.#path, error);
  }

  /** Hands what was gathered to the system, as soon as that has written what it has. */
  async #hand(): Promise<void> {
    const before = this.#writing;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waiting = 0;
    await before;
    if (pieces.length === 0) return;
    this.#writing = this.#writeAll(pieces);
    // Whoever writes next, or flushes, hears of it.
    this.#writing.catch(() => undefined);
  }

  async #writeAll(pieces: readonly Uint8Array[]): Promise<void> {
    let left = pieces;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.writev(left);
      left = after(left, bytesWritten);
      this.#written += bytesWritten;
    }
    // Whoever gives the file its name hears of it.
    if (this.#written - this.#asked >= BYTES_BETWEEN_SYNCS) this.#sync().catch(() => undefined);
  }

  #sync(): Promise<void> {
    this.#asked = this.#written;
    this.#syncing = this.#syncing.then(() => this.#file.datasync());
    return this.#syncing;
  }
}

/** What is left of some pieces when so many bytes of them are written. */
function after(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  for (const [i, piece] of pieces.entries()) {
    if (left < piece.length) return [piece.subarray(left), ...pieces.slice(i + 1)];
    left -= piece.length;
  }
  return [];
}

function targetFailure(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const reason = REASONS[String(error.code)] ?? error.message;
  // The folder comes last: a notification of one line is cut off, and what was to be done stood behind a long path.
  const message = `${path.basename(file)} cannot be written: ${reason} (in ${path.dirname(file)})`;
  return { kind: "request", message, site: null } satisfies Failure;
}
