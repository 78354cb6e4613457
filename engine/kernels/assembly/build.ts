import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Control } from "../../memory/shared-memory.ts";
import { DIGEST_FILE, sourceDigest } from "../source-digest.ts";
import { convolutionSource } from "./convolution-source.ts";
import { elementwiseSource } from "./elementwise-source.ts";
import { gemmSource } from "./gemm-source.ts";
import { mathSource } from "./math-source.ts";
import { reductionSource } from "./reduction-source.ts";
import { rowSource } from "./row-source.ts";
import { TARGETS, dialectsOf, type Target } from "./target.ts";
import { conversionSource, windowSource } from "./window-source.ts";

/** Reserved by the engine; a module that imports more than there is cannot be instantiated, so this is the least. */
const INITIAL_PAGES = 1024;
const MAXIMUM_PAGES = 65_536;
/** What each build may keep in memory besides code: builds that are compared share one memory. */
const CONSTANT_BYTES = 2048;

/** The AssemblyScript source of one build. */
export function kernelSource(target: Target): string {
  const parts = dialectsOf(target).flatMap((dialect) => [
    mathSource(dialect),
    elementwiseSource(dialect),
    reductionSource(dialect),
    rowSource(dialect),
    windowSource(dialect),
    gemmSource(dialect),
    convolutionSource(dialect),
    dialect.constants.source(),
  ]);
  return [...parts, conversionSource()].join("\n");
}

async function compile(source: string, memoryBase: number): Promise<Uint8Array> {
  const { default: asc } = await import("assemblyscript/asc");
  const errors: string[] = [];
  const outputs = new Map<string, Uint8Array | string>();
  const { error } = await asc.main(
    [
      "/kernels.ts",
      ...["-o", "kernels.wasm", "--runtime", "stub", "-O3", "--noAssert", "--enable", "simd,relaxed-simd,threads"],
      ...["--importMemory", "--sharedMemory", "--memoryBase", String(memoryBase)],
      ...["--initialMemory", String(INITIAL_PAGES), "--maximumMemory", String(MAXIMUM_PAGES)],
    ],
    {
      readFile: (name) => (name.endsWith("kernels.ts") ? source : null),
      writeFile: (name, content) => void outputs.set(name, content),
      stderr: { write: (text) => void errors.push(String(text)) },
      stdout: { write: () => undefined },
    },
  );
  const wasm = outputs.get("kernels.wasm");
  if (error || !(wasm instanceof Uint8Array)) throw new Error(`the kernels do not compile:\n${errors.join("")}`);
  return wasm;
}

/**
 * Writes the three builds of the kernels to `outFolder`, as `portable.wasm`, `relaxed.wasm` and `revectorized.wasm`.
 * What was compiled before from the same source is taken from `cacheFolder`.
 */
export async function buildKernels(outFolder: string, options: { readonly cacheFolder?: string } = {}): Promise<void> {
  await mkdir(outFolder, { recursive: true });
  const { cacheFolder } = options;
  if (cacheFolder !== undefined) await mkdir(cacheFolder, { recursive: true });
  for (const [index, target] of TARGETS.entries()) {
    const source = kernelSource(target);
    const memoryBase = Control.kernelConstants + index * CONSTANT_BYTES;
    const out = join(outFolder, `${target.name}.wasm`);
    if (cacheFolder === undefined) {
      await writeWhole(out, await compile(source, memoryBase));
      continue;
    }
    const hash = createHash("sha256").update(`${memoryBase} ${source}`).digest("hex").slice(0, 20);
    const cached = join(cacheFolder, `${target.name}-${hash}.wasm`);
    const known = await readFile(cached).catch(() => null);
    const wasm = known ?? (await compile(source, memoryBase));
    if (!known) await writeWhole(cached, wasm);
    const before = await readFile(out).catch(() => null);
    if (!before?.equals(wasm)) await writeWhole(out, wasm);
  }
  await writeWhole(join(outFolder, DIGEST_FILE), sourceDigest() ?? "");
}

/** Readers never see half a file. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, content);
  await rename(partial, path);
}
