import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { KeptTexts, userCacheFolder } from "../context/user-cache.ts";
import { createSharedMemory } from "../memory/shared-memory.ts";
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
 * The fastest build that computes right on this machine. To find out takes some 0.3 s, so it is remembered; one that V8 no
 * longer compiles is forgotten, and another found.
 * @returns null when none is there, or none works.
 * @throws Error when those in dist/kernels were built from other sources than are run.
 */
export function chooseKernelBuild(options: KernelBuildOptions = {}): KernelBuild | null {
  const folder = options.wasmFolder ?? builtFolder();
  if (options.wasmFolder === undefined) refuseStaleBuilds(folder);
  const files = readBuilds(folder, options.deterministic ? ["portable"] : CANDIDATES);
  const cache = options.cacheFolder === undefined ? userCacheFolder() : options.cacheFolder;
  const kept = cache === null ? null : new KeptTexts(cache);
  const entry = `kernels-${machine(files)}`;
  const known = kept?.read(entry);
  const named = files.find(({ name }) => name === known);
  const remembered = named ? compiled(named) : null;
  if (named && !remembered) kept?.remove(entry);
  const best = remembered ?? fastest(files);
  // V8 compiles what is called often once more, later.
  if (best) useRevectorizer(best.name);
  if (best && !remembered) kept?.write(entry, best.name);
  return best;
}

/** A build as it lies in its file. */
interface BuildFile {
  readonly name: KernelBuildName;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Those builds that are there and can be read. */
function readBuilds(folder: string, names: readonly KernelBuildName[]): readonly BuildFile[] {
  return names.flatMap((name) => {
    try {
      return [{ name, bytes: readFileSync(join(folder, `${name}.wasm`)) }];
    } catch {
      return [];
    }
  });
}

/** The fastest of those that pass the test. */
function fastest(files: readonly BuildFile[]): KernelBuild | null {
  const memory = createSharedMemory(64 * 2 ** 20);
  let best: KernelBuild | null = null;
  let bestTime = Infinity;
  for (const file of files) {
    const build = compiled(file);
    if (!build || !passesSelfTest(memory, build.module)) continue;
    const time = timeProduct(memory, build.module);
    // A later candidate must be clearly faster, or noise would decide.
    if (time < bestTime * 0.93) [best, bestTime] = [build, time];
  }
  return best;
}

/** Compiles one build, or gives null where it is missing or V8 does not know its instructions. */
export function compile(name: KernelBuildName, folder: string): WebAssembly.Module | null {
  const [file] = readBuilds(folder, [name]);
  return (file && compiled(file)?.module) ?? null;
}

function compiled({ name, bytes }: BuildFile): KernelBuild | null {
  try {
    useRevectorizer(name);
    return { name, module: new WebAssembly.Module(bytes) };
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

/** What the choice depends on, in a few letters: the processor, V8, and the builds themselves. */
function machine(files: readonly BuildFile[]): string {
  const digest = createHash("sha256");
  for (const { name, bytes } of files) digest.update(name).update(bytes);
  const { arch, versions } = process;
  return digest.update([cpus()[0]?.model, arch, versions.v8].join()).digest("hex").slice(0, 16);
}
