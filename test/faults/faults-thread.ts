import { parentPort, workerData } from "node:worker_threads";
import { history } from "../../engine/autograd/history.ts";
import { recordOf } from "../../engine/reading/pass-record.ts";
import { LivePass } from "../../engine/reading/live-pass.ts";
import { runtime } from "../../engine/core/runtime.ts";
import "../../engine/index.ts";
import { ModelLoader } from "../../engine/session/loader/model-loader.ts";
import { SiteRegistry } from "../../engine/session/loader/site-registry.ts";
import { ThreadNames } from "../../engine/session/thread-names.ts";
import { TrainingMonitor } from "../../engine/training/training-monitor.ts";

/**
 * Runs programs one after the other in one engine, and posts what was found in each. They are imported by one entry file,
 * which calls `diagnosing` around each.
 */
const { entry, cacheFolder } = workerData as { readonly entry: string; readonly cacheFolder: string };
const registry = new SiteRegistry();
const loader = new ModelLoader({
  engineUrl: new URL("../../engine/index.ts", import.meta.url).href,
  cacheFolder,
  registry,
});
const names = new ThreadNames(registry);
history.budget = 0;

async function diagnosing(name: string, run: () => Promise<unknown>): Promise<void> {
  const monitor = new TrainingMonitor(
    (id) => registry.get(id),
    (pass) => new LivePass(runtime.memory, names, recordOf(pass, { parameters: [], backwardSites: [] })),
  );
  history.observer = { finished: (pass) => monitor.finished(pass), released: () => undefined };
  let failure: string | null = null;
  try {
    await run();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  parentPort!.postMessage({ name, failure, findings: monitor.findings(true) });
}

Object.assign(globalThis, { diagnosing });
await loader.load(entry);
process.exit(0);
