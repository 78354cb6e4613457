import { Control, type SharedMemory } from "./shared-memory.ts";

/**
 * Where the pool's words stand in shared memory. A *generation* is a set of threads that serve together; it has a slot
 * of its own, so that a thread which serves in one can never mistake the words of the next for its own.
 */
export const PoolWord = {
  /** Slot of the generation that serves now, or -1. */
  current: Control.pool,
  /** Counts up when the owner has something to do: a generation was retired. */
  event: Control.pool + 64,
  /** Retired generations of which a thread has not exited yet. */
  retired: Control.pool + 128,
  /** 1 while a caller has chunks out; a second caller then computes alone. */
  busy: Control.pool + 192,
} as const;

/** Two words for each thread: mail waits for it, and the job it should give up. */
const THREAD_WORDS = Control.pool + 256;
const BYTES_PER_THREAD = 16;
export const LARGEST_THREADS = 48;

export function mailWord(thread: number): number {
  return THREAD_WORDS + thread * BYTES_PER_THREAD;
}

export function cancelWord(thread: number): number {
  return mailWord(thread) + 4;
}

export const SLOTS = 8;
const SLOT_BYTES = 4096;

/** Byte offsets in a generation's slot, each word on a cache line of its own. */
export const SlotWord = {
  /** Chunks not claimed yet; zero or less when there are none. */
  remaining: 0,
  /** Chunks that threads other than the caller have finished. */
  done: 64,
  /** Counts dispatches. */
  sequence: 128,
  /** Counts up whenever parked threads should look around; they wait on it. */
  wake: 448,
  /** Threads parked on `wake`. */
  sleepers: 192,
  /** 1 once a thread has exited. */
  exited: 256,
  /** 1 while the caller is parked on `done`. */
  callerParked: 320,
  /** Threads that are ready to serve. */
  ready: 384,
  /** For each chunk the sequence number of the last dispatch in which it was finished. */
  finished: 512,
  /** The descriptor of the dispatch that is out: word 0 is the chunk function, the rest its own. */
  descriptor: 512 + 4 * 256,
} as const;

export const LARGEST_CHUNKS = 256;
export const DESCRIPTOR_BYTES = SLOT_BYTES - SlotWord.descriptor;

export function slotOffset(slot: number): number {
  return Control.pool + 1024 + slot * SLOT_BYTES;
}

/**
 * Whether some thread that lost its place in the pool might still write to the output of a chunk it had claimed.
 * While it is so, freed memory must not be given out again.
 */
export function hasRetiredThread(memory: SharedMemory): boolean {
  return Atomics.load(memory.i32, PoolWord.retired >> 2) > 0;
}
