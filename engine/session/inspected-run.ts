import type { Cursor } from "../protocol/cursor.ts";
import type { BreakpointHit, EngineEvents, SessionState } from "../protocol/engine.ts";
import type { PassId } from "../protocol/ids.ts";
import type { PassSource } from "../reading/pass-source.ts";
import { FollowedLog } from "../recording/log/followed-log.ts";
import type { TrainingLog } from "../recording/log/training-log.ts";
import { Verdicts } from "../recording/verdicts.ts";
import type { BreakpointPlaces } from "./breakpoints/breakpoint-places.ts";
import { OptimizerReader } from "./optimizer-records.ts";

/**
 * The run that an engine process shows: where its passes come from, where the one cursor stands, and what is known so far. The
 * parts of the examiner share it; whoever changes the cursor or the state here tells everybody.
 */
export class InspectedRun {
  /** Absolute path of the program; empty before there is one. */
  program = "";
  source: PassSource;
  /** When the run began, in seconds since 1970. */
  startedAt = Date.now() / 1000;
  /** Numbers of every pass of the run. */
  followed = new FollowedLog();
  /** Hears of the run's state before anybody else. */
  watch: ((state: SessionState) => void) | null = null;
  /** Where breakpoints stop in the passes that the cursor has been in since the program stands still. */
  places: ReadonlyMap<PassId, BreakpointPlaces> = new Map();
  /** What the frozen file can reach; empty while it runs. */
  optimizers = new OptimizerReader([]);
  #cursor: Cursor | null = null;
  #state: SessionState = { kind: "idle" };
  readonly #verdicts = new Map<PassId, Verdicts>();
  readonly #events: EngineEvents;

  constructor(source: PassSource, events: EngineEvents) {
    this.source = source;
    this.#events = events;
  }

  get log(): TrainingLog {
    return this.followed.log;
  }

  get cursor(): Cursor | null {
    return this.#cursor;
  }

  get state(): SessionState {
    return this.#state;
  }

  setState(state: SessionState): void {
    this.#state = state;
    this.watch?.(state);
    this.#events.stateChanged(state);
  }

  /** Puts the cursor where the state that follows will be told to stand. */
  placeCursor(cursor: Cursor): void {
    this.#cursor = cursor;
  }

  moveCursor(cursor: Cursor): Cursor {
    this.#cursor = cursor;
    if (this.#state.kind === "stopped" || this.#state.kind === "ended") this.#state = { ...this.#state, cursor };
    this.#events.cursorMoved(cursor);
    return cursor;
  }

  /** Stops where breakpoints do; of a program that has ended only the cursor moves there. */
  stopAt(cursor: Cursor, hit: BreakpointHit): Cursor {
    if (this.#state.kind === "ended") return this.moveCursor(cursor);
    this.#cursor = cursor;
    this.setState({ kind: "stopped", reason: "breakpoint", cursor, hit });
    return cursor;
  }

  /** What comparisons have found in a pass. */
  verdictsOf(pass: PassId): Verdicts {
    let verdicts = this.#verdicts.get(pass);
    if (!verdicts) this.#verdicts.set(pass, (verdicts = new Verdicts()));
    return verdicts;
  }

  /** A pass is no longer kept. */
  forget(pass: PassId): void {
    this.#verdicts.delete(pass);
  }
}
