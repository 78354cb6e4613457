import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";

/** Values of the freeze word. */
const RUNNING = 0;
const FROZEN = 1;
/** Frozen, with requests on the port. */
const SERVE = 2;

const word = Control.freeze >> 2;

/** The user thread's side: from here on it counts as frozen. Comes before the message that says so. */
export function beginFreeze(memory: SharedMemory): void {
  Atomics.store(memory.i32, word, FROZEN);
}

/**
 * The user thread's side, after {@link beginFreeze}: stands still until the inspector lets it go on, and answers requests meanwhile.
 * The word is checked in a loop: a wait inside a served request wakes the outer one as well.
 */
export function freeze(memory: SharedMemory, requests: MessagePort, serve: (request: unknown) => void): void {
  const words = memory.i32;
  for (;;) {
    const state = Atomics.load(words, word);
    if (state === RUNNING) return;
    if (state === SERVE) {
      Atomics.compareExchange(words, word, SERVE, FROZEN);
      for (let mail = receiveMessageOnPort(requests); mail; mail = receiveMessageOnPort(requests)) {
        serve(mail.message);
      }
    } else Atomics.wait(words, word, FROZEN);
  }
}

/** The inspector's side: lets a frozen user thread go on. */
export function thaw(memory: SharedMemory): void {
  Atomics.store(memory.i32, word, RUNNING);
  Atomics.notify(memory.i32, word);
}

/** The inspector's side: wakes a frozen user thread to look at its port. */
export function wakeToServe(memory: SharedMemory): void {
  Atomics.compareExchange(memory.i32, word, FROZEN, SERVE);
  Atomics.notify(memory.i32, word);
}

export function isFrozen(memory: SharedMemory): boolean {
  return Atomics.load(memory.i32, word) !== RUNNING;
}
