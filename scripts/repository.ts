import { readFileSync } from "node:fs";
import path from "node:path";

/** Absolute path of the repository. */
export const repository = path.resolve(import.meta.dirname, "..");

/** Absolute path of a file or folder of the repository. */
export function inRepository(...parts: readonly string[]): string {
  return path.join(repository, ...parts);
}

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as Manifest;
}
