import { ForkedEngine } from "../../../engine/session/forked-engine.ts";
import type { SessionState } from "../../../engine/protocol/engine.ts";

/** A session of the real engine process over a model file, for tests: waits for states, collects output. */
export class EngineSession {
  readonly forked: ForkedEngine;
  readonly output: string[] = [];
  readonly #states: SessionState[] = [];
  #waiting: (() => void)[] = [];

  constructor(program: string) {
    this.forked = new ForkedEngine(program, {
      stateChanged: (state) => {
        this.#states.push(state);
        for (const wake of this.#waiting.splice(0)) wake();
      },
      cursorMoved: () => undefined,
      output: (lines) => this.output.push(...lines.map(({ text }) => text)),
      checkProgress: () => undefined,
      passReported: () => undefined,
      breakpointsChanged: () => undefined,
      warned: () => undefined,
    });
  }

  get engine(): ForkedEngine["engine"] {
    return this.forked.engine;
  }

  /** The next state of a kind that has not been waited for yet. */
  next<Kind extends SessionState["kind"]>(kind: Kind): Promise<Extract<SessionState, { kind: Kind }>> {
    return this.nextOf([kind]);
  }

  /** The next state of one of several kinds. */
  async nextOf<Kind extends SessionState["kind"]>(
    kinds: readonly Kind[],
  ): Promise<Extract<SessionState, { kind: Kind }>> {
    for (;;) {
      while (this.#states.length > 0) {
        const state = this.#states.shift()!;
        if (kinds.some((kind) => kind === state.kind)) return state as Extract<SessionState, { kind: Kind }>;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.forked.dispose();
  }
}
