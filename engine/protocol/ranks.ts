import type { Failure, Frame } from "./failure.ts";
import type { Site } from "./site.ts";

/** One of the processes that train a model together, each a rank. */
export interface RankState {
  readonly rank: number;
  /** "starting": nothing has been heard of it yet. */
  readonly kind: "starting" | "running" | "stopped" | "ended";
  /** How many passes it has made. */
  readonly passes: number;
  /** The call that it waits in for other ranks. */
  readonly waitsIn: { readonly call: string; readonly site: Site | null } | null;
  readonly failure: Failure | null;
}

/** All ranks of a run, and the one that is shown. */
export interface RankStates {
  readonly shown: number;
  readonly ranks: readonly RankState[];
}

/** What can be asked of a run of several ranks. Of any other `ranks` is null. */
export interface RankReading {
  ranks(): Promise<RankStates | null>;
  /** Shows another rank: its passes, its stop, its variables. Rejects where there is no such rank. */
  selectRank(rank: number): Promise<void>;
  /** The user's frames of a rank that stands still, innermost first. */
  framesOfRank(rank: number): Promise<readonly Frame[]>;
}
