import { watch } from "node:fs";
import { copyFile, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { build as bundle, context, type Metafile } from "esbuild";
import { bundles, copies } from "./build/bundles.ts";
import { buildDeclarations } from "./build/declarations.ts";
import { buildKernels } from "./build/kernels.ts";
import { noticesFile, noticesFor } from "./build/notices.ts";
import { buildTypeScript } from "./build/typescript-bundle.ts";
import { inRepository } from "./repository.ts";

async function copyAll(): Promise<void> {
  for (const [from, to] of copies) {
    const target = inRepository("dist", to);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(inRepository(from), target);
  }
}

/**
 * Removes the shared chunks of earlier builds; their names carry a hash of their content. While developing, the latest
 * stay for a while: an engine that is running may not have loaded all of its own yet.
 */
async function removeStaleChunks(metafiles: readonly Metafile[], olderThanMinutes: number): Promise<void> {
  const written = new Set(metafiles.flatMap((metafile) => Object.keys(metafile.outputs)));
  const before = Date.now() - olderThanMinutes * 60_000;
  for (const name of await readdir(inRepository("dist"))) {
    if (!name.startsWith("chunk-") || written.has(`dist/${name}`)) continue;
    const file = inRepository("dist", name);
    if ((await stat(file)).mtimeMs < before) await rm(file);
  }
}

/** Builds everything into dist/. A production build is minified, without source maps, and writes the notices. */
export async function build(production: boolean): Promise<void> {
  const started = performance.now();
  await mkdir(inRepository("dist"), { recursive: true });
  const declarations = buildDeclarations();
  const others = [buildTypeScript(), buildKernels(), copyAll()];
  // Each bundle is built even where another fails: half a product can be looked at while it is being written.
  const results = await Promise.allSettled(bundles(production).map((options) => bundle(options)));
  await Promise.all(others);
  const typesAreGood = await declarations;
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  const metafiles = results.filter((result) => result.status === "fulfilled").map((result) => result.value.metafile);
  await removeStaleChunks(metafiles, production ? 0 : 60);
  if (production) await writeFile(noticesFile, noticesFor(metafiles));
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
