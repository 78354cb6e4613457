import { isMainThread } from "node:worker_threads";
import type { RunChunk } from "../../../engine/threads/pool-caller.ts";
import type { SharedMemory } from "../../../engine/memory/shared-memory.ts";

/** Words of a descriptor, in units of four bytes. */
export const ChunkWord = {
  /** Byte offset of the results, one int32 for each chunk. */
  results: 0,
  /** What the results begin with; chunk c gives seed · 1000 + c. */
  seed: 1,
  /** How long a chunk computes. */
  rounds: 2,
  /** Byte offset of a word: the next pool thread waits in a chunk for so many milliseconds. */
  delay: 3,
  /** 1: a pool thread ends itself in the middle of a chunk. */
  deadly: 4,
  /** Byte offset of a word that counts the chunks that pool threads begin. */
  begun: 5,
  bytes: 24,
} as const;

/** Chunks for tests of the pool: they compute for a while, and can be held up, or made to die, on pool threads. */
export function createChunkRunner({ i32 }: SharedMemory): RunChunk {
  return (descriptor, chunk) => {
    const at = descriptor >> 2;
    const delay = i32[at + ChunkWord.delay]! >> 2;
    const seed = i32[at + ChunkWord.seed]!;
    const results = i32[at + ChunkWord.results]! >> 2;
    let value = 0;
    for (let i = 0; i < i32[at + ChunkWord.rounds]!; i++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
    if (!isMainThread) {
      Atomics.add(i32, i32[at + ChunkWord.begun]! >> 2, 1);
      if (i32[at + ChunkWord.deadly] === 1) process.exit(1);
      const milliseconds = Atomics.exchange(i32, delay, 0);
      if (milliseconds > 0) Atomics.wait(i32, delay, 0, milliseconds);
    }
    // What was computed is of no use, but must not be optimised away.
    i32[results + chunk] = seed * 1000 + chunk + (value === 1 ? 0 : 0);
  };
}
