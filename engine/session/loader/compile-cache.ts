import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire, enableCompileCache, flushCompileCache } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type TS from "typescript";
import type { CompiledModule } from "./compiled-module.ts";
import { compileModule, type CompileOptions } from "./transform.ts";

const MOST_ENTRIES = 1000;

/**
 * Compiles files, and keeps what came out on disk by the hash of what went in: loading the compiler takes some 180 ms,
 * reading a result less than one. Several processes may share a folder: an entry appears whole or not at all. A folder
 * that cannot be written or an entry that cannot be read costs time, nothing else.
 */
export class CompileCache {
  readonly #folder: string;
  #version: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  compile(source: string, fileName: string, options: CompileOptions): CompiledModule {
    this.#version ??= compilerVersion();
    const key = createHash("sha256")
      .update(JSON.stringify([this.#version, path.extname(fileName), options]))
      .update(source)
      .digest("hex")
      .slice(0, 40);
    const entry = path.join(this.#folder, `${key}.json`);
    const kept = readEntry(entry);
    // What was asked about other files may have another answer now.
    const asks = options.isType ?? ((): boolean => false);
    if (kept?.passedOn.every(({ specifier, name, isType }) => asks(specifier, name) === isType)) return kept;
    const compiled = this.#withCompiler((ts) => compileModule(ts, source, fileName, options));
    // What does not parse is about to be mended.
    if (compiled.diagnostics.length === 0) this.#write(entry, compiled);
    return compiled;
  }

  /** V8's code for the compiler is kept too: it then loads in a third of the time. */
  #withCompiler<T>(use: (ts: typeof TS) => T): T {
    if (loaded !== undefined) return use(loaded);
    enableCompileCache(path.join(this.#folder, "v8"));
    const result = use(typescript());
    // Now that what a file takes is compiled, and as a thread that is ended from outside writes nothing.
    flushCompileCache();
    return result;
  }

  #write(entry: string, compiled: CompiledModule): void {
    const unfinished = `${entry}.${process.pid}-${performance.now()}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(unfinished, JSON.stringify(compiled));
      renameSync(unfinished, entry);
      this.#dropOldest();
    } catch {
      removeIfThere(unfinished);
    }
  }

  #dropOldest(): void {
    const entries = readdirSync(this.#folder);
    if (entries.length <= MOST_ENTRIES) return;
    const byAge = entries
      .map((name) => path.join(this.#folder, name))
      .map((file) => ({ file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => a.time - b.time);
    for (const { file } of byAge.slice(0, entries.length - MOST_ENTRIES / 2)) removeIfThere(file);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true });
  } catch {
    // The folder is not one, or is not ours to change.
  }
}

function readEntry(entry: string): CompiledModule | null {
  try {
    return JSON.parse(readFileSync(entry, "utf8")) as CompiledModule;
  } catch {
    return null;
  }
}

/** The compiler as it is shipped, minified; what it is built from is a package of the developers'. */
export const COMPILER_URL = new URL("../../../dist/typescript.cjs", import.meta.url).href;

let loaded: typeof TS | undefined;

/** The compiler, loaded when it is first needed: beside the bundle, else as the package. */
export function typescript(): typeof TS {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  try {
    loaded = require(fileURLToPath(COMPILER_URL)) as typeof TS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    loaded = require("typescript") as typeof TS;
  }
  return loaded;
}

/** Changes whenever what compiles does: in a bundle this file's own name carries a hash, unbundled there are several. */
function compilerVersion(): string {
  const own = fileURLToPath(import.meta.url);
  const sources = readdirSync(path.dirname(own)).filter((name) => name.endsWith(".ts"));
  return [...sources.map((name) => path.join(path.dirname(own), name)), own]
    .map((file) => {
      const { size, mtimeMs } = statSync(file);
      return `${path.basename(file)} ${size} ${mtimeMs}`;
    })
    .join();
}
