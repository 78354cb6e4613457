import { parentPort, workerData } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import { currentSite, onLabel } from "../../../engine/context/site.ts";
import type { Failure } from "../../../engine/protocol/failure.ts";
import { ModelError } from "../../../engine/session/loader/errors.ts";
import { ModelLoader } from "../../../engine/session/loader/model-loader.ts";
import { SiteRegistry } from "../../../engine/session/loader/site-registry.ts";
import type { ThreadData, ThreadResult } from "./model-run.ts";
import { Tensor } from "./tiny-engine/index.ts";

/** Runs one model file, with the loader or as Node does by itself, and posts what came of it. */
const { file, cacheFolder, argv, natively } = workerData as ThreadData;
const registry = new SiteRegistry();
const loader = new ModelLoader({
  engineUrl: new URL("./tiny-engine/index.ts", import.meta.url).href,
  cacheFolder,
  registry,
  argv,
});
const lines: string[] = [];
const labels: string[] = [];
const late: Failure[] = [];
let failure: Failure | null = null;

onLabel((value, name) => {
  if (value instanceof Tensor && value.label === "") {
    value.label = name;
    labels.push(name);
  }
});
Object.assign(globalThis, {
  log: (...values: unknown[]) => lines.push(values.map(String).join(" ")),
  here: () => registry.get(currentSite()),
  frames: () => loader.frames(),
});
process.on("unhandledRejection", (reason) => late.push(loader.describe(reason, "rejection")));
process.on("uncaughtException", (error) => late.push(loader.describe(error, "exception")));
process.on("beforeExit", () => {
  const compilerLoaded = process.getBuiltinModule("node:module").createRequire(import.meta.url).cache;
  const result: ThreadResult = {
    lines,
    labels,
    failure,
    late,
    sites: registry.takeNew(),
    loadedCompiler: Object.keys(compilerLoaded).some((name) => /typescript\.c?js$/.test(name)),
  };
  parentPort!.postMessage(result);
});

try {
  if (natively) await import(pathToFileURL(file).href);
  else await loader.load(file);
} catch (error) {
  if (natively) lines.push(String((error as Error).stack));
  else if (error instanceof ModelError) failure = error.failure;
  else throw error;
}
