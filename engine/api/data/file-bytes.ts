import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { EngineError } from "../../context/engine-error.ts";
import { whyUnreadable } from "../../context/unreadable.ts";

/** Node reads no larger file at once, and none is unpacked to more: a few kilobytes may hold what fills all memory. */
const MOST_GIBIBYTES = 2;

const TOO_LARGE = new Set(["ERR_FS_FILE_TOO_LARGE", "ERR_BUFFER_TOO_LARGE", "ERR_STRING_TOO_LONG"]);

/** Whether Node refused something for its size alone. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && TOO_LARGE.has(String(error.code));
}

export function pathOf(file: string | URL): string {
  return file instanceof URL ? fileURLToPath(file) : file;
}

/** The bytes of a file, unpacked when its name ends in .gz. @throws EngineError when it cannot be read. */
export function readBytes(op: string, file: string | URL): Uint8Array {
  const name = pathOf(file);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(name);
  } catch (cause) {
    if (isTooLarge(cause)) {
      const fix = `a file that is read at once has less than ${MOST_GIBIBYTES} GiB`;
      throw new EngineError("value", `${op}: ${name} cannot be read`, { cause, fix });
    }
    throw new EngineError("value", `${op}: ${name} cannot be read: ${whyUnreadable(cause)}`, { cause });
  }
  if (!name.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_GIBIBYTES * 2 ** 30 });
  } catch (cause) {
    if (isTooLarge(cause)) {
      const message = `${op}: ${name} has more than ${MOST_GIBIBYTES} GiB when it is unpacked`;
      throw new EngineError("value", message, { cause, fix: "split it" });
    }
    throw new EngineError("value", `${op}: ${name} is no gzip file, or is damaged`, { cause, fix: "fetch it again" });
  }
}

/** @throws EngineError when the file cannot be written. */
export function writeBytes(op: string, file: string | URL, bytes: Uint8Array): void {
  try {
    writeFileSync(pathOf(file), bytes);
  } catch (cause) {
    throw new EngineError("value", `${op}: ${pathOf(file)} cannot be written`, {
      cause,
      fix: "check that its folder exists",
    });
  }
}
