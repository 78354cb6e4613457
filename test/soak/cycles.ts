import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DebugClient } from "../golden/debug/debug-client.ts";
import { canLook, processesWith } from "../hostile/processes.ts";

/** What many launch–step–stop cycles leave behind. */
export interface Leftovers {
  readonly cycles: number;
  /** Processes that a cycle has started, itself or through its engine, and that are still alive. */
  readonly processes: number;
  /** Timers, pipes and processes that this process still waits for, beyond those it had before. */
  readonly resources: number;
  /** Debug sessions that have ended and that something still holds on to, with all that they had read. */
  readonly sessions: number;
  /** Temporary folders that were made and are still there. */
  readonly folders: number;
  /** Cycles that did not come to their end in time, or whose requests failed, as sentences. */
  readonly failures: readonly string[];
  /** Growth of the live heap since the first tenth of the cycles, in bytes. */
  readonly heapGrowth: number;
  /** Median time from launch to the first stop, ms. */
  readonly firstStop: number;
}

/** How long the last cycle's pipes may take to close. */
const CLOSING_MILLISECONDS = 5_000;
/** A cycle takes half a second; whatever takes so long will never end. */
const LONGEST_CYCLE_MILLISECONDS = 60_000;

/** The moments at which a person may end a session; each cycle takes the next. */
const ENDINGS = ["stepped", "running", "launching", "stopped"] as const;
type Ending = (typeof ENDINGS)[number];

/** What carries this variable was started by this soak. A number of a process is soon given to another one, or to a thread. */
const MARK = "BACKSTEP_SOAK";

/** Launches, steps and stops again and again, and counts what is left whenever somebody asks. */
export class Cycles {
  readonly #mark = randomUUID();
  readonly #folders: string[] = [];
  readonly #processIds: number[] = [];
  readonly #firstStops: number[] = [];
  readonly #failures: string[] = [];
  readonly #collect: () => void;
  #adapters: WeakRef<object>[] = [];
  #resourcesBefore = 0;
  #heapBefore = 0;
  #done = 0;

  constructor() {
    setFlagsFromString("--expose-gc");
    this.#collect = runInNewContext("gc") as () => void;
  }

  /** @param goesOn asked after each cycle; false ends the soak before its time */
  async run(cycles: number, goesOn: (done: number) => boolean = () => true): Promise<void> {
    process.env[MARK] = this.#mark;
    // A turn later: a test's runner sets its timer only once the test has returned its promise.
    await new Promise((resolve) => setImmediate(resolve));
    this.#resourcesBefore = process.getActiveResourcesInfo().length;
    while (this.#done < cycles) {
      await this.#attempt(ENDINGS[this.#done % ENDINGS.length] ?? "stepped");
      this.#done++;
      if (this.#done === Math.ceil(cycles / 10)) this.#heapBefore = this.#liveHeap();
      if (!goesOn(this.#done)) break;
    }
    // The last pipes close some turns after their processes.
    const deadline = performance.now() + CLOSING_MILLISECONDS;
    while (this.#resources > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    Reflect.deleteProperty(process.env, MARK);
  }

  /** What is left of all cycles that have ended. */
  leftovers(): Leftovers {
    const heap = this.#liveHeap();
    this.#adapters = this.#adapters.filter((adapter) => adapter.deref() !== undefined);
    return {
      cycles: this.#done,
      // The last one is still in use here.
      sessions: Math.max(0, this.#adapters.length - 1),
      processes: canLook ? processesWith(`${MARK}=${this.#mark}`).length : this.#processIds.filter(isAlive).length,
      resources: this.#resources,
      folders: this.#folders.filter((folder) => existsSync(folder)).length,
      failures: this.#failures,
      heapGrowth: this.#heapBefore === 0 ? 0 : heap - this.#heapBefore,
      firstStop: this.#firstStops.toSorted((a, b) => a - b)[this.#firstStops.length >> 1] ?? NaN,
    };
  }

  get #resources(): number {
    return process.getActiveResourcesInfo().length - this.#resourcesBefore;
  }

  #liveHeap(): number {
    this.#collect();
    return process.memoryUsage().heapUsed;
  }

  /** A cycle that hangs is ended, and the next one begins: a long run tells of all of them. */
  async #attempt(ending: Ending): Promise<void> {
    const client = new DebugClient();
    this.#folders.push(client.folder);
    this.#adapters.push(new WeakRef(client.adapter));
    const timer = new AbortController();
    const late = delay(LONGEST_CYCLE_MILLISECONDS, "late" as const, { signal: timer.signal }).catch(() => null);
    try {
      const cycle = runCycle(client, ending);
      const firstStop = await Promise.race([cycle, late]);
      if (firstStop === "late") throw new Error("it did not end in time");
      if (firstStop !== null) this.#firstStops.push(firstStop);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failures.push(`cycle ${this.#done + 1} (${ending}): ${reason}`);
      await client.close().catch(() => undefined);
    }
    timer.abort();
    if (client.processId !== undefined) this.#processIds.push(client.processId);
  }
}

async function runCycle(client: DebugClient, ending: Ending): Promise<number | null> {
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
