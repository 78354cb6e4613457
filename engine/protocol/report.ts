import type { OutputLine } from "./engine.ts";

/** What `backstep run` says of a pass, taken right after it. */
export interface PassReport {
  readonly index: number;
  /** Whose pass it is, where several ranks train together. */
  readonly rank?: number;
  readonly kind: "backward" | "grad";
  /** The first root's value; null when it is not a scalar. May be NaN or infinite. */
  readonly loss: number | null;
  readonly nodes: number;
  readonly leaves: readonly LeafReport[];
  /**
   * What requires a gradient and has none after the pass: parameters of the models that the pass reached, and leaves in
   * its graph. Absent where there are none, or where it was not recorded.
   */
  readonly withoutGradient?: readonly string[];
}

export interface LeafReport {
  /** The parameter's path in its module, else its variable. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Euclidean norm of `.grad` (of the returned gradient for autograd.grad). */
  readonly norm: number;
  /** That gradient, flat, row-major; when values were asked for. */
  readonly values?: Float64Array;
}

export interface RunReport {
  readonly file: string;
  readonly passes: readonly PassReport[];
  readonly output: readonly Pick<OutputLine, "stream" | "text" | "rank">[];
}
