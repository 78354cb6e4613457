import type { Engine, EngineEvents } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Disposable } from "./signal.ts";

/** A running engine, wherever it runs. */
export interface EngineConnection {
  readonly engine: Engine;
  /** Settles when the engine is gone: null when it was asked to end, else why it ended by itself. */
  readonly gone: Promise<Failure | null>;
  /** Must be called once, before the first request. */
  serve(events: EngineEvents): void;
  /** Hands the frames of a party of its own ("panel-1") through, unopened. */
  relay(party: string, deliver: (path: string, data: unknown) => void): Relay;
  /** Ends the engine: politely first, by force soon after. Settles when nothing of it is left. */
  stop(): Promise<void>;
}

export interface Relay extends Disposable {
  /** `path` is the channel's name after the party: "/requests" or "/events". */
  send(path: string, data: unknown): void;
}
