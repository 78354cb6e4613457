import type { MessagePort } from "node:worker_threads";
import { currentSite } from "../context/site.ts";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";
import type { UserThreadMessage } from "./messages.ts";

/** Lines that may wait for the inspector; beyond that they are dropped and counted. */
const MOST_PENDING = 2_000;

/**
 * Sends what user code prints, as it prints it: the streams of a busy or frozen worker do not reach its parent.
 * Covers `console`, `process.stdout.write` and `process.stderr.write`.
 */
export function redirectOutput(memory: SharedMemory, port: MessagePort): void {
  const redirect = (stream: "stdout" | "stderr"): void => {
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
      if (Atomics.add(memory.i32, Control.outputPending >> 2, 1) < MOST_PENDING) {
        port.postMessage({ type: "output", stream, text, site: currentSite() } satisfies UserThreadMessage);
      } else {
        Atomics.sub(memory.i32, Control.outputPending >> 2, 1);
        Atomics.add(memory.i32, Control.outputDropped >> 2, 1);
      }
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") process.nextTick(() => void Reflect.apply(done, undefined, []));
      return true;
    };
    process[stream].write = write;
  };
  redirect("stdout");
  redirect("stderr");
}

/** The inspector has taken a line; makes room for another. */
export function outputTaken(memory: SharedMemory): void {
  Atomics.sub(memory.i32, Control.outputPending >> 2, 1);
}

/** Lines dropped since the last call. */
export function takeDropped(memory: SharedMemory): number {
  return Atomics.exchange(memory.i32, Control.outputDropped >> 2, 0);
}
