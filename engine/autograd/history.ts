import { setOldestKeptPass } from "../core/storage.ts";
import type { Pass } from "./pass.ts";

/** What the session wants to know of passes. Both run in the user thread. */
export interface PassObserver {
  /** The pass has run to its head. */
  finished(pass: Pass): void;
  /** The pass is no longer kept; its tape may be overwritten from now on. */
  released(pass: Pass): void;
}

/**
 * Finished passes that can still be read, oldest released first to stay within a budget. The newest is always kept.
 */
export class History {
  readonly #passes: Pass[] = [];
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

  add(pass: Pass): void {
    if (this.#isPaused) return;
    this.#passes.push(pass);
    this.#bytes += pass.keptBytes;
    while (this.#bytes > this.budget && this.releaseOldest());
    setOldestKeptPass(this.#passes[0]!.id);
    this.observer?.finished(pass);
  }

  /** @returns false when only those are left that are kept in any case. */
  releaseOldest(): boolean {
    if (this.#passes.length <= this.least) return false;
    const pass = this.#passes.shift()!;
    this.#bytes -= pass.keptBytes;
    setOldestKeptPass(this.#passes[0]!.id);
    this.observer?.released(pass);
    return true;
  }

  get passes(): readonly Pass[] {
    return this.#passes;
  }
}

/** Memory that is used again soon is still in the processor's caches: at 512 MiB a step of a small network took 1.2 times as long. */
const DEFAULT_BUDGET = 128 * 2 ** 20;

/** This thread's history. */
export const history = new History(DEFAULT_BUDGET);
