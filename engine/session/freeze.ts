import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";

/** Values of the freeze word. */
const RUNNING = 0;
/** Asleep in the kernel. */
const FROZEN = 1;
/** Frozen, with requests on the port. */
const SERVE = 2;
/** Frozen, and answering the requests that were on the port. */
const SERVING = 3;
/** Frozen, and asked to leave its sleep. */
const WAKE = 4;
/** Frozen, and turning in a loop, where V8's debugger can pause it. */
const AWAKE = 5;

const word = Control.freeze >> 2;

/** How often the examiner looks whether a thread that serves requests has done so. */
const POLL_MILLISECONDS = 1;

/** What a frozen thread does for the examiner. */
export interface FrozenThread {
  serve(request: unknown): void;
  /** The debugger has let go of the thread: whatever it evaluated may have been ended in the middle. */
  evaluated(): void;
}

/** The user thread's side: from here on it counts as frozen. Comes before the message that says so. */
export function beginFreeze(memory: SharedMemory): void {
  Atomics.store(memory.i32, word, FROZEN);
}

/**
 * The user thread's side, after {@link beginFreeze}: stands still until the examiner lets it go on, and answers requests
 * meanwhile. Nothing else may run inside its `Atomics.wait`: an expression that itself waits there would corrupt V8's
 * list of waiting threads. So the debugger pauses the thread only while it is {@link awaken awake}.
 */
export function freeze(memory: SharedMemory, requests: MessagePort, thread: FrozenThread): void {
  const words = memory.i32;
  for (;;) {
    switch (Atomics.load(words, word)) {
      case RUNNING:
        return;
      case SERVE:
        Atomics.compareExchange(words, word, SERVE, SERVING);
        for (let mail = receiveMessageOnPort(requests); mail; mail = receiveMessageOnPort(requests)) {
          thread.serve(mail.message);
        }
        Atomics.compareExchange(words, word, SERVING, FROZEN);
        break;
      case WAKE:
        Atomics.compareExchange(words, word, WAKE, AWAKE);
        while (Atomics.load(words, word) === AWAKE);
        thread.evaluated();
        break;
      default:
        Atomics.wait(words, word, FROZEN);
    }
  }
}

/** The examiner's side: lets a frozen user thread go on. */
export function thaw(memory: SharedMemory): void {
  Atomics.store(memory.i32, word, RUNNING);
  Atomics.notify(memory.i32, word);
}

/** The examiner's side: has a frozen user thread look at its port, at once or when it is done with what it does. */
export function wakeToServe(memory: SharedMemory): void {
  const words = memory.i32;
  for (const state of [FROZEN, SERVING]) Atomics.compareExchange(words, word, state, SERVE);
  Atomics.notify(words, word);
}

/**
 * The examiner's side: takes a frozen user thread out of its sleep, once it has answered what it was asked, and keeps
 * it turning until {@link letSleep}.
 * @returns false when the thread goes on, or has not answered within the time.
 */
export async function awaken(memory: SharedMemory, milliseconds: number): Promise<boolean> {
  const words = memory.i32;
  const giveUp = performance.now() + milliseconds;
  const nextLook = (): Promise<boolean> =>
    new Promise((resolve) =>
      setTimeout(() => resolve(Atomics.load(words, word) !== RUNNING && performance.now() < giveUp), POLL_MILLISECONDS),
    );
  while (Atomics.compareExchange(words, word, FROZEN, WAKE) !== FROZEN) if (!(await nextLook())) return false;
  Atomics.notify(words, word);
  // Until it says so, it may still be on its way out of the wait.
  while (Atomics.load(words, word) !== AWAKE) {
    if (await nextLook()) continue;
    letSleep(memory);
    return false;
  }
  return true;
}

/** The examiner's side: the thread may sleep again. Requests that came meanwhile are answered first. */
export function letSleep(memory: SharedMemory): void {
  for (const state of [WAKE, AWAKE]) Atomics.compareExchange(memory.i32, word, state, SERVE);
}

/** Whether the user thread stands still, asked from either side. */
export function isFrozen(memory: SharedMemory): boolean {
  return Atomics.load(memory.i32, word) !== RUNNING;
}
