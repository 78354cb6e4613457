import type { OutputLine } from "./engine.ts";

/** What `backstep run` says of a pass, taken right after it. */
export interface PassReport {
  readonly index: number;
  readonly kind: "backward" | "grad";
  /** The first root's value; null when it is not a scalar. May be NaN or infinite. */
  readonly loss: number | null;
  readonly nodes: number;
  readonly leaves: readonly LeafReport[];
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
  readonly output: readonly Pick<OutputLine, "stream" | "text">[];
}
