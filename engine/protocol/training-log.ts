import type { PassId } from "./ids.ts";
import type { Site } from "./site.ts";

/** What the training log follows from pass to pass, and which numbers it keeps of each. */
export const LOG_QUANTITIES = {
  /** One row for all passes: seconds from the start of the run to the end of the pass. */
  time: ["seconds"],
  /** One row for each line that calls `backward()`: its loss. */
  loss: ["loss"],
  /** One row for each group of an optimizer: the learning rate that its next step takes. */
  rate: ["rate"],
  /**
   * One row for each parameter: norms of its gradient, its value and what moved it since the pass before; that over the norm of
   * the value before; and the gradient's share of zeros, count of numbers that are not finite, and largest magnitude.
   */
  parameter: ["gradient", "value", "update", "ratio", "zeros", "notFinite", "largest"],
  /** One row for each activation, in the first and every n-th pass: shares of zeros, of elements at a bound, of dead units. */
  activation: ["zeros", "saturated", "dead"],
} as const;

export type LogRowKind = keyof typeof LOG_QUANTITIES;
export type LogQuantity = (typeof LOG_QUANTITIES)[LogRowKind][number];

/** Something that the log follows. Rows are numbered in the order in which they first had a number, and keep their number. */
export interface LogRow {
  readonly id: number;
  readonly kind: LogRowKind;
  /** A parameter's path in its module, an activation's label, an optimizer's class and group, the root's label of a loss. */
  readonly name: string;
  /** The parameter's shape; empty for every other kind of row. */
  readonly shape: readonly number[];
  /** Where it was made, or is computed. */
  readonly site: Site | null;
}

/**
 * Asks for a stretch of the log. Passes are counted by their position: in the order in which they ended, from 0. Whoever has
 * read up to somewhere and hears that the log grew asks from there on.
 */
export interface LogRequest {
  /** The first position that is wanted. */
  readonly from: number;
  /** The position after the last; null for the end. */
  readonly to: number | null;
  /** Passes that may be drawn together into one bucket. Where the log has been thinned, buckets can be wider than that. */
  readonly width: number;
  /** Numbers of the rows; null for those that are no parameters and no activations. */
  readonly rows: readonly number[] | null;
  /** Which of their quantities; null for all. */
  readonly quantities: readonly LogQuantity[] | null;
}

export interface LogReading {
  /** How many passes the log has by now. */
  readonly passes: number;
  /** Everything that it follows, asked for or not. */
  readonly rows: readonly LogRow[];
  /** The first position of each bucket, and the end of the last: one more than there are buckets. */
  readonly starts: Float64Array;
  /** The number of the first pass in each bucket. */
  readonly firstPasses: Float64Array;
  readonly columns: readonly LogColumn[];
}

/** One quantity of one row, by bucket. What is not finite is in none of the first three, which are NaN where nothing else was. */
export interface LogColumn {
  readonly row: number;
  readonly quantity: LogQuantity;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
  /** Passes of the bucket that had a number, finite or not; 0 where there is nothing to draw. */
  readonly count: Uint32Array;
  /** Position of the first pass of the bucket whose number is not finite; −1 where all are. */
  readonly firstNotFinite: Float64Array;
}

/** How the elements of one gradient are spread: counts in equal bins from −bound to bound. */
export interface GradientHistogram {
  readonly pass: PassId;
  readonly counts: Uint32Array;
}

export interface GradientHistograms {
  /** The largest magnitude in any of them; 0 where there is none. */
  readonly bound: number;
  readonly histograms: readonly GradientHistogram[];
}

/** What can be looked for in a log. */
export type BadStepKind = "not-finite" | "exploding" | "loss-spike" | "dead-units";

/** The first pass in which something went wrong. */
export interface BadStep {
  readonly kind: BadStepKind;
  readonly pass: PassId;
  /** Which row of the log shows it. */
  readonly row: LogRow;
  /** "the gradient of 0.weight is not finite" */
  readonly text: string;
}

/** For which programs a log is written: a table for spreadsheets and data frames, or a folder for TensorBoard. */
export type LogFormat = "csv" | "tensorboard";

/** A log that was written. */
export interface SavedLog {
  /** The file; of TensorBoard's, which has a name of its own, within the folder that was asked for. */
  readonly file: string;
  readonly passes: number;
  readonly bytes: number;
}
