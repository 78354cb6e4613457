import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
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

/** Headers come in many small pieces: they are gathered, and what is larger is written from where it is. */
const GATHERED_BYTES = 2 ** 20;

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
  readonly #gathered = new Uint8Array(GATHERED_BYTES);
  #used = 0;

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

  async write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    const isLarge = bytes.length > GATHERED_BYTES / 2;
    if (isLarge || this.#used + bytes.length > GATHERED_BYTES) await this.#flush();
    if (isLarge) return this.#writeAll(bytes);
    this.#gathered.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Gives the file its name. */
  async commit(): Promise<void> {
    try {
      await this.#flush();
      // On the disk before it has its name: a machine that goes down leaves no half file under it either.
      await this.#file.datasync();
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

  async #flush(): Promise<void> {
    const used = this.#used;
    this.#used = 0;
    await this.#writeAll(this.#gathered.subarray(0, used));
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += (await this.#file.write(bytes, done)).bytesWritten;
    }
  }
}

function targetFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const reason = REASONS[String(error.code)] ?? error.message;
  return { kind: "request", message: `${path} cannot be written: ${reason}`, site: null } satisfies Failure;
}
