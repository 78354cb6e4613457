import { syncBuiltinESMExports } from "node:module";
import workerThreads from "node:worker_threads";
import { currentSite } from "../context/site.ts";
import "../index.ts";
import type { Failure } from "../protocol/failure.ts";
import { runtime } from "../core/runtime.ts";
import { manualSeed } from "../core/random-state.ts";
import { onWarning } from "../context/warning.ts";
import { awaitTfjs, provideLoaded } from "../recorders/tfjs/attach.ts";
import { ModelLoader } from "./loader/model-loader.ts";
import { SiteRegistry } from "./loader/site-registry.ts";
import { isFrozen } from "./freeze.ts";
import { lookAtValues } from "./evaluated-values.ts";
import type { UserThreadData } from "./messages.ts";
import { noteClocks } from "./clock-notes.ts";
import { forgetCompiledCode } from "../context/compiled-code.ts";
import { seedMathRandom } from "./seeded-math.ts";
import { redirectOutput } from "./user-output.ts";
import { ProgramStacks } from "./program-stacks.ts";
import { spareParent } from "./spared-parent.ts";
import { UserSession } from "./user-session.ts";

/**
 * The thread that runs the model file. The engine module starts its runtime over the shared memory that `workerData`
 * carries, so it is the same engine that the model file imports as "backstep".
 */
const { launch, cacheFolder, messages: port, requests, breakpoints } = workerThreads.workerData as UserThreadData;
const registry = new SiteRegistry();
const loader = new ModelLoader({
  engineUrl: new URL("../index.ts", import.meta.url).href,
  cacheFolder,
  registry,
  argv: launch.args,
  texts: new Map((launch.texts ?? []).map(({ file, text }) => [file, text])),
});
const session = new UserSession(
  launch,
  port,
  requests,
  breakpoints,
  registry,
  (error) => loader.describe(error, "exception"),
  new ProgramStacks({ here: () => loader.frames(), read: (stack) => loader.framesOf(stack) }, registry),
  (name, file) => loader.functionNamed(name, file),
);
/** Whoever reads a clock is that far up the stack from here: past this callback, and two functions of `noteClocks`. */
const CLOCK_DEPTH = 4;
let ended = false;

function end(failure: Failure | null, exitCode: number): void {
  if (ended) return;
  ended = true;
  session.end(failure, exitCode);
}

appearAsMainThread();
spareParent();
forgetCompiledCode(cacheFolder);
lookAtValues(() => {
  session.leave();
  return loader.frames();
});
provideLoaded();
awaitTfjs({ program: launch.program, sites: () => registry.all });
redirectOutput({ memory: runtime.memory, port });
if (launch.seed !== null) manualSeed(launch.seed);
seedMathRandom(launch.seed ?? 0);
noteClocks((source) => session.clockRead(source, loader.frameAt(CLOCK_DEPTH)));

const warned = new Set<string>();
onWarning((kind, message) => {
  const site = currentSite();
  const key = `${kind} ${site}`;
  if (warned.has(key)) return;
  warned.add(key);
  session.warn({ kind: "value", message, site: registry.get(site) });
});

process.on("uncaughtException", (error) => end(loader.describe(error, "exception"), 1));
process.on("unhandledRejection", (reason) => end(loader.describe(reason, "rejection"), 1));
process.on("beforeExit", () => {
  const status = Number(process.exitCode ?? 0);
  if (!isLoaded) end(unsettledAwait(), 13);
  else end(status === 0 ? null : exited(`the file set process.exitCode to ${status}`), status);
});
// A file may end itself; its passes are looked at all the same.
process.exit = (code?: number | string | null): never => {
  if (isFrozen(runtime.memory)) throw new Error("process.exit() does nothing while the file stands still");
  const status = Number(code ?? process.exitCode ?? 0);
  end(status === 0 ? null : exited(`the file called process.exit(${status})`), status);
  throw new Error("unreachable: the thread stands still after its end");
};

let isLoaded = false;
loader.load(launch.program).then(
  () => (isLoaded = true),
  (error: unknown) => end(loader.describe(error, "exception"), 1),
);

function exited(message: string): Failure {
  return { kind: "exited", message, site: registry.get(currentSite()) };
}

/** Nothing is left that could go on, and the file has not come to its end: Node ends such a program with status 13. */
function unsettledAwait(): Failure {
  return {
    ...exited("a top-level await never settled, so that the rest of the file did not run"),
    fix: "await a promise that something resolves; the place is that of the last call before",
  };
}

/** A program that runs itself again in a worker has to tell the two apart, and what this thread was given is not its. */
function appearAsMainThread(): void {
  Object.assign(workerThreads, { isMainThread: true, parentPort: null, workerData: null });
  syncBuiltinESMExports();
}
