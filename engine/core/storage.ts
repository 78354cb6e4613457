import { currentSite } from "../context/site.ts";
import { BYTES_PER_ELEMENT, type DType } from "../protocol/dtype.ts";
import type { SiteId } from "../protocol/ids.ts";
import { runtime } from "./runtime.ts";
import type { Region } from "../memory/arena.ts";
import type { View } from "./view.ts";
import { widened } from "./widening.ts";

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

type Place = Pick<Storage, "dtype" | "region" | "offset" | "lastWrite" | "shared">;

/** A write in place. */
interface Write {
  /** {@link writeTime} right after it. */
  readonly at: number;
  readonly by: SiteId;
  /** Whether it was an optimizer's step. */
  byStep: boolean;
}

/** While writes are to be undone: where storages were that have been written since, and those made since. */
let trial: { readonly before: Map<Storage, Place>; readonly made: WeakSet<Storage> } | null = null;

/**
 * Runs user code only to see what it gives: afterwards every tensor that was there before holds what it held, whatever
 * was written to it in place.
 * @param body may undo the writes so far itself, to begin anew.
 */
export function withWritesUndone<T>(body: (undo: () => void) => T): T {
  const outer = trial;
  const before = new Map<Storage, Place>();
  trial = { before, made: new WeakSet<Storage>() };
  const undo = (): void => {
    for (const [storage, place] of before) Object.assign(storage, place);
    before.clear();
  };
  try {
    return body(undo);
  } finally {
    undo();
    trial = outer;
  }
}

/**
 * The elements that a tensor and its views share. A storage can move: a write in place goes to new memory when a
 * recorded pass still shows the old, so that the past stays true.
 */
export class Storage {
  /** Changes only while writes are undone and float32 is widened. */
  dtype: DType;
  /** In elements. */
  readonly length: number;
  region: Region;
  /** In bytes. */
  offset: number;
  /** Null when there was none. */
  lastWrite: Write | null = null;
  /** Another storage reads the same memory, so a write must always move. */
  shared = false;

  constructor(dtype: DType, length: number, region: Region, offset: number) {
    this.dtype = dtype;
    this.length = length;
    this.region = region;
    this.offset = offset;
    trial?.made.add(this);
  }

  /** {@link writeTime} of the last write in place; 0 when there was none. */
  get writtenAt(): number {
    return this.lastWrite === null ? 0 : this.lastWrite.at;
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
    const kept = keepForUndo(this);
    noteWrite(this);
    if (!kept && !this.shared && this.region.pinnedBy < oldestKeptPass) return;
    const old = flat(this);
    const dtype = widened(this.dtype);
    this.offset = runtime.arena.allocate(this.length * BYTES_PER_ELEMENT[dtype]);
    this.region = runtime.arena.region;
    this.dtype = dtype;
    this.shared = false;
    // By a kernel: between bytes of a shared buffer V8 copies slowly.
    if (keep) runtime.kernels.copy(old, flat(this));
  }

  /** Takes over the memory of a storage that nobody else uses, instead of copying its elements. */
  become(other: Storage): void {
    keepForUndo(this);
    this.dtype = other.dtype;
    noteWrite(this);
    this.region = other.region;
    this.offset = other.offset;
    this.shared = other.shared;
  }
}

function noteWrite(storage: Storage): void {
  storage.lastWrite = { at: ++writeClock, by: currentSite(), byStep: false };
}

/** All elements, as a vector. */
function flat({ dtype, offset, length }: Storage): View {
  return { dtype, offset, shape: [length], strides: [1] };
}

/** Notes where a storage is before its first write that will be undone; the write must then go elsewhere. */
function keepForUndo(storage: Storage): boolean {
  if (trial === null || trial.made.has(storage) || trial.before.has(storage)) return false;
  const { dtype, region, offset, lastWrite, shared } = storage;
  trial.before.set(storage, { dtype, region, offset, lastWrite, shared });
  return true;
}
