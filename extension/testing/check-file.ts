import type { CheckMode, CheckRow } from "../../engine/protocol/check.ts";
import type { LaunchRequest } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { GradientSession } from "../session/gradient-session.ts";

/** What a check of a file finds, in the order in which it finds it. */
export type Finding =
  | { readonly kind: "pass"; readonly pass: PassId; readonly rows: readonly CheckRow[] }
  /** The file could not be run, or failed on the way; there are no more findings. */
  | { readonly kind: "failed"; readonly failure: Failure };

/** Runs a model file and compares the first pass of each distinct structure with finite differences. */
export async function* checkFile(
  session: GradientSession,
  request: Omit<LaunchRequest, "stopOn">,
  mode: CheckMode,
): AsyncGenerator<Finding, void, void> {
  const states = new StateQueue(session);
  try {
    await session.launch({ ...request, stopOn: { kind: "distinct" } });
    for (;;) {
      const state = await states.next();
      if (state.failure) {
        yield { kind: "failed", failure: state.failure };
        return;
      }
      if (state.pass === null) return;
      await session.check(state.pass, mode);
      yield { kind: "pass", pass: state.pass, rows: session.verdicts(state.pass) };
      await session.resume();
    }
  } finally {
    states.dispose();
  }
}

interface Stop {
  /** Null when the file has ended. */
  readonly pass: PassId | null;
  readonly failure?: Failure;
}

/** The stops of a session, one after the other, however fast they come. */
class StateQueue {
  readonly #stops: Stop[] = [];
  readonly #subscriptions: { dispose(): void }[];
  #wake: (() => void) | null = null;

  constructor(session: GradientSession) {
    this.#subscriptions = [
      session.stateChanged.listen((state) => {
        if (state.kind === "stopped") this.#add({ pass: state.cursor.pass, ...failureOf(state.failure) });
        else if (state.kind === "ended") this.#add({ pass: null, ...failureOf(state.failure) });
      }),
      session.ended.listen((failure) => {
        this.#add({ pass: null, ...failureOf(failure ?? undefined) });
      }),
    ];
  }

  async next(): Promise<Stop> {
    for (;;) {
      const stop = this.#stops.shift();
      if (stop) return stop;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #add(stop: Stop): void {
    this.#stops.push(stop);
    this.#wake?.();
  }
}

function failureOf(failure: Failure | undefined): { failure?: Failure } {
  return failure ? { failure } : {};
}
