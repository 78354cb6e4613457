import type { Engine, EngineEvents } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";

/** A running engine, wherever it runs. */
export interface EngineConnection {
  readonly engine: Engine;
  /** Settles when the engine is gone: null when it was asked to end, else why it ended by itself. */
  readonly gone: Promise<Failure | null>;
  /** Must be called once, before the first request. */
  serve(events: EngineEvents): void;
  /** Hands the frames of a party of its own ("panel-1") through, unopened. */
  relay(party: string, deliver: (path: string, data: unknown) => void): Relay;
  /**
   * Ends the engine: politely first, by force soon after. Settles when nothing of it is left.
   * @param patience milliseconds that it may take to end by itself what runs outside of it
   */
  stop(patience?: number): Promise<void>;
  /** Ends the engine at once. Settles when nothing of it is left. */
  kill(): Promise<void>;
}

export interface Relay {
  /** `path` is the channel's name after the party: "/requests" or "/events". */
  send(path: string, data: unknown): void;
  /** Nothing is delivered any more. */
  dispose(): void;
}
