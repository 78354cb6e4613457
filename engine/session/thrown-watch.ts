import type { Debugger } from "node:inspector";
import type { SiteId } from "../protocol/ids.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { WorkerDebugger } from "./worker-debugger.ts";

/** How long after such a throw somebody looks, for the first time and between two times. */
const LOOK_MILLISECONDS = 1000;
/** A program that throws them again and again, and catches them, is left alone after so many looks. */
const MOST_LOOKS = 3;
/** A thread that waits for an event runs nothing that could be paused. */
const PAUSE_MILLISECONDS = 500;
/** Node's own modules that run a file and read the `name` of what it threw. */
const RUNS_FILES = "node:internal/modules/";

/**
 * Looks whether a program has ended by throwing something that never lets itself be read: Node reads the `name` of whatever a
 * file throws, in the program's own thread, and a getter or a trap of a Proxy behind it may loop for ever.
 */
export class ThrownWatch {
  readonly #memory: SharedMemory;
  readonly #threadId: () => number;
  readonly #found: (site: SiteId) => void;
  /** Where the last of them was thrown. */
  #site = 0 as SiteId;
  #looks = 0;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param found called once, when the thread is in such a loop, with where that was thrown */
  constructor(memory: SharedMemory, threadId: () => number, found: (site: SiteId) => void) {
    this.#memory = memory;
    this.#threadId = threadId;
    this.#found = found;
  }

  /** The program has thrown something whose `name` is code. */
  start(site: SiteId): void {
    this.#site = site;
    if (this.#looks === 0) this.#lookLater();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#isStopped || this.#looks++ >= MOST_LOOKS) return;
    this.#timer = setTimeout(() => {
      void isReadingThrown(this.#memory, this.#threadId()).then((isReading) => {
        // The program may have ended while somebody looked.
        if (this.#isStopped) return;
        if (isReading) this.#found(this.#site);
        else this.#lookLater();
      });
    }, LOOK_MILLISECONDS);
  }
}

/** Whether Node's loader has called code of the program's that is no file: a getter or a trap. */
async function isReadingThrown(memory: SharedMemory, threadId: number): Promise<boolean> {
  let attached: WorkerDebugger | null = null;
  try {
    attached = await WorkerDebugger.attach(memory, threadId);
    let timer: NodeJS.Timeout | undefined;
    const idle = new Promise<null>((resolve) => (timer = setTimeout(resolve, PAUSE_MILLISECONDS, null)));
    const paused = await Promise.race([attached.pause<Debugger.PausedEventDataType>(), idle]);
    clearTimeout(timer);
    if (paused === null) return false;
    const { callFrames } = paused;
    await attached.resume();
    const { urlOf } = attached;
    const loader = callFrames.findIndex(({ location }) => urlOf(location.scriptId).startsWith(RUNS_FILES));
    const called = callFrames[loader - 1];
    return called !== undefined && !isFile(called);
  } catch {
    // The thread has ended meanwhile.
    return false;
  } finally {
    attached?.detach();
  }
}

/** A file's own code is a function without a name that begins where the file does. */
function isFile({ functionName, functionLocation }: Debugger.CallFrame): boolean {
  return functionName === "" && functionLocation?.lineNumber === 0 && functionLocation.columnNumber === 0;
}
