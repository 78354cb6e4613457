import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { EngineError } from "../../context/engine-error.ts";

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
    throw new EngineError("value", `${op}: ${name} cannot be read`, { cause, fix: "check the path" });
  }
  if (!name.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
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
