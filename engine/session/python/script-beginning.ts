import { randomInt } from "node:crypto";
import type { PassId } from "../../protocol/ids.ts";
import type { RepetitionSettings } from "../../recorders/pytorch/python-process.ts";

/** The largest seed that Python's hashes of strings take. */
const MOST_HASH_SEED = 2 ** 32 - 1;

/** From which pass on passes are watched by the recorder, or are not. */
type WatchChange = RepetitionSettings["watched"][number];

/**
 * What a script began with that is another at every start of Python, and which of its passes were watched: run again with the same,
 * it draws the same random numbers, goes through sets in the same order, and its log has the same rows.
 */
export class ScriptBeginning {
  /** What decides the hashes of strings, and with them the order of sets. */
  readonly hashSeed: number;
  /** States of generators, as the recorder tells them; null before it has. */
  #random: unknown = null;
  #watched: readonly WatchChange[] = [];

  /** @param earlier that of the run that this one repeats */
  constructor(earlier: ScriptBeginning | null) {
    this.hashSeed = earlier?.hashSeed ?? randomInt(1, MOST_HASH_SEED);
    if (!earlier) return;
    this.#random = earlier.#random;
    this.#watched = earlier.#watched;
  }

  began(random: unknown): void {
    this.#random = random;
  }

  watches(from: number, isWatched: boolean): void {
    this.#watched = [...this.#watched.filter(([start]) => start < from), [from, isWatched]];
  }

  /**
   * What the recorder is told of the earlier run.
   * @param passes how many that had, as far as its log tells
   */
  settings(goTo: PassId, passes: number): RepetitionSettings {
    return { goTo, passes, random: this.#random, watched: this.#watched.filter(([start]) => start < passes) };
  }
}
