import type { Cursor } from "../protocol/cursor.ts";
import type { StopReason } from "../protocol/engine.ts";
import type { PassId } from "../protocol/ids.ts";
import { cursorAtStart, isForward } from "../recording/moves.ts";
import type { BreakpointPlace, BreakpointPlaces } from "./breakpoints/breakpoint-places.ts";
import type { InspectedRun } from "./inspected-run.ts";

export interface KeptPlacesOptions {
  readonly run: InspectedRun;
  /** Looks a kept pass through for where the breakpoints that are set stop in it. */
  readonly look: (pass: PassId) => Promise<BreakpointPlaces>;
  /** Whether any breakpoint is set. */
  readonly isAnySet: () => boolean;
}

/** Where breakpoints stop in the passes that are kept, and the way from one such place to the next. */
export class KeptPlaces {
  readonly #options: KeptPlacesOptions;
  /** Settles when breakpoints that were set while the program is stopped have their places. */
  #placing: Promise<void> = Promise.resolve();
  /** Whether the stop at the backward() of the pass is yet to come, after one in its forward pass. */
  #entryAhead = false;

  constructor(options: KeptPlacesOptions) {
    this.#options = options;
  }

  /** Settles when every breakpoint that was set has its places. */
  get placed(): Promise<void> {
    return this.#placing;
  }

  /**
   * The program has come to a pass.
   * @param reason why it is to stop there, beside breakpoints
   * @returns whether the first of them stops earlier: what is not finite in the forward pass comes before the backward() at which the
   *   program would stop anyway
   */
  enter(places: BreakpointPlaces, reason: StopReason | null): boolean {
    this.#options.run.places = new Map([[places.pass, places]]);
    const { first } = places;
    this.#entryAhead = reason === "entry" && first !== null && first.hit.text !== "" && isForward(first.cursor);
    return this.#entryAhead;
  }

  /** The program runs on from the pass. */
  leave(): void {
    this.#entryAhead = false;
    this.#options.run.places = new Map();
  }

  /** @returns false where there is nothing more to stop at in the passes from the cursor on */
  async goToNext(): Promise<boolean> {
    const { run } = this.#options;
    const { cursor } = run;
    const next = cursor && (await this.#after(cursor));
    const isInNewest = cursor?.pass === run.source.kept.at(-1)?.pass;
    if (this.#entryAhead && isInNewest && !isForward(next?.cursor ?? null) && isForward(cursor)) {
      this.#entryAhead = false;
      const start = cursorAtStart(await run.source.open(cursor!.pass));
      run.placeCursor(start);
      run.setState({ kind: "stopped", reason: "entry", cursor: start });
      return true;
    }
    if (next === null) return false;
    run.stopAt(next.cursor, next.hit);
    return true;
  }

  /** @returns null where no breakpoint stops before the cursor in its pass */
  async goToPrevious(cursor: Cursor): Promise<Cursor | null> {
    const previous = (await this.#placesIn(cursor.pass)).before(cursor);
    return previous ? this.#options.run.stopAt(previous.cursor, previous.hit) : null;
  }

  /** What is set while the program is stopped counts in the passes that people are in: run to cursor is such a breakpoint. */
  placeAgain(): Promise<void> {
    return (this.#placing = this.#replace());
  }

  async #replace(): Promise<void> {
    const { run, look } = this.#options;
    const { places } = run;
    const again = new Map<PassId, BreakpointPlaces>();
    for (const pass of places.keys()) again.set(pass, await look(pass));
    // Meanwhile the program may have gone on.
    if (run.places === places) run.places = again;
  }

  /** The next place: in this pass, or in a later one where somebody has gone back. */
  async #after(cursor: Cursor): Promise<BreakpointPlace | null> {
    const here = (await this.#placesIn(cursor.pass)).after(cursor);
    if (here || !this.#options.isAnySet()) return here;
    for (const { pass } of this.#options.run.source.kept.filter((one) => one.pass > cursor.pass)) {
      const { first } = await this.#placesIn(pass);
      if (first) return first;
    }
    return null;
  }

  /** A kept pass is looked through when somebody comes to it. */
  async #placesIn(pass: PassId): Promise<BreakpointPlaces> {
    const { run, look } = this.#options;
    const { places } = run;
    const known = places.get(pass);
    if (known) return known;
    const found = await look(pass);
    if (run.places === places) run.places = new Map([...places, [pass, found]]);
    return found;
  }
}
