import type { NodeId, PassId } from "./ids.ts";

/** One element set to another value: of a node's value, or of its complete gradient. */
export interface Edit {
  readonly node: NodeId;
  readonly plane: "value" | "gradient";
  /** Flat, row-major. */
  readonly element: number;
  readonly value: number;
}

/**
 * A pass as it would have been with some elements changed: what depends on them, run again in float64. Arrays are
 * indexed by node; NaN where there is none. Nothing recorded changes.
 */
export interface WhatIf {
  /** [as recorded, with the edits]; NaN when the root is not a scalar. */
  readonly loss: Float64Array;
  readonly valueNorm: Float64Array;
  readonly gradNorm: Float64Array;
  /** The elements of tensors that have at most 64, in the order of their nodes. */
  readonly elements: readonly WhatIfElements[];
}

/** A small tensor with the edits, row-major. */
export interface WhatIfElements {
  readonly node: NodeId;
  readonly value: Float64Array;
  readonly gradient: Float64Array | null;
}

/** What somebody set in a pass, and what follows. */
export interface ShownWhatIf {
  readonly pass: PassId;
  readonly edits: readonly Edit[];
  readonly result: WhatIf;
}
