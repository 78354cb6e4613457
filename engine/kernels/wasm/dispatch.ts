import type { PoolCaller, RunChunk } from "../../threads/pool-caller.ts";
import { LARGEST_CHUNKS } from "../../memory/pool-words.ts";
import { createChunkFunction, Descriptor, MOST_ARGUMENTS } from "./descriptor.ts";
import type { KernelFunction, KernelInstance } from "./instance.ts";

/** Work below this many nanoseconds is not worth another thread. */
const WORTH_SHARING = 12_000;
/** Chunks are at least about this long, in nanoseconds. */
const CHUNK_TIME = 6_000;

/** Hands calls to the pool when they are large, in units that can be computed in any order. */
export class Dispatch {
  readonly instance: KernelInstance;
  readonly #pool: PoolCaller | null;
  readonly #runChunk: RunChunk;
  /** The descriptor that is being filled, in this thread's own memory. */
  readonly #descriptor: number;
  #argument = 0;

  constructor(instance: KernelInstance, pool: PoolCaller | null) {
    this.instance = instance;
    this.#pool = pool;
    this.#runChunk = createChunkFunction(instance);
    this.#descriptor = instance.scratch + 64;
  }

  /** Looks up an export. @throws Error when the module does not have it. */
  function(name: string): KernelFunction {
    const found = this.instance.functions[this.instance.indexOf.get(name) ?? -1];
    if (!found) throw new Error(`the kernel module lacks ${name}`);
    return found;
  }

  /** How many threads share work now, this one included. */
  get threads(): number {
    return this.#pool?.threads ?? 1;
  }

  /** How many chunks to divide work into that takes some `nanoseconds` alone; 1 when it is better not divided. */
  chunksFor(nanoseconds: number): number {
    if (this.#pool === null || nanoseconds < WORTH_SHARING) return 1;
    const { threads } = this.#pool;
    if (threads === 1) return 1;
    return Math.max(threads, Math.min(threads * 4, Math.floor(nanoseconds / CHUNK_TIME), LARGEST_CHUNKS));
  }

  /** Starts the description of a call. Arguments follow in order. */
  begin(name: string): void {
    const { i32, f64 } = this.instance.memory;
    const at = this.#descriptor;
    i32[at >>> 2] = this.instance.indexOf.get(name) ?? -1;
    i32[(at + Descriptor.workArgument) >>> 2] = -1;
    f64.fill(0, (at + Descriptor.args) / 8, (at + Descriptor.args) / 8 + 2 * MOST_ARGUMENTS);
    this.#argument = 0;
  }

  /** An argument that grows by `step` from chunk to chunk. */
  argument(value: number, step = 0): void {
    const { f64 } = this.instance.memory;
    const index = this.#argument++;
    f64[(this.#descriptor + Descriptor.args) / 8 + index] = value;
    f64[(this.#descriptor + Descriptor.steps) / 8 + index] = step;
  }

  /** The argument that says how many units to compute. */
  count(total: number, chunkSize: number): void {
    const { i32 } = this.instance.memory;
    const at = this.#descriptor;
    i32[(at + Descriptor.countArgument) >>> 2] = this.#argument++;
    i32[(at + Descriptor.total) >>> 2] = total;
    i32[(at + Descriptor.chunkSize) >>> 2] = chunkSize;
  }

  /** The argument that points to working memory. */
  work(): void {
    this.instance.memory.i32[(this.#descriptor + Descriptor.workArgument) >>> 2] = this.#argument++;
  }

  /** Runs the call. @param idempotent false when it reads what it writes. */
  run(chunks: number, idempotent = true): void {
    const runChunk = this.#runChunk;
    if (this.#pool !== null) this.#pool.run(runChunk, this.#descriptor, Descriptor.bytes, chunks, idempotent);
    else for (let chunk = 0; chunk < chunks; chunk++) runChunk(this.#descriptor, chunk);
  }
}
