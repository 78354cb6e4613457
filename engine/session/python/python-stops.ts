import type { Breakpoint } from "../../protocol/breakpoints.ts";
import type { CheckRow } from "../../protocol/check.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { PythonProcess } from "../../recorders/pytorch/python-process.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import { cursorAt, cursorAtStart } from "../../recording/moves.ts";
import { BreakpointPlaces, type BreakpointPlace } from "../breakpoints/breakpoint-places.ts";
import type { Hit } from "../breakpoints/hit.ts";
import { mismatchHits } from "../breakpoints/mismatch.ts";
import type { InspectedRun } from "../inspected-run.ts";
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
  /** Settles when breakpoints that were set while the script is stopped have their places. */
  #placing: Promise<void> = Promise.resolve();
  /** Whether the stop at the backward() of the pass is yet to come, after one in its forward pass. */
  #entryAhead = false;

  /** @param process the script, where it stands still; throws a Failure where it does not */
  constructor(options: PythonStopsOptions, breakpoints: PythonBreakpoints, process: () => PythonProcess) {
    this.#options = options;
    this.#breakpoints = breakpoints;
    this.#process = process;
  }

  /** Settles when every breakpoint that was set has its places in the pass. */
  get placed(): Promise<void> {
    return this.#placing;
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
    run.places = new Map([[pass.id, places]]);
    const cursor = cursorOnStop(pass);
    run.placeCursor(cursor);
    // What is not finite in the forward pass comes before the backward() at which the script would stop anyway.
    const isEarlier = reason === "entry" && first?.hit.text !== "" && isForward(first?.cursor ?? null);
    this.#entryAhead = isEarlier;
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
    void this.placeAgain();
  }

  /** @returns false where there is nothing more to stop at in the pass */
  async goToNext(): Promise<boolean> {
    const { run } = this.#options;
    const { cursor } = run;
    const next = cursor && (await this.#placeAfter(cursor));
    const isInNewest = cursor?.pass === run.source.passes.at(-1)?.pass;
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

  /** @returns null where no breakpoint stops before the cursor */
  async goToPrevious(cursor: Cursor): Promise<Cursor | null> {
    const { run } = this.#options;
    const previous = (await this.#placesIn(cursor.pass)).before(cursor);
    return previous ? run.stopAt(previous.cursor, previous.hit) : null;
  }

  /** The script runs on from the pass. */
  leave(): void {
    this.#entryAhead = false;
    this.#options.run.places = new Map();
  }

  /** What is set while the script is stopped counts in the passes that people are in: run to cursor is such a breakpoint. */
  placeAgain(): Promise<void> {
    return (this.#placing = this.#replace());
  }

  async #replace(): Promise<void> {
    const { run } = this.#options;
    const { places } = run;
    const again = new Map<PassId, BreakpointPlaces>();
    for (const pass of places.keys()) again.set(pass, await this.#placesNow(pass));
    // Meanwhile the script may have gone on.
    if (run.places === places) run.places = again;
  }

  /** The next place at which breakpoints stop: in this pass, or in a later one where somebody has gone back. */
  async #placeAfter(cursor: Cursor): Promise<BreakpointPlace | null> {
    const here = (await this.#placesIn(cursor.pass)).after(cursor);
    if (here || this.#breakpoints.all.length === 0) return here;
    for (const { pass } of this.#options.run.source.passes.filter((one) => one.kept && one.pass > cursor.pass)) {
      const { first } = await this.#placesIn(pass);
      if (first) return first;
    }
    return null;
  }

  /** Where breakpoints stop in a kept pass, which is looked through when somebody comes to it. */
  async #placesIn(pass: PassId): Promise<BreakpointPlaces> {
    const { run } = this.#options;
    const { places } = run;
    const known = places.get(pass);
    if (known) return known;
    const found = await this.#placesNow(pass);
    if (run.places === places) run.places = new Map([...places, [pass, found]]);
    return found;
  }

  async #placesNow(pass: PassId): Promise<BreakpointPlaces> {
    const { source } = this.#options.run;
    const again = pass === source.passes.at(-1)?.pass ? "newest" : "earlier";
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

function isForward(cursor: Cursor | null): boolean {
  return cursor !== null && cursor.position < cursor.forwardSteps;
}
