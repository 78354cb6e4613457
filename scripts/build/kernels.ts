import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { inRepository, readManifest } from "../repository.ts";

const sources = inRepository("engine", "kernels", "assembly");

/** What `engine/kernels/assembly/build.ts` exports. */
interface KernelBuild {
  /** Compiles every kernel module into a folder that exists. */
  readonly buildKernels: (outputFolder: string) => Promise<void>;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(readManifest().devDependencies["assemblyscript"] ?? "");
  const files = (await readdir(sources, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).sort()) {
    hash.update(`\0${path.relative(sources, file)}\0`).update(await readFile(file));
  }
  return hash.digest("hex");
}

/** Writes dist/kernels/*.wasm, unless they were built from just these sources. */
export async function buildKernels(): Promise<void> {
  const script = path.join(sources, "build.ts");
  if (!existsSync(script)) return;
  const folder = inRepository("dist", "kernels");
  const stamp = path.join(folder, "sources.sha256");
  const hash = await hashOfSources();
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === hash) return;
  await mkdir(folder, { recursive: true });
  const build = (await import(script)) as KernelBuild;
  await build.buildKernels(folder);
  await writeFile(stamp, hash);
}
