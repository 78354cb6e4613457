import type { PassId } from "../../protocol/ids.ts";

/** The names of a recording's entries. */
export const MANIFEST = "manifest.json";
export const RANK = "rank.json";
export const RUN = "run.json";
export const STEPS = "steps.safetensors";

const PASS = /^passes\/(\d{6,15})\.safetensors$/u;

export function passEntry(pass: PassId): string {
  return `passes/${String(pass).padStart(6, "0")}.safetensors`;
}

/** The pass that an entry holds; null for every other entry. */
export function passOfEntry(name: string): PassId | null {
  const number = PASS.exec(name)?.[1];
  return number === undefined ? null : (Number(number) as PassId);
}

export function structureEntry(name: string): string {
  return `structures/${name}.safetensors`;
}

/**
 * Where the text of a source file lies: under its path, each part of it percent-encoded. Found from the path, never turned
 * back into one.
 */
export function sourceEntry(file: string): string {
  const parts = file.split(/[\\/]/u).filter((part) => part !== "");
  return ["sources", ...parts.map((part) => encodeURIComponent(part).replace(/^\.+$/u, "%2E"))].join("/");
}
