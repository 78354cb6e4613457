import { watch } from "node:fs";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { build as bundle, context, type Metafile } from "esbuild";
import { bundles, copies } from "./build/bundles.ts";
import { buildDeclarations } from "./build/declarations.ts";
import { buildKernels } from "./build/kernels.ts";
import { buildTypeScript } from "./build/typescript-bundle.ts";
import { inRepository } from "./repository.ts";

async function copyAll(): Promise<void> {
  for (const [from, to] of copies) {
    const target = inRepository("dist", to);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(inRepository(from), target);
  }
}

/** Removes the shared chunks of earlier builds: their names carry a hash of their content. */
async function removeStaleChunks(metafiles: readonly Metafile[]): Promise<void> {
  const written = new Set(metafiles.flatMap((metafile) => Object.keys(metafile.outputs)));
  for (const name of await readdir(inRepository("dist"))) {
    if (name.startsWith("chunk-") && !written.has(`dist/${name}`)) await rm(inRepository("dist", name));
  }
}

/** Builds everything into dist/. A production build is minified and has no source maps. */
export async function build(production: boolean): Promise<void> {
  const started = performance.now();
  await mkdir(inRepository("dist"), { recursive: true });
  const [typesAreGood, results] = await Promise.all([
    buildDeclarations(),
    Promise.all(bundles(production).map((options) => bundle(options))),
    buildTypeScript(),
    buildKernels(),
    copyAll(),
  ]);
  await removeStaleChunks(results.map((result) => result.metafile));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!typesAreGood) {
    // Worth a warning only: the bundles are whole, and `npm test` fails on it.
    console.warn("The engine does not pass the type check (`npx tsc -b engine`), so dist/types may be stale.");
  }
  console.log(`Built dist/ in ${seconds} s.`);
}

/** Builds, and builds again whenever a source changes, until the process is ended. */
async function watchAll(): Promise<void> {
  await build(false);
  for (const options of bundles(false)) await (await context({ ...options, logLevel: "info" })).watch();
  watch(inRepository("engine", "kernels"), { recursive: true }, () => {
    buildKernels().catch((error: unknown) => console.error(error));
  });
  console.log("Watching for changes; Ctrl-C ends it.");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { watch: { type: "boolean" }, production: { type: "boolean" } } });
  try {
    await (values.watch === true ? watchAll() : build(values.production === true));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
