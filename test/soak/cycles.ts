import { existsSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DebugClient } from "../golden/debug/debug-client.ts";

/** What many launch–step–stop cycles leave behind. */
export interface Leftovers {
  readonly cycles: number;
  /** Engine processes that are still alive. */
  readonly processes: number;
  /** Timers, pipes and processes that this process still waits for, beyond those it had before. */
  readonly resources: number;
  /** Debug sessions that have ended and that something still holds on to, with all that they had read. */
  readonly sessions: number;
  /** Temporary folders that were made and are still there. */
  readonly folders: number;
  /** Growth of the live heap between the first tenth of the cycles and the last, in bytes. */
  readonly heapGrowth: number;
  /** Median time from launch to the first stop, ms. */
  readonly firstStop: number;
}

/** How long the last cycle's pipes may take to close. */
const CLOSING_MILLISECONDS = 5_000;

/** The moments at which a person may end a session; each cycle takes the next. */
const ENDINGS = ["stepped", "running", "launching", "stopped"] as const;

export async function runCycles(
  cycles: number,
  progress: (done: number) => void = () => undefined,
): Promise<Leftovers> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // A turn later: a test's runner sets its timer only once the test has returned its promise.
  await new Promise((resolve) => setImmediate(resolve));
  const resourcesBefore = process.getActiveResourcesInfo().length;
  const folders: string[] = [];
  const processIds: number[] = [];
  const adapters: WeakRef<object>[] = [];
  const firstStops: number[] = [];
  let heapAtStart = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const client = new DebugClient();
    const firstStop = await runCycle(client, ENDINGS[cycle % ENDINGS.length] ?? "stepped");
    if (firstStop !== null) firstStops.push(firstStop);
    adapters.push(new WeakRef(client.adapter));
    folders.push(client.folder);
    if (client.processId !== undefined) processIds.push(client.processId);
    if (cycle === Math.floor(cycles / 10)) {
      collect();
      heapAtStart = process.memoryUsage().heapUsed;
    }
    progress(cycle + 1);
  }
  // The last pipes close some turns after their processes.
  const deadline = performance.now() + CLOSING_MILLISECONDS;
  while (process.getActiveResourcesInfo().length > resourcesBefore && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  collect();
  const alive = adapters.filter((adapter) => adapter.deref() !== undefined).length;
  return {
    cycles,
    // The last one is still in use here.
    sessions: Math.max(0, alive - 1),
    processes: processIds.filter(isAlive).length,
    resources: process.getActiveResourcesInfo().length - resourcesBefore,
    folders: folders.filter((folder) => existsSync(folder)).length,
    heapGrowth: process.memoryUsage().heapUsed - heapAtStart,
    firstStop: firstStops.sort((a, b) => a - b)[firstStops.length >> 1] ?? NaN,
  };
}

async function runCycle(client: DebugClient, ending: (typeof ENDINGS)[number]): Promise<number | null> {
  const started = performance.now();
  await client.launch(ending === "running" ? "loop.ts" : "mlp.ts");
  if (ending === "launching") {
    await client.close();
    return null;
  }
  await client.event("stopped");
  const firstStop = performance.now() - started;
  if (ending === "running") {
    await client.request("continue", { threadId: 1 });
    await client.event("output");
  } else if (ending === "stepped") {
    await client.look();
    await client.step("next");
    await client.step("next");
    await client.step("stepBack");
  }
  await client.close();
  return firstStop;
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
