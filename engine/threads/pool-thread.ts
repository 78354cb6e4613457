import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { keepCompiledCode, writeCompiledCode } from "../context/compiled-code.ts";
import { createChunkRunner } from "../kernels/chunk-runner.ts";
import { createKernels } from "../kernels/create-kernels.ts";
import type { KernelBuild } from "../kernels/kernel-build.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { RunChunk } from "./pool-caller.ts";
import type { JobMessage, JobReply } from "./pool-job.ts";
import { SlotWord, cancelWord, mailWord, slotOffset } from "../memory/pool-words.ts";
import { attachSharedMemory, type SharedMemory } from "../memory/shared-memory.ts";

/** What {@link createPool} gives a thread. */
export interface PoolThreadData {
  readonly wasm: WebAssembly.Memory;
  readonly thread: number;
  /** The generation's slot, or -1 for a thread that runs jobs alone. */
  readonly slot: number;
  readonly build: KernelBuild | null;
  /** Byte offset of memory that is this thread's own. */
  readonly scratch: number;
  /** A module whose `createChunkRunner` replaces the kernels'; for tests of the pool. */
  readonly chunkModule: string | null;
  readonly cacheFolder: string | null;
}

/** Loads of the claim word between two looks at the clock. */
const SPINS_PER_LOOK = 256;
const SPIN_MILLISECONDS = 0.1;

/** Serves chunks until mail comes. */
function serveChunks(memory: SharedMemory, slot: number, thread: number, runChunk: RunChunk): void {
  const words = memory.i32;
  const base = slotOffset(slot);
  const remaining = (base + SlotWord.remaining) >> 2;
  const sequence = (base + SlotWord.sequence) >> 2;
  const wake = (base + SlotWord.wake) >> 2;
  const sleepers = (base + SlotWord.sleepers) >> 2;
  const done = (base + SlotWord.done) >> 2;
  const parked = (base + SlotWord.callerParked) >> 2;
  const finished = (base + SlotWord.finished) >> 2;
  const descriptor = base + SlotWord.descriptor;
  const mail = mailWord(thread) >> 2;

  /** Once a claim succeeded the dispatch cannot end without this chunk: its words then stand still. */
  function work(): void {
    for (let claim = Atomics.sub(words, remaining, 1); claim > 0; claim = Atomics.sub(words, remaining, 1)) {
      const current = Atomics.load(words, sequence);
      runChunk(descriptor, claim - 1);
      Atomics.store(words, finished + claim - 1, current);
      Atomics.add(words, done, 1);
      if (Atomics.load(words, parked) === 1) Atomics.notify(words, done);
    }
  }

  for (;;) {
    let until = performance.now() + SPIN_MILLISECONDS;
    do {
      for (let spin = 0; spin < SPINS_PER_LOOK; spin++) {
        if (Atomics.load(words, remaining) > 0) {
          work();
          until = performance.now() + SPIN_MILLISECONDS;
        }
      }
      if (Atomics.load(words, mail) === 1) return;
    } while (performance.now() < until);
    Atomics.add(words, sleepers, 1);
    const seen = Atomics.load(words, wake);
    if (Atomics.load(words, remaining) <= 0 && Atomics.load(words, mail) === 0) Atomics.wait(words, wake, seen);
    Atomics.sub(words, sleepers, 1);
  }
}

async function runJob(
  message: JobMessage,
  memory: SharedMemory,
  thread: number,
  kernels: Kernels,
  reply: (reply: JobReply) => void,
): Promise<void> {
  const { id, kind, payload } = message;
  const context = {
    memory,
    kernels,
    cancelled: () => Atomics.load(memory.i32, cancelWord(thread) >> 2) === id,
    progress: (data: unknown) => reply({ id, type: "progress", data }),
  };
  try {
    // Loaded with the first job: a thread that only serves chunks never needs the engine.
    const { replayJobs } = await import("../session/replay-jobs.ts");
    const handler = replayJobs[kind];
    if (!handler) throw new Error(`no handler for jobs of kind ${kind}`);
    reply({ id, type: "result", value: await handler(payload, context) });
    writeCompiledCode();
  } catch (error) {
    const { message: text, stack = "" } = error instanceof Error ? error : new Error(String(error));
    reply({ id, type: "error", message: text, stack });
  }
}

async function main(data: PoolThreadData): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("pool-thread runs as a worker");
  const memory = attachSharedMemory(data.wasm);
  const { slot, thread } = data;
  const reply = (message: JobReply): void => port.postMessage(message);
  let kernels: Kernels | undefined;
  const run = (message: JobMessage): Promise<void> => {
    keepCompiledCode(data.cacheFolder);
    kernels ??= createKernels(memory, { build: data.build, scratch: data.scratch });
    return runJob(message, memory, thread, kernels, reply);
  };
  if (slot < 0) {
    port.on("message", (message: JobMessage) => void run(message));
    return;
  }
  const create = data.chunkModule
    ? ((await import(data.chunkModule)) as { createChunkRunner: typeof createChunkRunner }).createChunkRunner
    : createChunkRunner;
  const runChunk = create(memory, data.build, data.scratch);
  // The owner tells of an exit too, but only once it comes to read its events: it may be who waits.
  process.once("exit", () => Atomics.store(memory.i32, (slotOffset(slot) + SlotWord.exited) >> 2, 1));
  Atomics.add(memory.i32, (slotOffset(slot) + SlotWord.ready) >> 2, 1);
  Atomics.notify(memory.i32, (slotOffset(slot) + SlotWord.ready) >> 2);
  for (;;) {
    serveChunks(memory, slot, thread, runChunk);
    Atomics.store(memory.i32, mailWord(thread) >> 2, 0);
    for (let mail = receiveMessageOnPort(port); mail; mail = receiveMessageOnPort(port)) {
      await run(mail.message as JobMessage);
    }
  }
}

await main(workerData as PoolThreadData);
