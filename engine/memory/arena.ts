import { totalmem } from "node:os";
import { EngineError } from "../context/engine-error.ts";
import { createGarbageCollector, type GarbageCollector } from "./garbage-collector.ts";
import { hasRetiredThread } from "./pool-words.ts";
import { SEGMENT_BYTES, takeSegments, type SharedMemory } from "./shared-memory.ts";

/**
 * A run of shared memory that is freed as one. Whoever holds the object holds the memory: tensors hold the region their
 * elements are in, and so do the recorded passes that still show them.
 */
export class Region {
  readonly offset: number;
  readonly bytes: number;
  /** The newest recorded pass that shows what is in here; a write must then go elsewhere while that pass is kept. */
  pinnedBy = -1;

  constructor(offset: number, bytes: number) {
    this.offset = offset;
    this.bytes = bytes;
  }
}

export interface Arena {
  /**
   * Memory that is not cleared. What it is in stands in {@link region} until the next allocation: an object for both
   * would cost a tensor of a few elements more than its elements do.
   * @returns its byte offset in the shared memory; 64-byte aligned from 64 bytes on, else 16.
   * @throws EngineError of kind "out-of-memory".
   */
  allocate(bytes: number): number;
  /** Where the last allocation landed. */
  readonly region: Region;
  /** To be called after a pass of so many nodes, when nothing holds them any more. */
  passEnded?(nodes: number): void;
}

const PAGE_BYTES = 65_536;
/** Allocations up to this share a page, so that one weak reference serves them all. */
const LARGEST_SMALL = 8192;
/**
 * A tensor's memory is looked for again once this much was handed out, or as much as is in use, if that is more. The
 * first touch of fresh memory costs far more than a sweep, so sweeps come early at first; in a long run each of them
 * costs time again, so they come less and less often.
 */
const FIRST_SWEEP_BYTES = 64 * 2 ** 20;
const SWEEP_GROWTH = 1.15;
const LARGEST_SWEEP_BYTES = Math.min(Math.max(192 * 2 ** 20, totalmem() / 32), 512 * 2 ** 20);

/** A pass of fewer nodes leaves so little behind that V8's own collections of young objects need not wait for its end. */
const LARGE_PASS = 10_000;
/** After so many nodes, some 20 MB of objects, the end of a large pass is worth a collection. */
const WORTH_COLLECTING = 40_000;

/**
 * The user thread's memory. Nothing is taken away from a tensor that can still be reached: regions are held by weak
 * references only, and under pressure the arena collects garbage and frees the regions whose objects died. That works
 * in the middle of a synchronous loop too, where finalizers would never run.
 */
export class CollectedArena implements Arena {
  readonly #memory: SharedMemory;
  readonly #live: { ref: WeakRef<Region>; offset: number; bytes: number }[] = [];
  readonly #free = new Map<number, number[]>();
  region: Region;
  #page: Region;
  #pageUsed = 0;
  #liveBytes = 0;
  #sinceSweep = 0;
  #sweepAfter = FIRST_SWEEP_BYTES;
  #endedNodes = 0;
  readonly #collector: GarbageCollector | null;
  /** Called before memory runs out, to let go of history; returns false when there is nothing left to let go. */
  releaseHistory: () => boolean = () => false;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.#collector = createGarbageCollector();
    this.region = this.#page = this.#region(PAGE_BYTES);
  }

  allocate(bytes: number): number {
    if (bytes <= LARGEST_SMALL) {
      const size = bytes < 64 ? Math.max(16, (bytes + 15) & ~15) : (bytes + 63) & ~63;
      let at = bytes < 64 ? this.#pageUsed : (this.#pageUsed + 63) & ~63;
      if (at + size > PAGE_BYTES) {
        this.#page = this.#region(PAGE_BYTES);
        at = 0;
      }
      this.#pageUsed = at + size;
      this.region = this.#page;
      return this.#page.offset + at;
    }
    this.region = this.#region(sizeClass(bytes));
    return this.region.offset;
  }

  /**
   * Nodes of a pass die together, right after it. V8 collects young objects when there is no more room for them, which is
   * mostly in the middle of a pass, and copies what the pass still needs; here next to nothing is left to copy.
   */
  passEnded(nodes: number): void {
    this.#endedNodes += nodes;
    if (nodes < LARGE_PASS || this.#endedNodes < WORTH_COLLECTING) return;
    this.#endedNodes = 0;
    this.#collector?.collectYoung();
  }

  /** Bytes of the regions that are not known to be free. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Frees every region that nothing reaches any more. Takes 8–11 ms. */
  sweep(): void {
    this.#sinceSweep = 0;
    this.#sweepAfter = Math.min(this.#sweepAfter * SWEEP_GROWTH, LARGEST_SWEEP_BYTES);
    // A thread of a retired generation may still write to memory that is free otherwise.
    if (!this.#collector || hasRetiredThread(this.#memory)) return;
    // What was allocated last is no longer asked for, and may be free.
    this.region = this.#page;
    this.#collector.collect();
    this.#endedNodes = 0;
    const live = this.#live;
    let kept = 0;
    for (const entry of live) {
      if (entry.ref.deref() === undefined) {
        this.#liveBytes -= entry.bytes;
        this.#freeList(entry.bytes).push(entry.offset);
      } else live[kept++] = entry;
    }
    live.length = kept;
    // deref() holds its target until the job ends; end that hold, or the next sweep of this job frees nothing.
    this.#collector.forgetDereferenced();
  }

  #region(bytes: number): Region {
    if (this.#sinceSweep + bytes > Math.max(this.#sweepAfter, this.#liveBytes / 4)) this.sweep();
    const offset = this.#take(bytes);
    this.#sinceSweep += bytes;
    this.#liveBytes += bytes;
    const region = new Region(offset, bytes);
    this.#live.push({ ref: new WeakRef(region), offset, bytes });
    return region;
  }

  #take(bytes: number): number {
    for (;;) {
      const free = this.#free.get(bytes)?.pop() ?? -1;
      if (free >= 0) return free;
      const fresh = takeSegments(this.#memory, Math.ceil(bytes / SEGMENT_BYTES));
      if (fresh >= 0) {
        for (let at = bytes; at + bytes <= Math.ceil(bytes / SEGMENT_BYTES) * SEGMENT_BYTES; at += bytes) {
          this.#freeList(bytes).push(fresh + at);
        }
        return fresh;
      }
      const larger = this.#larger(bytes);
      if (larger >= 0) return larger;
      const before = this.#liveBytes;
      const released = this.releaseHistory();
      this.sweep();
      if (!released && this.#liveBytes === before) {
        throw new EngineError(
          "out-of-memory",
          `out of memory: ${formatBytes(before)} of tensors are in use, and ${formatBytes(bytes)} more do not fit`,
          { fix: "use smaller batches, let go of tensors you no longer need, or detach what you keep between steps" },
        );
      }
    }
  }

  /** The smallest free region that is larger; the rest of it is lost until it is free again. */
  #larger(bytes: number): number {
    let best = Infinity;
    for (const [size, list] of this.#free) if (size > bytes && size < best && list.length > 0) best = size;
    if (best === Infinity) return -1;
    const offset = this.#free.get(best)!.pop()!;
    const rest = best - bytes;
    if (rest >= LARGEST_SMALL) this.#freeList(rest).push(offset + bytes);
    return offset;
  }

  #freeList(bytes: number): number[] {
    let list = this.#free.get(bytes);
    if (!list) this.#free.set(bytes, (list = []));
    return list;
  }
}

/**
 * Memory for work that is thrown away as a whole: a check's replay, the examiner's recomputed contributions.
 * `reset()` frees everything at once; segments are kept for the next time.
 */
export class ScratchArena implements Arena {
  readonly #memory: SharedMemory;
  readonly #regions: Region[] = [];
  #current = 0;
  #used = 0;
  region = new Region(0, 0);

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  allocate(bytes: number): number {
    const size = Math.max(64, (bytes + 63) & ~63);
    for (; this.#current < this.#regions.length; this.#current++, this.#used = 0) {
      const region = this.#regions[this.#current]!;
      if (this.#used + size <= region.bytes) {
        const offset = region.offset + this.#used;
        this.#used += size;
        this.region = region;
        return offset;
      }
    }
    const segments = Math.ceil(Math.max(size, 2 ** 20) / SEGMENT_BYTES);
    const offset = takeSegments(this.#memory, segments);
    if (offset < 0) throw new EngineError("out-of-memory", `out of memory: ${formatBytes(size)} of scratch do not fit`);
    const region = new Region(offset, segments * SEGMENT_BYTES);
    this.#regions.push(region);
    this.#used = size;
    this.region = region;
    return offset;
  }

  /** A point to which {@link rewind} can return, freeing what was allocated since. */
  mark(): readonly [number, number] {
    return [this.#current, this.#used];
  }

  rewind(mark: readonly [number, number]): void {
    [this.#current, this.#used] = mark;
  }

  reset(): void {
    this.rewind([0, 0]);
  }
}

/** Rounds up to one of four sizes per power of two, so that freed regions fit again. */
function sizeClass(bytes: number): number {
  const step = Math.max(1024, 2 ** (Math.floor(Math.log2(bytes)) - 2));
  return Math.ceil(bytes / step) * step;
}

function formatBytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
