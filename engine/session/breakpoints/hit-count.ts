import type { PassId } from "../../protocol/ids.ts";

/** So many of the passes that were looked at last are remembered; people go back to those that are kept. */
const REMEMBERED = 1_000;

/** How often a breakpoint has been hit, and how often it had been when each of the last passes began. */
export class HitCount {
  #hits = 0;
  readonly #before = new Map<PassId, number>();

  /** A pass that has just ended is about to be looked at. */
  begin(pass: PassId): void {
    this.#before.set(pass, this.#hits);
    if (this.#before.size > REMEMBERED) this.#before.delete(this.#before.keys().next().value!);
  }

  /** Counts from where a pass began that was looked at before. @returns what sets the count to what it was */
  returnTo(pass: PassId): () => void {
    const now = this.#hits;
    this.#hits = this.#before.get(pass) ?? 0;
    return () => {
      this.#hits = now;
    };
  }

  /** @returns how many hits there are with this one */
  add(): number {
    return ++this.#hits;
  }
}
