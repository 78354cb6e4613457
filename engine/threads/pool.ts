import { availableParallelism } from "node:os";
import type { MessagePort, Worker } from "node:worker_threads";
import { startThread, threadError } from "../context/start-thread.ts";
import type { KernelBuild } from "../kernels/kernel-build.ts";
import { SCRATCH_BYTES } from "../kernels/wasm/instance.ts";
import { PoolCaller } from "./pool-caller.ts";
import type { JobMessage, JobReply } from "./pool-job.ts";
import type { PoolThreadData } from "./pool-thread.ts";
import { LARGEST_THREADS, PoolWord, SLOTS, SlotWord, cancelWord, mailWord, slotOffset } from "../memory/pool-words.ts";
import { SEGMENT_BYTES, takeSegments, type SharedMemory } from "../memory/shared-memory.ts";

export interface PoolOptions {
  /** Threads that compute together, the caller included. As many as there are cores, unless set. */
  readonly threads?: number;
  /** The kernels' WASM build; without it, threads only run jobs. */
  readonly build?: KernelBuild | null;
  /** Where pool-thread stands when it is not beside this module. */
  readonly entry?: URL;
  /** Replaces the kernels' chunk functions; for tests. */
  readonly chunkModule?: string;
  /** Where V8's code of what jobs load is kept; null to keep none. */
  readonly cacheFolder?: string | null;
}

export interface JobOptions {
  readonly onProgress?: (data: unknown) => void;
  readonly signal?: AbortSignal;
  /** Ports in the payload, which move to the thread. */
  readonly transfer?: readonly MessagePort[];
}

interface PoolThread {
  readonly worker: Worker;
  readonly thread: number;
  readonly slot: number;
  readonly scratch: number;
  job: PendingJob | null;
}

interface PendingJob {
  readonly message: JobMessage;
  readonly transfer: readonly MessagePort[];
  readonly onProgress: ((data: unknown) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The pool's threads, as their owner sees them. The owner starts and ends them, and gives them jobs; chunks of kernels
 * are handed out by {@link PoolCaller}s, which other threads may hold. `dispose` before the process should end.
 */
export class Pool {
  readonly caller: PoolCaller;
  readonly threads: number;
  readonly #memory: SharedMemory;
  readonly #options: PoolOptions;
  readonly #alive = new Set<PoolThread>();
  readonly #queue: PendingJob[] = [];
  readonly #freeScratch: number[] = [];
  #nextJob = 1;
  #disposed = false;
  #givenUp = false;

  constructor(memory: SharedMemory, options: PoolOptions = {}) {
    this.#memory = memory;
    this.#options = options;
    this.threads = Math.min(options.threads ?? availableParallelism(), LARGEST_THREADS / 2);
    this.caller = new PoolCaller(memory);
    Atomics.store(memory.i32, PoolWord.current >> 2, -1);
    this.#startGeneration();
    void this.#watchRetirement();
  }

  /** Resolves when the threads that compute chunks have all started. */
  async ready(): Promise<void> {
    const words = this.#memory.i32;
    const slot = Atomics.load(words, PoolWord.current >> 2);
    if (slot < 0) return;
    const serving = [...this.#alive].filter((thread) => thread.slot === slot);
    const ready = (slotOffset(slot) + SlotWord.ready) >> 2;
    // Nothing else keeps a process alive that only waits for its pool.
    for (const { worker } of serving) worker.ref();
    for (;;) {
      const count = Atomics.load(words, ready);
      if (count >= this.threads - 1) break;
      await Atomics.waitAsync(words, ready, count, 10).value;
    }
    for (const { worker, job } of serving) if (job === null) worker.unref();
  }

  /**
   * Runs a job alone on one thread, when one is free. Its handler stands under `kind` in session/replay-jobs.ts.
   * @throws what the handler threw; an Error when the thread ended; the signal's reason when it was aborted while queued.
   */
  runJob(kind: string, payload: unknown, options: JobOptions = {}): Promise<unknown> {
    const { signal, onProgress, transfer = [] } = options;
    if (this.#disposed) return Promise.reject(new Error("the pool is disposed"));
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const message = { id: this.#nextJob++, kind, payload };
      const job: PendingJob = { message, transfer, onProgress, resolve, reject };
      signal?.addEventListener("abort", () => this.#cancel(job, signal), { once: true });
      this.#queue.push(job);
      this.#assignJobs();
    });
  }

  /** Ends all threads. Jobs that are running or waiting are rejected. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    Atomics.store(this.#memory.i32, PoolWord.current >> 2, -1);
    this.#signalOwner();
    for (const job of this.#queue.splice(0)) job.reject(new Error("the pool was disposed"));
    await Promise.all([...this.#alive].map(({ worker }) => worker.terminate()));
  }

  #signalOwner(): void {
    Atomics.add(this.#memory.i32, PoolWord.event >> 2, 1);
    Atomics.notify(this.#memory.i32, PoolWord.event >> 2);
  }

  /** Starts threads in a slot that no living thread uses; with none free, callers go on alone. */
  #startGeneration(): void {
    const words = this.#memory.i32;
    if (this.threads < 2 || Atomics.load(words, PoolWord.current >> 2) >= 0) return;
    const taken = new Set([...this.#alive].map((thread) => thread.slot));
    const slot = Array.from({ length: SLOTS }, (_, index) => index).find((index) => !taken.has(index));
    if (slot === undefined) return;
    words.fill(0, slotOffset(slot) >> 2, slotOffset(slot + 1) >> 2);
    try {
      for (let i = 1; i < this.threads; i++) this.#startThread(slot);
    } catch {
      // The system gives no more threads, nor would it the next time: callers make do with those that there are.
      this.#givenUp = true;
      if (![...this.#alive].some((thread) => thread.slot === slot)) return;
    }
    Atomics.store(words, PoolWord.current >> 2, slot);
  }

  #startThread(slot: number): PoolThread | null {
    const taken = new Set([...this.#alive].map(({ thread }) => thread));
    const thread = Array.from({ length: LARGEST_THREADS }, (_, index) => index).find((index) => !taken.has(index));
    const scratch = this.#freeScratch.pop() ?? takeSegments(this.#memory, SCRATCH_BYTES / SEGMENT_BYTES);
    if (thread === undefined || scratch < 0) return null;
    Atomics.store(this.#memory.i32, mailWord(thread) >> 2, 0);
    const { build = null, chunkModule = null, cacheFolder = null, entry = threadEntry() } = this.#options;
    const data: PoolThreadData = { wasm: this.#memory.wasm, thread, slot, build, scratch, chunkModule, cacheFolder };
    let worker: Worker;
    try {
      worker = startThread(entry, { workerData: data, name: "backstep-pool" });
    } catch (error) {
      this.#freeScratch.push(scratch);
      throw error;
    }
    worker.unref();
    const started: PoolThread = { worker, thread, slot, scratch, job: null };
    this.#alive.add(started);
    worker.on("message", (reply: JobReply) => this.#onReply(started, reply));
    worker.on("error", (error) => this.#failJob(started, threadError(error)));
    worker.on("exit", () => this.#onExit(started));
    return started;
  }

  /** Where the system gives no thread, jobs wait for those that there are; with none, nothing would ever run them. */
  #startReserve(): PoolThread | null {
    try {
      return this.#startThread(-1);
    } catch (error) {
      if (this.#alive.size === 0) for (const job of this.#queue.splice(0)) job.reject(error);
      return null;
    }
  }

  #onExit(thread: PoolThread): void {
    this.#alive.delete(thread);
    this.#freeScratch.push(thread.scratch);
    this.#failJob(thread, new Error("the thread of this job ended"));
    if (this.#disposed) return;
    const { slot } = thread;
    if (slot < 0) return this.#assignJobs();
    const words = this.#memory.i32;
    Atomics.store(words, (slotOffset(slot) + SlotWord.exited) >> 2, 1);
    if (Atomics.compareExchange(words, PoolWord.current >> 2, slot, -1) === slot) {
      Atomics.add(words, PoolWord.retired >> 2, 1);
      // Threads that never came up would not come up the next time either: then the callers go on alone.
      if (Atomics.load(words, (slotOffset(slot) + SlotWord.ready) >> 2) === 0) this.#givenUp = true;
    }
    if (![...this.#alive].some((other) => other.slot === slot)) Atomics.sub(words, PoolWord.retired >> 2, 1);
    this.#replaceRetired();
    this.#assignJobs();
  }

  async #watchRetirement(): Promise<void> {
    const words = this.#memory.i32;
    while (!this.#disposed) {
      const seen = Atomics.load(words, PoolWord.event >> 2);
      this.#replaceRetired();
      await Atomics.waitAsync(words, PoolWord.event >> 2, seen).value;
    }
  }

  #replaceRetired(): void {
    const serving = Atomics.load(this.#memory.i32, PoolWord.current >> 2);
    if (serving >= 0 || this.#givenUp) return;
    for (const { worker, slot } of this.#alive) if (slot >= 0 && slot !== serving) void worker.terminate();
    this.#startGeneration();
  }

  /** As many jobs at once as there are threads: those that serve chunks, and one that takes the caller's place. */
  #assignJobs(): void {
    const serving = Atomics.load(this.#memory.i32, PoolWord.current >> 2);
    while (this.#queue.length > 0) {
      const idle = [...this.#alive].find(({ slot, job }) => job === null && (slot < 0 || slot === serving));
      const hasReserve = [...this.#alive].some(({ slot }) => slot < 0);
      const thread = idle ?? (hasReserve ? null : this.#startReserve());
      const job = thread && this.#queue.shift();
      if (!thread || !job) return;
      thread.job = job;
      thread.worker.ref();
      thread.worker.postMessage(job.message, job.transfer);
      if (thread.slot < 0) continue;
      const wake = (slotOffset(thread.slot) + SlotWord.wake) >> 2;
      Atomics.store(this.#memory.i32, mailWord(thread.thread) >> 2, 1);
      Atomics.add(this.#memory.i32, wake, 1);
      Atomics.notify(this.#memory.i32, wake);
    }
  }

  #onReply(thread: PoolThread, reply: JobReply): void {
    const { job } = thread;
    if (job?.message.id !== reply.id) return;
    if (reply.type === "progress") return job.onProgress?.(reply.data);
    thread.job = null;
    thread.worker.unref();
    if (reply.type === "result") job.resolve(reply.value);
    else job.reject(Object.assign(new Error(reply.message), { stack: reply.stack }));
    this.#assignJobs();
  }

  #failJob(thread: PoolThread, error: unknown): void {
    thread.job?.reject(error);
    thread.job = null;
  }

  /** A job that runs is asked to end; its handler's result or error still counts. */
  #cancel(job: PendingJob, signal: AbortSignal): void {
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) {
      this.#queue.splice(waiting, 1);
      job.reject(signal.reason instanceof Error ? signal.reason : new Error("cancelled"));
    }
    for (const { job: running, thread } of this.#alive) {
      if (running === job) Atomics.store(this.#memory.i32, cancelWord(thread) >> 2, job.message.id);
    }
  }
}

/** Beside this module: as TypeScript in the source tree, bundled elsewhere. */
function threadEntry(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./pool-thread.ts" : "./pool-thread.js", import.meta.url);
}

export function createPool(memory: SharedMemory, options: PoolOptions = {}): Pool {
  return new Pool(memory, options);
}

/** The pool of this memory, from a thread that does not own it. */
export function attachPool(memory: SharedMemory): PoolCaller {
  return new PoolCaller(memory);
}
