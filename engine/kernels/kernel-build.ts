import { readFileSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { KeptTexts, userCacheFolder } from "../context/user-cache.ts";
import { createSharedMemory, type SharedMemory } from "../memory/shared-memory.ts";
import { passesSelfTest, timeProduct } from "./self-test.ts";
import { refuseStaleBuilds } from "./source-digest.ts";

/** A compiled build of the WASM kernels; it may be posted to other threads. */
export interface KernelBuild {
  readonly name: KernelBuildName;
  readonly module: WebAssembly.Module;
}

export type KernelBuildName = "portable" | "relaxed" | "revectorized";

export interface KernelBuildOptions {
  /** Only the build that gives the same bits on every machine. */
  readonly deterministic?: boolean;
  /** Where the builds are, when not in dist/kernels. */
  readonly wasmFolder?: string;
  /** Where the choice for this machine is remembered; null to choose anew. */
  readonly cacheFolder?: string | null;
}

/** The order in which builds are preferred when they are equally fast. */
const CANDIDATES: readonly KernelBuildName[] = ["revectorized", "relaxed", "portable"];

/**
 * The fastest build that computes right on this machine. The choice takes some 0.3 s and is remembered.
 * @returns null when none is there, or none works.
 * @throws Error when those in dist/kernels were built from other sources than are run.
 */
export function chooseKernelBuild(options: KernelBuildOptions = {}): KernelBuild | null {
  const folder = options.wasmFolder ?? builtFolder();
  if (options.wasmFolder === undefined) refuseStaleBuilds(folder);
  const memory = createSharedMemory(64 * 2 ** 20);
  if (options.deterministic) return loadTested("portable", folder, memory);
  const cache = options.cacheFolder === undefined ? userCacheFolder() : options.cacheFolder;
  const remembered = cache === null ? null : recall(cache, folder);
  if (remembered) {
    const build = loadTested(remembered, folder, memory);
    if (build) return build;
  }
  let best: KernelBuild | null = null;
  let bestTime = Infinity;
  for (const name of CANDIDATES) {
    const build = loadTested(name, folder, memory, true);
    if (!build) continue;
    const time = timeProduct(memory, build.module);
    // A later candidate must be clearly faster, or noise would decide.
    if (time < bestTime * 0.93) [best, bestTime] = [build, time];
  }
  // V8 compiles what is called often once more, later.
  if (best) useRevectorizer(best.name);
  if (cache !== null && best) remember(cache, folder, best.name);
  return best;
}

function loadTested(name: KernelBuildName, folder: string, memory: SharedMemory, inFull = false): KernelBuild | null {
  const module = compile(name, folder);
  return module && passesSelfTest(memory, module, inFull) ? { name, module } : null;
}

/** Compiles one build, or gives null where it is missing or the engine does not know its instructions. */
export function compile(name: KernelBuildName, folder: string): WebAssembly.Module | null {
  try {
    const bytes = readFileSync(join(folder, `${name}.wasm`));
    useRevectorizer(name);
    return new WebAssembly.Module(bytes);
  } catch {
    return null;
  }
}

/** Must come before a build is compiled. A V8 that does not have the flag prints a warning and goes on. */
function useRevectorizer(name: KernelBuildName): void {
  setFlagsFromString(`--${name === "revectorized" ? "" : "no-"}experimental-wasm-revectorize`);
}

/** dist/kernels: beside the bundle, or two folders up from this source file. */
export function builtFolder(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../dist/kernels/" : "./kernels/";
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** What the choice depends on: the processor, V8, and the builds themselves. */
function machine(folder: string): string {
  const files = CANDIDATES.map((name) => {
    const file = statSync(join(folder, `${name}.wasm`), { throwIfNoEntry: false });
    return file ? `${name}:${file.size}:${Math.round(file.mtimeMs)}` : `${name}:none`;
  });
  return [cpus()[0]?.model ?? "", process.arch, process.versions.v8, ...files].join(" ");
}

/** Where the choice is kept. */
const CHOICE = "kernel-build.json";

function recall(cache: string, folder: string): KernelBuildName | null {
  try {
    const known: unknown = JSON.parse(new KeptTexts(cache).read(CHOICE) ?? "null");
    if (typeof known !== "object" || known === null || !("machine" in known) || !("build" in known)) return null;
    return known.machine === machine(folder) ? (CANDIDATES.find((name) => name === known.build) ?? null) : null;
  } catch {
    return null;
  }
}

function remember(cache: string, folder: string, build: KernelBuildName): void {
  new KeptTexts(cache).write(CHOICE, JSON.stringify({ machine: machine(folder), build }));
}
