import { enableCompileCache, flushCompileCache, getCompileCacheDir } from "node:module";
import path from "node:path";
import { keepWithin, removeOldFolders, type FolderBounds } from "./bounded-folder.ts";

const MONTH_MILLISECONDS = 30 * 24 * 3600 * 1000;
/** How large the folder of one version of Node may grow. A launch of what is shipped has some 60 files with 3 MiB. */
const BOUNDS: FolderBounds = { files: 5000, bytes: 128 * 2 ** 20, milliseconds: MONTH_MILLISECONDS };

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
  if (folder !== undefined) boundCompiledCode(folder);
}

/** @param folder of the version of Node that runs; beside it are those of others, which nobody may run any more */
export function boundCompiledCode(folder: string, bounds = BOUNDS): void {
  keepWithin(folder, bounds);
  removeOldFolders(path.dirname(folder), path.basename(folder), bounds.milliseconds);
}
