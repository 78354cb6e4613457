import { enableCompileCache, flushCompileCache, getCompileCacheDir } from "node:module";
import path from "node:path";
import { KeptTexts } from "./user-cache.ts";

/** Files in the folder: a launch of what is shipped has some 60. */
const MOST_FILES = 5000;

function folderIn(cacheFolder: string): string {
  return path.join(cacheFolder, "v8");
}

/** Keeps V8's code of the modules that this thread loads from here on, so that another launch need not compile them. */
export function keepCompiledCode(cacheFolder: string | null): void {
  if (cacheFolder !== null) enableCompileCache(folderIn(cacheFolder));
}

/** The variables of a thread that keeps its modules' code from its start. */
export function keepingCompiledCode(cacheFolder: string | null): NodeJS.ProcessEnv {
  return cacheFolder === null ? process.env : { NODE_COMPILE_CACHE: folderIn(cacheFolder), ...process.env };
}

/** In a thread that was started so: what its program starts is another's affair. */
export function forgetCompiledCode(cacheFolder: string | null): void {
  if (cacheFolder === null || process.env["NODE_COMPILE_CACHE"] !== folderIn(cacheFolder)) return;
  delete process.env["NODE_COMPILE_CACHE"];
}

let written = false;

/** Writes what has been compiled by now, once: a thread that is ended from outside writes nothing. */
export function writeCompiledCode(): void {
  if (written) return;
  written = true;
  flushCompileCache();
  const folder = getCompileCacheDir();
  if (folder !== undefined) new KeptTexts(folder).keepAtMost(MOST_FILES);
}
