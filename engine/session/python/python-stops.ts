import type { Breakpoint } from "../../protocol/breakpoints.ts";
import type { CheckRow } from "../../protocol/check.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { PythonProcess } from "../../recorders/pytorch/python-process.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { cursorAt, cursorAtStart } from "../../recording/moves.ts";
import { BreakpointPlaces } from "../breakpoints/breakpoint-places.ts";
import type { Hit } from "../breakpoints/hit.ts";
import { mismatchHits } from "../breakpoints/mismatch.ts";
import type { InspectedRun } from "../inspected-run.ts";
import { KeptPlaces } from "../kept-places.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { AskConditions, PythonBreakpoints } from "./python-breakpoints.ts";

export interface PythonStopsOptions {
  readonly run: InspectedRun;
  readonly recorder: Recorder;
  /** Compares a pass with finite differences. */
  readonly compare: (pass: PassId) => Promise<readonly CheckRow[]>;
}

/** Where a Python script stops in the pass after which it stands still: at breakpoints, and at what the run is to stop at. */
export class PythonStops {
  readonly #options: PythonStopsOptions;
  readonly #breakpoints: PythonBreakpoints;
  readonly #process: () => PythonProcess;
  readonly #places: KeptPlaces;

  /** @param process the script, where it stands still; throws a Failure where it does not */
  constructor(options: PythonStopsOptions, breakpoints: PythonBreakpoints, process: () => PythonProcess) {
    this.#options = options;
    this.#breakpoints = breakpoints;
    this.#process = process;
    this.#places = new KeptPlaces({
      run: options.run,
      look: (pass) => this.#placesNow(pass),
      isAnySet: () => breakpoints.all.length > 0,
    });
  }

  /** Settles when every breakpoint that was set has its places in the pass. */
  get placed(): Promise<void> {
    return this.#places.placed;
  }

  /** @param compares whether a breakpoint wants the pass compared with finite differences */
  async placesIn(pass: ReadablePass, compares: boolean): Promise<BreakpointPlaces> {
    return new BreakpointPlaces(pass, await this.#hits(pass.id, compares));
  }

  /**
   * Stops at the first of what there is to stop at in the pass.
   * @param reason why the run is to stop after this pass; null where only breakpoints and failures count
   * @param failure what its backward has thrown
   */
  stopIn(
    pass: ReadablePass,
    places: BreakpointPlaces,
    reason: "pause" | "entry" | null,
    failure: Failure | null,
  ): void {
    const { run, recorder } = this.#options;
    const { first } = places;
    const isEarlier = this.#places.enter(places, reason);
    const cursor = cursorOnStop(pass);
    run.placeCursor(cursor);
    if (first && !failure && (reason === null || isEarlier)) {
      run.stopAt(first.cursor, first.hit);
      // What stops with words has found something.
      if (first.hit.text !== "") void recorder.saveOwn(null, false);
      return;
    }
    run.setState({
      kind: "stopped",
      reason: failure ? "exception" : (reason ?? "breakpoint"),
      cursor,
      ...(failure && { failure }),
    });
    if (failure) void recorder.saveOwn(failure, false);
  }

  /** Lets a pass that the script has ended with be walked through from breakpoint to breakpoint still. */
  walkThrough(pass: ReadablePass): void {
    this.#options.run.places = new Map([[pass.id, new BreakpointPlaces(pass, [])]]);
    void this.#places.placeAgain();
  }

  /** @returns false where there is nothing more to stop at in the pass */
  goToNext(): Promise<boolean> {
    return this.#places.goToNext();
  }

  /** @returns null where no breakpoint stops before the cursor */
  goToPrevious(cursor: Cursor): Promise<Cursor | null> {
    return this.#places.goToPrevious(cursor);
  }

  /** The script runs on from the pass. */
  leave(): void {
    this.#places.leave();
  }

  /** What is set while the script is stopped counts in the passes that people are in. */
  placeAgain(): Promise<void> {
    return this.#places.placeAgain();
  }

  async #placesNow(pass: PassId): Promise<BreakpointPlaces> {
    const { source } = this.#options.run;
    const again = pass === source.last ? "newest" : "earlier";
    // Where the script is gone nothing goes on, and nothing needs a place.
    const hits = await this.#hits(pass, false, again).catch(() => []);
    return new BreakpointPlaces(await source.open(pass), hits);
  }

  async #hits(pass: PassId, compares: boolean, again?: "newest" | "earlier"): Promise<readonly Hit[]> {
    const { run, compare } = this.#options;
    if (this.#breakpoints.all.length === 0) return [];
    const hits = await this.#breakpoints.hits(
      run.source,
      pass,
      async (pass, rows, condition, log) => {
        const { header } = await this.#process().ask("conditions", { pass, rows, condition, log });
        return header["answers"] as Awaited<ReturnType<AskConditions>>;
      },
      again,
    );
    const rows = compares ? await compare(pass) : again ? run.verdictsOf(pass).rows : [];
    return [...hits, ...mismatchHits(this.#breakpoints.all, rows)];
  }
}

/** Where the cursor stands in a pass that the script has come to: at its start, or where its backward has thrown. */
export function cursorOnStop(pass: ReadablePass): Cursor {
  return pass.failed ? cursorAt(pass, pass.schedule.forwardOrder.length + pass.steps) : cursorAtStart(pass);
}

/** Whether a breakpoint stops at what a backward throws. */
export function isForUncaught(breakpoint: Breakpoint): boolean {
  return breakpoint.kind === "exception" && breakpoint.filter === "uncaught";
}
