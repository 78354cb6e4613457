import type { Site } from "../../protocol/site.ts";

/** Which rank of which run something was recorded of. */
export interface RankIdentity {
  readonly rank: number;
  /** How many ranks train together, on all machines. */
  readonly ranks: number;
  /** The same on all ranks of a run: where they met. */
  readonly run: string;
  /** When the rank's process began, in seconds since 1970, by its machine's clock. */
  readonly began: number;
}

/** Two weighed sums of a tensor's elements, their norm, and how many elements are not finite, which count as 0. */
export type RankNumbers = readonly [first: number, second: number, norm: number, notFinite: number];

/** A call that waits for other ranks. */
export interface RankCall {
  /** "all_reduce", "backward of Net, its pass 3". */
  readonly call: string;
  /** The ranks that make it together; null for all. */
  readonly group: readonly number[] | null;
  /** As torch calls their process group on each of them: several may have the same ranks. Null: the default one. */
  readonly groupName: string | null;
  /** Whether all ranks of the group make such calls in the same order. */
  readonly ordered: boolean;
  readonly site: Site | null;
}

/**
 * What ranks promise each other of a parameter: its gradient is reduced in this pass; it will be, in a later one (`no_sync`); it
 * should have been, but the forward pass went around the wrapper; a communication hook of the script's own reduces it; the script
 * reduces it by itself; each rank holds a part.
 */
export type RankPromise = "reduced" | "postponed" | "bypassed" | "hooked" | "by-hand" | "shard";

/** A parameter in one pass of one rank. */
export interface RankLeaf {
  readonly name: string;
  /** Its row on the pass's tape; null where the pass has not reached it. */
  readonly row: number | null;
  /** The op that reads it first, and where it was called. */
  readonly op: string | null;
  readonly site: Site | null;
  readonly shape: readonly number[];
  /** The relative error of one rounding in its dtype. */
  readonly epsilon: number;
  readonly promise: RankPromise | null;
  /** What the sum of what all ranks brought is divided by; null where that is the number of ranks. */
  readonly divisor: number | null;
  /** Which of the wrapped models it belongs to, in the order in which they were wrapped; -1: the script's own reduction. */
  readonly model: number;
  readonly group: readonly number[] | null;
  readonly value: RankNumbers | null;
  /** Its `.grad` before the pass, what the pass computed for it, and its `.grad` after. */
  readonly before: RankNumbers | null;
  readonly local: RankNumbers | null;
  readonly after: RankNumbers | null;
}

/** Where a number first arose that is not finite. */
export interface RankBad {
  readonly row: number;
  readonly op: string;
  /** The label of an operand that was not finite by itself; empty for an op. */
  readonly label: string;
  readonly site: Site | null;
  readonly when: "forward" | "backward";
}

/** One pass of one rank. */
export interface RankPass {
  readonly pass: number;
  readonly site: Site | null;
  /** The same in passes of several ranks that belong together; null of one that a rank makes for itself. */
  readonly turn: string | null;
  readonly leaves: readonly RankLeaf[];
  readonly bad: RankBad | null;
  readonly seed: number;
  readonly failed: boolean;
}

/** What an optimizer of one rank is about to step with. */
export interface RankStep {
  /** Optimizers are numbered as they step first. */
  readonly optimizer: { readonly number: number; readonly name: string };
  /** How many steps that optimizer has made with this one. */
  readonly step: number;
  readonly site: Site | null;
  /** The numbers of each parameter group, as text: they need not be finite. */
  readonly rates: readonly Readonly<Record<string, string>>[];
  /** The scale of a gradient scaler; null where there is none. */
  readonly scale: number | null;
  readonly gradients: readonly {
    readonly name: string;
    readonly model: number;
    readonly group: readonly number[] | null;
    readonly numbers: RankNumbers | null;
  }[];
}

/** A gradient that the script sums by itself, in a call that returns when it is done. */
export interface RankReduction {
  /** How many of its group's reductions the rank has made with this one. */
  readonly turn: number;
  /** The rank's last pass. */
  readonly pass: number;
  readonly name: string;
  readonly group: readonly number[] | null;
  readonly groupName: string | null;
  readonly site: Site | null;
  readonly epsilon: number;
  /** 1 of a sum; null of a mean. */
  readonly divisor: number | null;
  readonly before: RankNumbers | null;
  readonly after: RankNumbers | null;
}

/** What a rank tells while it runs, in the order in which it happens. A call of null: the last one has ended. */
export type RankReport =
  | { readonly event: "rank.call"; readonly call: RankCall | null }
  | ({ readonly event: "rank.pass" } & RankPass)
  | ({ readonly event: "rank.step" } & RankStep)
  | ({ readonly event: "rank.reduction" } & RankReduction);
