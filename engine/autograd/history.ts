import type { PassId, SiteId } from "../protocol/ids.ts";
import { setOldestKeptPass } from "../core/storage.ts";
import type { ForeignPass } from "../reading/foreign-pass.ts";
import type { Pass } from "./pass.ts";

/** A pass that has ended: the engine's own, or one that another framework ran in this thread. */
export type EndedPass = Pass | ForeignPass;

export function isForeign(pass: EndedPass): pass is ForeignPass {
  return "source" in pass;
}

/** What the session wants to know of passes. Both run in the user thread. */
export interface PassObserver {
  /** The pass has run to its head. */
  finished(pass: Pass): void;
  /** The same of a pass that another framework ran. */
  finishedForeign?(pass: ForeignPass): void;
  /** The pass is no longer kept; its tape may be overwritten from now on. */
  released(pass: EndedPass): void;
}

/** The number of a pass that is about to start, and which passes are running around it. */
export interface PassNumber {
  readonly id: PassId;
  /** The pass whose hook or custom Function runs this one; null for one that the file runs by itself. */
  readonly within: PassId | null;
  /** The first of the passes that are running; itself where there is none. */
  readonly outermost: PassId;
  /** Whether it will be kept, and so must keep what it shows. */
  readonly isKept: boolean;
}

/** A pass that has started, and where it was called. */
export interface RunningPass {
  readonly id: PassId;
  readonly kind: "backward" | "grad";
  readonly site: SiteId;
}

/**
 * Passes: those that are running, one within another, and finished ones that can still be read. Numbers are given as
 * passes start. Finished ones are held in the order in which they ended, and the oldest of them is released first to
 * stay within a budget. The last to end is always kept.
 */
export class History {
  readonly #passes: EndedPass[] = [];
  readonly #running: RunningPass[] = [];
  #next = 0;
  #ended = 0;
  /** The id of the next pass that is not kept: negative, and never used twice. */
  #nextUnkept = -2;
  #bytes = 0;
  #isPaused = false;
  /** Bytes of tensors and tapes that finished passes may keep. */
  budget: number;
  /** So many of the newest are kept whatever they take. */
  least = 1;
  observer: PassObserver | null = null;

  constructor(budget: number) {
    this.budget = budget;
  }

  /** From here on passes are not kept, and nobody hears of them, until the function that this returns is called. */
  pause(): () => void {
    const outer = this.#isPaused;
    this.#isPaused = true;
    return () => {
      this.#isPaused = outer;
    };
  }

  /** Runs `body`, whose passes are not kept, and nobody hears of them. Not within a time limit, which skips `finally`. */
  pausedDuring<T>(body: () => T): T {
    const resume = this.pause();
    try {
      return body();
    } finally {
      resume();
    }
  }

  /** The number of the pass that {@link begin} will be called with next. */
  next(): PassNumber {
    if (this.#isPaused) {
      const id = this.#nextUnkept-- as PassId;
      return { id, within: null, outermost: id, isKept: false };
    }
    const id = this.#next as PassId;
    const depth = this.#running.length;
    if (depth === 0) return { id, within: null, outermost: id, isKept: true };
    return { id, within: this.#running[depth - 1]!.id, outermost: this.#running[0]!.id, isKept: true };
  }

  begin({ id, isKept }: PassNumber, kind: RunningPass["kind"], site: SiteId): void {
    if (!isKept) return;
    this.#next++;
    this.#running.push({ id, kind, site });
    this.#tellOldest();
  }

  /** Takes in a pass that has ended. */
  end(pass: EndedPass): void {
    if (!pass.isKept) return;
    this.#running.pop();
    pass.ordinal = this.#ended++;
    this.#passes.push(pass);
    this.#bytes += pass.keptBytes;
    while (this.#bytes > this.budget && this.releaseOldest());
    this.#tellOldest();
    if (isForeign(pass)) this.observer?.finishedForeign?.(pass);
    else this.observer?.finished(pass);
  }

  /** @returns false when only those are left that are kept in any case. */
  releaseOldest(): boolean {
    if (this.#passes.length <= this.least) return false;
    const pass = this.#passes.shift()!;
    this.#bytes -= pass.keptBytes;
    this.#tellOldest();
    this.observer?.released(pass);
    return true;
  }

  /** Outermost first. */
  get running(): readonly RunningPass[] {
    return this.#running;
  }

  /** In the order in which they ended: a pass within another comes before it. */
  get ended(): readonly EndedPass[] {
    return this.#passes;
  }

  /** Those of {@link ended} that are the engine's own. */
  get passes(): readonly Pass[] {
    return this.#passes.filter((pass): pass is Pass => !isForeign(pass));
  }

  /** None that is kept or running has a lower number: all that run within one pass end before the next starts. */
  #tellOldest(): void {
    setOldestKeptPass(this.#passes[0]?.outermost ?? this.#running[0]?.id ?? Infinity);
  }
}

/** Memory that is used again soon is still in the processor's caches: at 512 MiB a step of a small network took 1.2 times as long. */
const DEFAULT_BUDGET = 128 * 2 ** 20;

/** This thread's history. */
export const history = new History(DEFAULT_BUDGET);
