import type { Failure, Frame } from "./failure.ts";
import type { PassId } from "./ids.ts";
import type { Site } from "./site.ts";

/** One of the processes that train a model together, each a rank. */
export interface RankState {
  readonly rank: number;
  /** "starting": nothing has been heard of it yet; "missing": of recordings that are opened as one, none is of it. */
  readonly kind: "starting" | "running" | "stopped" | "ended" | "missing";
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

/** One rank at each node of a pass. The columns are empty where it does not have the pass. */
export interface RankColumns {
  readonly rank: number;
  /** Norms of gradients; NaN where there is none. */
  readonly gradient: Float64Array;
  /** 1 where a value or gradient is not finite, 2 where it is not what it is on most ranks and must be, 0 elsewhere. */
  readonly wrong: Uint8Array;
}

/** All ranks beside each other, at the nodes of the shown rank's pass. */
export interface RankStrip {
  readonly pass: PassId;
  readonly shown: number;
  readonly ranks: readonly RankColumns[];
}

/** What can be asked of a run of several ranks. For any other run, `ranks` is null. */
export interface RankReading {
  ranks(): Promise<RankStates | null>;
  /** Shows another rank: its passes, its stop, its variables. Rejects where there is no such rank. */
  selectRank(rank: number): Promise<void>;
  /** What all ranks that stand still have at the nodes of a pass, in a few numbers; null of a run of one. */
  rankStrip(pass: PassId): Promise<RankStrip | null>;
  /** The user's frames of a rank that stands still, innermost first. */
  framesOfRank(rank: number): Promise<readonly Frame[]>;
}
