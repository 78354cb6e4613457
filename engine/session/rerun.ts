import type { LaunchRequest, SessionState } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { PassId } from "../protocol/ids.ts";
import type { Parting } from "../recording/log/followed-log.ts";
import type { ClockReading } from "./messages.ts";
import { partingFailure } from "./parting.ts";
import type { Shown } from "./program-session.ts";
import { requestFailure } from "./request-failure.ts";

export interface RerunEvents {
  /** So many passes have ended. */
  progress(done: number): void;
  /** It had arrived, went on, and is no longer the same. */
  parted(parting: Parting): void;
}

/** What there is to know of a program to run it again. */
export interface Repeatable {
  /** How it was launched; null where it was not, or cannot be again. */
  readonly request: LaunchRequest | null;
  /** What it has read from outside, where that is noted. */
  readonly clocks: readonly ClockReading[];
  /** Whether it cannot go on, as an expression at a stop never returns. */
  readonly stuck: boolean;
}

/** A program that is run again up to one of its passes, out of sight. */
export class Rerun {
  readonly #shown: Shown;
  readonly #events: RerunEvents;
  readonly #arrived = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #hasArrived = false;
  /** Where the run was another than the first; null as long as it is the same. */
  #parting: Parting | null = null;

  /** @param begin makes the examiner of the run, and tells the run where it parts from the first */
  constructor(begin: (parted: (parting: Parting) => void) => Shown, events: RerunEvents) {
    this.#events = events;
    // It may be cancelled while its program is still being started.
    this.#arrived.promise.catch(() => undefined);
    this.#shown = begin((parting) => this.#part(parting));
    this.#shown.examiner.run.followed.isHeld = true;
    this.#shown.examiner.run.watch = (state) => this.#follow(state);
  }

  /**
   * Runs up to a pass, and stops there.
   * @param clocks what the first run has read from outside
   * @throws Failure when it does not come there, comes there otherwise, or is cancelled; nothing of it is left then
   */
  async to(request: LaunchRequest, pass: PassId, clocks: readonly ClockReading[]): Promise<Shown> {
    const { examiner } = this.#shown;
    const { record: _, ...rest } = request;
    try {
      await examiner.parts()[0].launch({ ...rest, goTo: pass });
      await this.#arrived.promise;
    } catch (error) {
      const read = [...clocks, ...examiner.repeatable.clocks];
      await examiner.dispose().finally(() => this.#over.resolve());
      throw this.#parting ? partingFailure(this.#parting, read, rest.python !== undefined) : error;
    }
    this.#over.resolve();
    this.#hasArrived = true;
    examiner.run.followed.isHeld = false;
    examiner.run.watch = null;
    return this.#shown;
  }

  /** Settles when the program has arrived, or nothing of it is left. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  cancel(): void {
    this.#arrived.reject(requestFailure("going to another pass was cancelled; the run is where it was"));
  }

  #part(parting: Parting): void {
    if (this.#hasArrived) return this.#events.parted(parting);
    this.#parting ??= parting;
    this.#arrived.reject(requestFailure(parting.text));
  }

  #follow(state: SessionState): void {
    if (state.kind === "running") this.#events.progress(state.passes);
    else if (state.kind === "stopped") this.#arrived.resolve();
    else if (state.kind === "ended") this.#arrived.reject(state.failure ?? ENDED);
  }
}

const ENDED: Failure = requestFailure("run again, the file ended before it came to that pass");
