import type { RunChunk } from "../../threads/pool-caller.ts";
import { WORK_OFFSET, type KernelInstance } from "./instance.ts";

/**
 * A call that is divided into chunks, as numbers in shared memory. Chunk i calls the function with argument a equal to
 * `args[a] + i · steps[a]`; the argument that counts units gets a chunk's share, the one for working memory the
 * thread's own.
 */
export const Descriptor = {
  /** int32 words. */
  function: 0,
  countArgument: 4,
  total: 8,
  chunkSize: 12,
  workArgument: 16,
  /** float64 words; a byte offset beyond 2³¹ is exact in them, and wraps to the same address. */
  args: 24,
  steps: 24 + 8 * 32,
  bytes: 24 + 16 * 32,
} as const;

export const MOST_ARGUMENTS = 32;

/** Runs chunks of descriptors with one thread's instance. */
export function createChunkFunction(instance: KernelInstance): RunChunk {
  const { memory, functions, scratch } = instance;
  const { i32, f64 } = memory;
  const args = new Array<number>(MOST_ARGUMENTS).fill(0);
  return (descriptor, chunk) => {
    const word = descriptor >>> 2;
    const run = functions[i32[word]!]!;
    const counted = i32[(descriptor + Descriptor.countArgument) >>> 2]!;
    const total = i32[(descriptor + Descriptor.total) >>> 2]!;
    const size = i32[(descriptor + Descriptor.chunkSize) >>> 2]!;
    const work = i32[(descriptor + Descriptor.workArgument) >>> 2]!;
    const first = (descriptor + Descriptor.args) / 8;
    const steps = (descriptor + Descriptor.steps) / 8;
    for (let a = 0; a < MOST_ARGUMENTS; a++) args[a] = f64[first + a]! + chunk * f64[steps + a]!;
    args[counted] = Math.min(size, total - chunk * size);
    if (work >= 0) args[work] = scratch + WORK_OFFSET;
    run(...args);
  };
}
