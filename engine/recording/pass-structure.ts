import type { NodeId, PassId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { Attributes } from "./attributes.ts";

/** What a row applies: the same for all rows of one op. */
export interface RecordedOp {
  /** As the program writes it: "matmul", a Function's class, or "parameter" and "constant" for leaves. */
  readonly name: string;
  /**
   * The id of the engine's record whose rules the op follows, its attributes being that record's. Empty for custom
   * Functions, leaves and ops that the engine has none for. A recorder of another framework claims here what each node must prove.
   */
  readonly record: string;
}

/** A module's or composite function's call that rows were made in. */
export interface RecordedScope {
  /** -1 at the top; a parent stands before its children. */
  readonly parent: number;
  readonly kind: "module" | "function";
  /** The last part of the path: "fc1", "crossEntropy". */
  readonly name: string;
  /** A module's class, or the function's name. */
  readonly type: string;
  /** "encoder.layers.3.attn". */
  readonly path: string;
  /** Which call of it in this pass, from 0. */
  readonly call: number;
}

/** Why a constant has no gradient: what cut it off. */
export interface RecordedCut {
  readonly row: NodeId;
  /**
   * `forward`: it was computed in a custom Function's forward from what requires a gradient. `backward`: a custom
   * Function's backward cut it off, although the gradients that it returned are differentiated again.
   */
  readonly kind: "detach" | "no-grad" | "integer" | "forward" | "backward";
  /** Index into {@link PassStructure.sites}. */
  readonly site: number;
  /** The row that it was cut from, where that took part in the pass. */
  readonly source: NodeId | null;
  /** The custom Function that did it. */
  readonly by?: string | undefined;
}

/**
 * What passes that ran the same ops on the same shapes have in common. Columns are indexed by row: one row an op or a
 * leaf, in forward order, each after its inputs; an edge is a position in `inputs`. Plain data without any address.
 */
export interface PassStructure {
  readonly kind: "backward" | "grad";
  /** Absolute path of the program's main file. */
  readonly file: string;
  /** Whether another framework ran the ops, so that the engine's rules must prove themselves on each node. */
  readonly foreign: boolean;
  readonly rows: number;
  /** What `op` indexes. */
  readonly ops: readonly RecordedOp[];
  readonly op: Uint32Array;
  /** {@link NodeKind} of each row. */
  readonly nodeKind: Uint8Array;
  /** Index into RECORDED_DTYPES. */
  readonly dtype: Uint8Array;
  /** 1 where the row takes part in the backward pass. */
  readonly requiresGrad: Uint8Array;
  /** What `label` indexes; index 0 is the empty string. */
  readonly labels: readonly string[];
  /** The variable that a result was assigned to, or a parameter's path in its root module. */
  readonly label: Uint32Array;
  /** What `site` indexes; index 0 is null. */
  readonly sites: readonly (Site | null)[];
  readonly site: Uint32Array;
  /** The call of `backward()` or `grad()`: index into `sites`. */
  readonly passSite: number;
  readonly scopes: readonly RecordedScope[];
  /** Index into `scopes`; -1 outside any. */
  readonly scope: Int32Array;
  /** What `attribute` indexes; index 0 is the empty object. */
  readonly attributes: readonly Attributes[];
  readonly attribute: Uint32Array;
  /** Shape of row i: `shapes[shapeStart[i] … shapeStart[i + 1])`. A scalar has none. */
  readonly shapeStart: Uint32Array;
  readonly shapes: Float64Array;
  /** Inputs of row i: `inputs[inputStart[i] … inputStart[i + 1])`, each the row that is read. */
  readonly inputStart: Uint32Array;
  readonly inputs: Uint32Array;
  /** Where the backward pass started: normally the loss. */
  readonly roots: readonly NodeId[];
  /**
   * Rows in the order in which their vector-Jacobian products run. Not always the reverse of the forward; it ends with those that
   * would still have run where the pass threw.
   */
  readonly backwardOrder: Uint32Array;
  readonly cuts: readonly RecordedCut[];
  /** Declared reasons of custom Functions whose gradient is meant not to be the derivative. */
  readonly surrogates: readonly (readonly [row: NodeId, reason: string])[];
  /** Where custom Functions' `backward` is written: index into `sites`. */
  readonly backwardSites: readonly (readonly [row: NodeId, site: number])[];
  /** Rows whose gradient a hook changed, and where that was registered: index into `sites`. */
  readonly hooks: readonly (readonly [row: NodeId, site: number])[];
  /** What custom Functions' `forward` call their tensor arguments, where that is known. */
  readonly operandNames: readonly (readonly [row: NodeId, names: readonly string[]])[];
}

/** A leaf that requires a gradient, as it is in one pass. */
export interface RecordedParameter {
  readonly row: NodeId;
  /** The same tensor has the same number in every pass of a run. */
  readonly identity: number;
  /** The rate of the optimizer that it belongs to, if there is one. */
  readonly learningRate: number | null;
}

/** Bits of {@link PassFacts.held}. */
export const Held = { value: 1, gradient: 2, accumulated: 4 } as const;

/** What one pass adds to its structure: what it was, how far it came, and which of its tensors were kept. */
export interface PassFacts {
  readonly pass: PassId;
  /** The first root's value when it is a scalar. */
  readonly loss: number | null;
  /** How many vector-Jacobian products have run: the first so many of `backwardOrder`. */
  readonly steps: number;
  /** Whether user code threw in the middle of the pass. */
  readonly failed: boolean;
  readonly parameters: readonly RecordedParameter[];
  /** Which tensors of each row can be read: bits of {@link Held}. */
  readonly held: Uint8Array;
  /** Edges whose contribution is stored, ascending: no rule gives it again. */
  readonly heldEdges: Uint32Array;
  /**
   * In which memory each row's value and gradient begin, by a number that is the pass's own: rows of one number share it,
   * as views do, and it counts once. 0 where there is none.
   */
  readonly valueMemory: Uint32Array;
  readonly gradientMemory: Uint32Array;
  /**
   * Where tensors were too large to keep: their statistics, as many numbers a row as STATISTIC has, NaN in the rows whose
   * tensors are held. Null where every tensor is.
   */
  readonly valueStatistics: Float64Array | null;
  readonly gradientStatistics: Float64Array | null;
}
