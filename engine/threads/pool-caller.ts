import { DESCRIPTOR_BYTES, LARGEST_CHUNKS, PoolWord, SlotWord, slotOffset } from "../memory/pool-words.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";

/** The clock as it was before anybody watched who reads it. */
const now = performance.now.bind(performance);

/** Computes one chunk of the dispatch whose descriptor stands at a byte offset. */
export type RunChunk = (descriptor: number, chunk: number) => void;

/** Loads of the `done` word before the caller parks; some 50–100 µs. */
const SPINS = 40_000;
/** A parked caller looks this often whether a thread died. */
const PARK_MILLISECONDS = 5;
/** Once a thread has died, those that live finish a chunk within this time; what is unfinished then was the dead one's. */
const LONGEST_CHUNK_MILLISECONDS = 400;

/**
 * The side of the pool from which work is handed out. Any thread may hold one; if two use the pool at once, one of
 * them computes alone. Calls neither allocate nor await: a job is a descriptor in shared memory and a count of chunks.
 */
export class PoolCaller {
  readonly #memory: SharedMemory;
  readonly #words: Int32Array;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.#words = memory.i32;
  }

  /** How many threads take part in a dispatch, the caller included. */
  get threads(): number {
    const slot = Atomics.load(this.#words, PoolWord.current >> 2);
    return slot < 0 ? 1 : 1 + Atomics.load(this.#words, (slotOffset(slot) + SlotWord.ready) >> 2);
  }

  /**
   * Runs every chunk of a dispatch, here and on the pool's threads, and returns when all are done.
   * @param descriptor byte offset of the caller's own copy; `bytes` of it are handed on.
   * @param chunks at most {@link LARGEST_CHUNKS}. What a chunk computes must not depend on who computes it.
   * @param idempotent whether a chunk that a thread died in may be computed once more.
   * @throws Error when a thread died while it held a chunk that cannot be repeated.
   */
  run(runChunk: RunChunk, descriptor: number, bytes: number, chunks: number, idempotent: boolean): void {
    const words = this.#words;
    const slot = Atomics.load(words, PoolWord.current >> 2);
    const alone =
      slot < 0 ||
      chunks < 2 ||
      chunks > LARGEST_CHUNKS ||
      bytes > DESCRIPTOR_BYTES ||
      Atomics.compareExchange(words, PoolWord.busy >> 2, 0, 1) !== 0;
    if (alone) {
      for (let chunk = chunks - 1; chunk >= 0; chunk--) runChunk(descriptor, chunk);
      return;
    }
    try {
      this.#runShared(slotOffset(slot), runChunk, descriptor, bytes, chunks, idempotent);
    } finally {
      Atomics.store(words, PoolWord.busy >> 2, 0);
    }
  }

  #runShared(
    base: number,
    runChunk: RunChunk,
    descriptor: number,
    bytes: number,
    chunks: number,
    idempotent: boolean,
  ): void {
    const words = this.#words;
    const shared = base + SlotWord.descriptor;
    const finished = (base + SlotWord.finished) >> 2;
    const remaining = (base + SlotWord.remaining) >> 2;
    this.#memory.u8.copyWithin(shared, descriptor, descriptor + bytes);
    Atomics.store(words, (base + SlotWord.done) >> 2, 0);
    const sequence = Atomics.add(words, (base + SlotWord.sequence) >> 2, 1) + 1;
    Atomics.store(words, remaining, chunks);
    Atomics.add(words, (base + SlotWord.wake) >> 2, 1);
    if (Atomics.load(words, (base + SlotWord.sleepers) >> 2) > 0) {
      Atomics.notify(words, (base + SlotWord.wake) >> 2);
    }
    let own = 0;
    try {
      for (let claim = Atomics.sub(words, remaining, 1); claim > 0; claim = Atomics.sub(words, remaining, 1)) {
        runChunk(shared, claim - 1);
        Atomics.store(words, finished + claim - 1, sequence);
        own++;
      }
    } catch (error) {
      // No more chunks are given out; those that are out still write to memory that the caller holds.
      const left = Atomics.exchange(words, remaining, 0);
      if (!this.#awaitOthers(base, chunks - own - 1 - Math.max(left, 0))) this.#retire(base);
      throw error;
    }
    if (this.#awaitOthers(base, chunks - own)) return;
    this.#retire(base);
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (Atomics.load(words, finished + chunk) === sequence) continue;
      if (!idempotent) throw new Error("a kernel thread ended while it changed a tensor in place; the tensor is lost");
      runChunk(shared, chunk);
    }
  }

  /**
   * Waits until the chunks that others claimed are counted, not only finished: a thread that is descheduled in between would
   * count its chunk in the next dispatch, which then ended one too early. However long a thread is held up, its chunk is not
   * begun again while it lives: it would still write, over what has been done to the result meanwhile.
   * @returns false when a thread died with a chunk.
   */
  #awaitOthers(base: number, count: number): boolean {
    const words = this.#words;
    const done = (base + SlotWord.done) >> 2;
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, done) >= count) return true;
    const parked = (base + SlotWord.callerParked) >> 2;
    let last = { count: -1, at: 0 };
    Atomics.store(words, parked, 1);
    try {
      for (;;) {
        const sofar = Atomics.load(words, done);
        if (sofar >= count) return true;
        if (Atomics.load(words, (base + SlotWord.exited) >> 2) > 0) {
          if (sofar !== last.count) last = { count: sofar, at: now() };
          else if (now() - last.at > LONGEST_CHUNK_MILLISECONDS) return false;
        }
        Atomics.wait(words, done, sofar, PARK_MILLISECONDS);
      }
    } finally {
      Atomics.store(words, parked, 0);
    }
  }

  /** Takes the generation out of service; the owner ends its threads and starts others. */
  #retire(base: number): void {
    const words = this.#words;
    const slot = Atomics.load(words, PoolWord.current >> 2);
    if (slot < 0 || slotOffset(slot) !== base) return;
    // Counted before it is out of service, so that nobody reuses memory in between.
    Atomics.add(words, PoolWord.retired >> 2, 1);
    if (Atomics.compareExchange(words, PoolWord.current >> 2, slot, -1) !== slot) {
      Atomics.sub(words, PoolWord.retired >> 2, 1);
      return;
    }
    Atomics.add(words, PoolWord.event >> 2, 1);
    Atomics.notify(words, PoolWord.event >> 2);
  }
}
