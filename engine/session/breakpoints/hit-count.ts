import type { PassId } from "../../protocol/ids.ts";

/** So many of the passes that were looked at last are remembered; people go back to those that are kept. */
const REMEMBERED = 1_000;

/** How often a breakpoint has been hit, and how often it had been when each of the last passes began. */
export class HitCount {
  #hits: number;
  readonly #before = new Map<PassId, number>();

  constructor(hits = 0) {
    this.#hits = hits;
  }

  /** A pass that has just ended is about to be looked at. */
  begin(pass: PassId): void {
    this.#before.set(pass, this.#hits);
    if (this.#before.size > REMEMBERED) this.#before.delete(this.#before.keys().next().value!);
  }

  /** A count of its own from where a pass began that was looked at before: this one stays what it is. */
  from(pass: PassId): HitCount {
    return new HitCount(this.#before.get(pass) ?? 0);
  }

  /** Goes on from where another one has come to. */
  follow(other: HitCount): void {
    this.#hits = other.#hits;
  }

  /** @returns how many hits there are with this one */
  add(): number {
    return ++this.#hits;
  }
}
