import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { createRequire, flushCompileCache } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type TS from "typescript";
import type { FolderBounds } from "../../context/bounded-folder.ts";
import { KeptTexts } from "../../context/user-cache.ts";
import { keepCompiledCode } from "../../context/compiled-code.ts";
import { isCompiledModule, type CompiledModule } from "./compiled-module.ts";
import { compileModule, type CompileOptions } from "./transform.ts";

const BOUNDS: FolderBounds = { files: 1000, bytes: 64 * 2 ** 20, milliseconds: 90 * 24 * 3600 * 1000 };

/**
 * Compiles files, and keeps what came out on disk by the hash of what went in: loading the compiler takes some 180 ms,
 * reading a result less than one. A folder that cannot be written or an entry that cannot be read costs time, nothing else.
 */
export class CompileCache {
  readonly #kept: KeptTexts | null;
  #version: string | undefined;

  /** @param folder null to keep nothing */
  constructor(folder: string | null) {
    this.#kept = folder === null ? null : new KeptTexts(folder);
  }

  compile(source: string, fileName: string, options: CompileOptions): CompiledModule {
    this.#version ??= compilerVersion();
    const key = createHash("sha256")
      .update(JSON.stringify([this.#version, path.extname(fileName), options]))
      .update(source)
      .digest("hex")
      .slice(0, 40);
    const entry = `${key}.json`;
    const kept = this.#read(entry);
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
    if (loaded !== undefined || this.#kept === null) return use(typescript());
    keepCompiledCode(this.#kept.folder);
    const result = use(typescript());
    // Now that what a file takes is compiled, and as a thread that is ended from outside writes nothing.
    flushCompileCache();
    return result;
  }

  #read(entry: string): CompiledModule | null {
    try {
      const kept: unknown = JSON.parse(this.#kept?.read(entry) ?? "null");
      return isCompiledModule(kept) ? kept : null;
    } catch {
      return null;
    }
  }

  #write(entry: string, compiled: CompiledModule): void {
    this.#kept?.write(entry, JSON.stringify(compiled));
    this.#kept?.keepWithin(BOUNDS);
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
