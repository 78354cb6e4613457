import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { MessagePort } from "node:worker_threads";
import { currentSite } from "../context/site.ts";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";
import type { UserThreadMessage } from "./messages.ts";

/** Bytes that may be on their way to whoever shows them; the program that prints more waits. */
const MOST_PENDING = 2 ** 20;
/** Characters of one write that are shown. */
const LONGEST_WRITE = 2 ** 18;
/** So long the program waits at the most. Then nobody reads, and what it prints is dropped and counted. */
const PATIENCE_MILLISECONDS = 2_000;
/** Warnings that may wait until the program lets go. */
const MOST_WARNINGS = 1_000;

const pending = Control.outputPending >> 2;

type Stream = "stdout" | "stderr";

/** Where what user code prints goes to, and what says how much of it may be on its way. */
export interface OutputWay {
  readonly memory: SharedMemory;
  readonly port: MessagePort;
}

/** Sends what was printed, when there is room for it. */
export function sendOutput(
  way: OutputWay,
  stream: Stream,
  chunk: string | ArrayBufferView,
  site: number = currentSite(),
): void {
  const whole = typeof chunk === "string" ? chunk : textOf(chunk);
  const text =
    whole.length <= LONGEST_WRITE
      ? whole
      : `${whole.slice(0, LONGEST_WRITE)}… (${whole.length - LONGEST_WRITE} more characters)\n`;
  const words = way.memory.i32;
  if (!awaitRoom(words)) {
    Atomics.add(words, Control.outputDropped >> 2, 1);
    return;
  }
  Atomics.add(words, pending, pendingBytes(text));
  way.port.postMessage({ type: "output", stream, text, site } satisfies UserThreadMessage);
}

/**
 * Sends what user code prints, as it prints it: the streams of a busy or frozen worker do not reach its parent.
 * Covers `console`, `process.stdout.write`, `process.stderr.write`, and writes to the descriptors 1 and 2.
 */
export function redirectOutput(way: OutputWay): void {
  const send = (stream: Stream, chunk: string | ArrayBufferView): void => sendOutput(way, stream, chunk);
  for (const stream of ["stdout", "stderr"] as const) {
    const called = new WriteCallbacks();
    process[stream].write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      send(stream, chunk);
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") called.later(done as WriteCallback);
      return true;
    };
  }
  redirectDescriptors(send);
  boundWarnings(send);
}

/** What a stream calls when it has written: with null, as nothing can fail here. */
type WriteCallback = (error: null) => void;

/**
 * Calls back, once the program lets go, who has written. `console` hands in the same function with every line: of those
 * only the number is kept, or a loop that prints without end would fill its memory with them.
 */
class WriteCallbacks {
  #last: { readonly callback: WriteCallback; times: number } | null = null;

  later(callback: WriteCallback): void {
    if (this.#last?.callback === callback) {
      this.#last.times++;
      return;
    }
    const run = { callback, times: 1 };
    this.#last = run;
    process.nextTick(() => {
      if (this.#last === run) this.#last = null;
      while (run.times-- > 0) callback(null);
    });
  }
}

/**
 * Node prints a warning once the program lets go, and keeps it until then: a loop that warns would fill its memory with
 * them. From some on each is printed at once, and waits for room as everything that is printed does.
 */
function boundWarnings(send: (stream: Stream, text: string) => void): void {
  const emitWarning = process.emitWarning.bind(process) as (...given: readonly unknown[]) => void;
  let waiting = 0;
  process.emitWarning = (warning: unknown, ...rest: unknown[]): void => {
    if (waiting >= MOST_WARNINGS) {
      send("stderr", `Warning: ${warning instanceof Error ? warning.message : String(warning)}\n`);
      return;
    }
    waiting++;
    process.nextTick(() => waiting--);
    emitWarning(warning, ...rest);
  };
}

/** `fs.writeSync(1, …)` and `fs.writeFileSync(1, …)`: the engine process's own descriptors lead nowhere. */
function redirectDescriptors(send: (stream: Stream, chunk: string | ArrayBufferView) => void): void {
  const { writeSync, writeFileSync } = fs;
  const streamOf = (target: unknown): Stream | null => (target === 1 ? "stdout" : target === 2 ? "stderr" : null);
  const isChunk = (data: unknown): data is string | ArrayBufferView =>
    typeof data === "string" || ArrayBuffer.isView(data);
  fs.writeSync = (fd: number, data: unknown, ...rest: readonly unknown[]): number => {
    const stream = streamOf(fd);
    if (stream === null || !isChunk(data)) return Reflect.apply(writeSync, fs, [fd, data, ...rest]) as number;
    const [offset, length] = rest;
    const isPart = typeof data !== "string" && typeof offset === "number";
    const part = isPart ? partOf(data, offset, typeof length === "number" ? length : undefined) : data;
    send(stream, part);
    return typeof part === "string" ? Buffer.byteLength(part) : part.byteLength;
  };
  fs.writeFileSync = (target: unknown, data: unknown, ...rest: readonly unknown[]): void => {
    const stream = streamOf(target);
    if (stream !== null && isChunk(data)) send(stream, data);
    else Reflect.apply(writeFileSync, fs, [target, data, ...rest]);
  };
  // A program may have them by name.
  syncBuiltinESMExports();
}

function partOf(view: ArrayBufferView, offset: number, length: number | undefined): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).subarray(
    offset,
    length === undefined ? undefined : offset + length,
  );
}

function textOf(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("utf8");
}

/** What a write counts as while it is on its way. */
export function pendingBytes(text: string): number {
  // A short line weighs little beside the message, its place in the source, and the frame to whoever shows it.
  return 1_024 + 2 * text.length;
}

/** @returns false when nobody has made room in time. */
function awaitRoom(words: Int32Array): boolean {
  let giveUp: number | null = null;
  for (;;) {
    const bytes = Atomics.load(words, pending);
    if (bytes < MOST_PENDING) return true;
    // Only now: a program that prints is none that reads a clock.
    giveUp ??= performance.now() + PATIENCE_MILLISECONDS;
    const left = giveUp - performance.now();
    if (left <= 0) return false;
    Atomics.wait(words, pending, bytes, left);
  }
}

/** The examiner has handed on so many bytes; makes room for others. */
export function outputTaken(memory: SharedMemory, bytes: number): void {
  Atomics.sub(memory.i32, pending, bytes);
  Atomics.notify(memory.i32, pending);
}

/** Writes dropped since the last call. */
export function takeDropped(memory: SharedMemory): number {
  return Atomics.exchange(memory.i32, Control.outputDropped >> 2, 0);
}
