import { createPool, type Pool, type PoolOptions } from "../../../engine/threads/pool.ts";
import { hasRetiredThread } from "../../../engine/memory/pool-words.ts";
import {
  createSharedMemory,
  SEGMENT_BYTES,
  takeSegments,
  type SharedMemory,
} from "../../../engine/memory/shared-memory.ts";
import { ChunkWord, createChunkRunner } from "./slow-chunks.ts";

const RESULT_BYTES = 1024;
const RESULT_SLOTS = 4096;

/** A pool over a memory of its own, whose chunks are those of slow-chunks.ts. */
export class PoolFixture {
  readonly memory: SharedMemory = createSharedMemory(64 * 2 ** 20);
  readonly pool: Pool;
  readonly delay: number;
  readonly begun: number;
  readonly #descriptor: number;
  readonly #results: number;
  readonly #run: ReturnType<typeof createChunkRunner>;
  #seed = 0;

  constructor(options: PoolOptions) {
    const at = takeSegments(this.memory, 1 + (RESULT_SLOTS * RESULT_BYTES) / SEGMENT_BYTES);
    this.#descriptor = at;
    this.delay = at + 1024;
    this.begun = at + 1088;
    this.#results = at + SEGMENT_BYTES;
    this.#run = createChunkRunner(this.memory);
    const chunkModule = new URL("./slow-chunks.ts", import.meta.url).href;
    this.pool = createPool(this.memory, { chunkModule, ...options });
  }

  /** @throws Error when a chunk's result is not what this dispatch computes. */
  dispatch(chunks: number, options: { rounds?: number; deadly?: boolean; idempotent?: boolean } = {}): void {
    const { rounds = 0, deadly = false, idempotent = true } = options;
    const { i32 } = this.memory;
    const word = this.#descriptor >> 2;
    i32[word + ChunkWord.seed] = ++this.#seed;
    // A thread of a retired generation may write late: results stand elsewhere each time, as those of the engine do.
    const results = this.#results + (this.#seed % RESULT_SLOTS) * RESULT_BYTES;
    i32[word + ChunkWord.results] = results;
    i32[word + ChunkWord.rounds] = rounds;
    i32[word + ChunkWord.delay] = this.delay;
    i32[word + ChunkWord.deadly] = deadly ? 1 : 0;
    i32[word + ChunkWord.begun] = this.begun;
    this.pool.caller.run(this.#run, this.#descriptor, ChunkWord.bytes, chunks, idempotent);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const value = i32[(results >> 2) + chunk];
      const expected = (this.#seed * 1000 + chunk) | 0;
      if (value !== expected) throw new Error(`dispatch ${this.#seed}, chunk ${chunk}: ${value}, expected ${expected}`);
    }
  }

  /** Chunks that pool threads have begun. */
  get begunElsewhere(): number {
    return Atomics.load(this.memory.i32, this.begun >> 2);
  }

  /** Keeps the next thread that begins a chunk in the middle of it, for so many milliseconds. */
  holdUp(milliseconds: number): void {
    Atomics.store(this.memory.i32, this.delay >> 2, milliseconds);
  }

  /** Dispatches until a pool thread has taken part. */
  async dispatchShared(options: { deadly?: boolean } = {}): Promise<void> {
    const before = this.begunElsewhere;
    while (this.begunElsewhere === before) {
      this.dispatch(16, { rounds: 200_000, ...options });
      // The owner's events are handled between dispatches.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves when the pool has threads again. */
  async restored(): Promise<void> {
    while (this.pool.caller.threads < this.pool.threads) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Dispatches of random sizes, while threads are delayed and killed at random. Every result is checked. */
export async function stressPool(
  dispatches: number,
  seed: number,
): Promise<{ readonly shared: number; readonly kills: number }> {
  const fixture = new PoolFixture({ threads: 3 });
  await fixture.pool.ready();
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % below;
  };
  let kills = 0;
  for (let i = 0; i < dispatches; i++) {
    // Rare, since each costs the start of a new generation.
    const event = random(dispatches / 8);
    const isHeldUp = event < 8;
    if (isHeldUp) fixture.holdUp(30);
    const deadly = event === 8;
    if (deadly) kills++;
    fixture.dispatch(1 + random(24), { rounds: random(4) === 0 ? random(4000) : 0, deadly });
    if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    // Before results stand where they stood: no thread may be left that would write there.
    while (i % (RESULT_SLOTS / 2) === 0 && hasRetiredThread(fixture.memory)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const shared = fixture.begunElsewhere;
  await fixture.pool.dispose();
  return { shared, kills };
}
