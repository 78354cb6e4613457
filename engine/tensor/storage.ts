import { currentSite } from "../autograd/site.ts";
import { BYTES_PER_ELEMENT, type DType } from "../protocol/dtype.ts";
import type { SiteId } from "../protocol/ids.ts";
import { runtime } from "../runtime.ts";
import type { Region } from "../threads/arena.ts";
import type { View } from "./view.ts";

/** Ticks at every write in place, so that a node can tell whether a value it saved has changed since. */
let writeClock = 0;

export function writeTime(): number {
  return writeClock;
}

let oldestKeptPass = Infinity;

/** Passes from this one on are still shown; what they read must not be overwritten. Infinity when none is kept. */
export function setOldestKeptPass(pass: number): void {
  oldestKeptPass = pass;
}

/**
 * The elements that a tensor and its views share. A storage can move: a write in place goes to new memory when a
 * recorded pass still shows the old, so that the past stays true.
 */
export class Storage {
  readonly dtype: DType;
  /** In elements. */
  readonly length: number;
  region: Region;
  /** In bytes. */
  offset: number;
  /** {@link writeTime} of the last write in place; 0 when there was none. */
  writtenAt = 0;
  writtenBy = 0 as SiteId;
  /** Another storage reads the same memory, so a write must always move. */
  shared = false;

  constructor(dtype: DType, length: number, region: Region, offset: number) {
    this.dtype = dtype;
    this.length = length;
    this.region = region;
    this.offset = offset;
  }

  static allocate(dtype: DType, length: number): Storage {
    const { arena } = runtime;
    const offset = arena.allocate(length * BYTES_PER_ELEMENT[dtype]);
    return new Storage(dtype, length, arena.region, offset);
  }

  /** A storage of its own over the same memory, which is copied when either is written. */
  share(): Storage {
    this.shared = true;
    const copy = new Storage(this.dtype, this.length, this.region, this.offset);
    copy.shared = true;
    return copy;
  }

  /**
   * Must come before every write in place: notes who writes, and moves to new memory when the old is still needed.
   * @param keep whether elements that the write leaves alone must be carried over.
   */
  prepareWrite(keep: boolean): void {
    this.writtenAt = ++writeClock;
    this.writtenBy = currentSite();
    if (!this.shared && this.region.pinnedBy < oldestKeptPass) return;
    const bytes = this.length * BYTES_PER_ELEMENT[this.dtype];
    const offset = runtime.arena.allocate(bytes);
    const { region } = runtime.arena;
    // By a kernel: between bytes of a shared buffer V8 copies slowly.
    if (keep) runtime.kernels.copy(this.#flat(this.offset), this.#flat(offset));
    this.region = region;
    this.offset = offset;
    this.shared = false;
  }

  #flat(offset: number): View {
    return { dtype: this.dtype, offset, shape: [this.length], strides: [1] };
  }

  /** Takes over the memory of a storage that nobody else uses, instead of copying its elements. */
  become(other: Storage): void {
    this.writtenAt = ++writeClock;
    this.writtenBy = currentSite();
    this.region = other.region;
    this.offset = other.offset;
    this.shared = other.shared;
  }
}
