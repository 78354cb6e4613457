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

/**
 * Sends what user code prints, as it prints it: the streams of a busy or frozen worker do not reach its parent.
 * Covers `console`, `process.stdout.write`, `process.stderr.write`, and writes to the descriptors 1 and 2.
 */
export function redirectOutput(memory: SharedMemory, port: MessagePort): void {
  const send = (stream: Stream, chunk: string | ArrayBufferView): void => {
    const whole = typeof chunk === "string" ? chunk : textOf(chunk);
    const text =
      whole.length <= LONGEST_WRITE
        ? whole
        : `${whole.slice(0, LONGEST_WRITE)}… (${whole.length - LONGEST_WRITE} more characters)\n`;
    if (!awaitRoom(memory)) {
      Atomics.add(memory.i32, Control.outputDropped >> 2, 1);
      return;
    }
    const bytes = pendingBytes(text);
    Atomics.add(memory.i32, pending, bytes);
    port.postMessage({ type: "output", stream, text, site: currentSite() } satisfies UserThreadMessage);
  };
  for (const stream of ["stdout", "stderr"] as const) {
    process[stream].write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      send(stream, chunk);
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") process.nextTick(() => void Reflect.apply(done, undefined, []));
      return true;
    };
  }
  redirectDescriptors(send);
  boundWarnings(send);
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
  // A message has some weight of its own.
  return 64 + 2 * text.length;
}

/** @returns false when nobody has made room in time. */
function awaitRoom(memory: SharedMemory): boolean {
  const words = memory.i32;
  const giveUp = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const bytes = Atomics.load(words, pending);
    if (bytes < MOST_PENDING) return true;
    const left = giveUp - performance.now();
    if (left <= 0) return false;
    Atomics.wait(words, pending, bytes, left);
  }
}

/** The inspector has handed on so many bytes; makes room for others. */
export function outputTaken(memory: SharedMemory, bytes: number): void {
  Atomics.sub(memory.i32, pending, bytes);
  Atomics.notify(memory.i32, pending);
}

/** Writes dropped since the last call. */
export function takeDropped(memory: SharedMemory): number {
  return Atomics.exchange(memory.i32, Control.outputDropped >> 2, 0);
}
