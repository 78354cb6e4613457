import path from "node:path";
import { EngineProcess, type EngineProcessOptions } from "../../../engine/client/engine-process.ts";
import type { Cursor } from "../../../engine/protocol/cursor.ts";
import type { Engine, LaunchRequest, SessionState } from "../../../engine/protocol/engine.ts";
import { scriptOf } from "../../programs.ts";

/** A session of the real engine process over a model file, for tests: waits for states, collects output. */
export class EngineSession {
  readonly #process: EngineProcess;
  readonly output: string[] = [];
  /** Is told of each line as it comes. */
  printed: (text: string) => void = () => undefined;
  readonly #states: SessionState[] = [];
  readonly #program: string;
  #waiting: (() => void)[] = [];

  constructor(program: string, options: Partial<EngineProcessOptions> = {}) {
    this.#program = program;
    this.#process = new EngineProcess({ script: scriptOf("engine"), folder: path.dirname(program), ...options });
    this.#process.serve({
      stateChanged: (state) => {
        this.#states.push(state);
        for (const wake of this.#waiting.splice(0)) wake();
      },
      cursorMoved: () => undefined,
      output: (lines) => {
        for (const { text } of lines) {
          this.output.push(text);
          this.printed(text);
        }
      },
      rerunProgress: () => undefined,
      checkProgress: () => undefined,
      saveProgress: () => undefined,
      recordingSaved: () => undefined,
      passReported: () => undefined,
      breakpointsChanged: () => undefined,
      trainingLogGrew: () => undefined,
      findingsChanged: () => undefined,
      ranksChanged: () => undefined,
      warned: () => undefined,
    });
  }

  get processId(): number {
    return this.#process.processId ?? -1;
  }

  /** Settles when the engine process is gone. */
  get gone(): EngineProcess["gone"] {
    return this.#process.gone;
  }

  get engine(): Engine {
    return this.#process.engine;
  }

  /** Runs the model file to its first backward(), always with the same random numbers. */
  async firstStop(threads = 1): Promise<Cursor> {
    await this.engine.launch(this.#request(threads));
    const state = await this.nextOf(["stopped", "ended"]);
    if (state.kind === "ended") throw new Error(state.failure?.message ?? "the model file ended without a stop");
    return state.cursor;
  }

  /** Runs the model file to its end. */
  async run(options: Partial<LaunchRequest> = {}): Promise<Extract<SessionState, { kind: "ended" }>> {
    await this.engine.launch({ ...this.#request(1), stopOn: { kind: "none" }, ...options });
    return this.next("ended");
  }

  /** Opens the program where it is a recording. */
  async open(): Promise<void> {
    await this.engine.launch(this.#request(1));
  }

  #request(threads: number): LaunchRequest {
    return {
      program: this.#program,
      args: [],
      stopOn: { kind: "first" },
      threads,
      historyBytes: 2 ** 26,
      seed: 0,
      deterministic: true,
    };
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
    await this.#process.kill();
  }
}
