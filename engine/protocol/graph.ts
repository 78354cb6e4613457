import type { NodeId, PassId, ScopeId, SiteId } from "./ids.ts";
import type { Site } from "./site.ts";

/** What a tape row is. */
export const NodeKind = {
  /** An op of the engine. */
  op: 0,
  /** A custom `autograd.Function`. */
  function: 1,
  /** A leaf that belongs to a module or an optimizer, or that simply requires a gradient. */
  parameter: 2,
  /** A leaf that gets no gradient: data, targets, constants, or a tensor cut off by detach or noGrad. */
  constant: 3,
} as const;
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind];

/** A module instance, composite function (`crossEntropy`) or repeated block that nodes were made in. */
export interface Scope {
  readonly id: ScopeId;
  /** -1 at the top. A parent always has a lower id. */
  readonly parent: ScopeId | -1;
  readonly kind: "module" | "function";
  /** The last part of the path: "fc1", "0", "crossEntropy". */
  readonly name: string;
  /** The class of a module ("Linear"), or the function's name. */
  readonly type: string;
  /** Full path: "encoder.layers.3.attn". */
  readonly path: string;
  /** Which call of it in this pass, from 0: the time step of a recurrent cell. */
  readonly call: number;
}

/**
 * A pass's tape as the graph draws it. Columns are indexed by {@link NodeId}; they never change once sent, except that
 * gradients arrive: see {@link NodeStatistics}.
 */
export interface PassGraph {
  readonly pass: PassId;
  readonly file: string;
  readonly nodeCount: number;
  /** What the columns `op`, `label`, `type` index. Index 0 is the empty string. */
  readonly strings: readonly string[];
  readonly kind: Uint8Array;
  /** The op's name as a model file writes it ("matmul"), a Function's class name, or "parameter" / "input". */
  readonly op: Uint32Array;
  /** The variable the result was assigned to ("h1"), or a parameter's path in its root module ("fc1.weight"). */
  readonly label: Uint32Array;
  /** Scope of each node; -1 outside any. */
  readonly scope: Int32Array;
  /** Index into `sites`; 0 (none) for nodes without a call site. */
  readonly site: Uint32Array;
  readonly sites: readonly (Site | null)[];
  /** Shape of node i: `shapes[shapeStart[i] … shapeStart[i + 1])`. A scalar has none. */
  readonly shapeStart: Uint32Array;
  readonly shapes: Float64Array;
  /** Index into RECORDED_DTYPES. */
  readonly dtype: Uint8Array;
  /** Inputs of node i: `inputs[inputStart[i] … inputStart[i + 1])`. An edge is its position in `inputs`. */
  readonly inputStart: Uint32Array;
  readonly inputs: Uint32Array;
  /** 1 where the node takes part in the backward pass. */
  readonly requiresGrad: Uint8Array;
  readonly scopes: readonly Scope[];
  /** The ops in the order in which their vector-Jacobian products run, from the loss. Length = backward steps. */
  readonly backwardOrder: Uint32Array;
  /** The root(s) of the pass: normally the loss. */
  readonly roots: readonly NodeId[];
  readonly loss: number;
}

/** Statistics of every node's value and complete gradient; NaN where there is none. Indexed by {@link NodeId}. */
export interface NodeStatistics {
  readonly pass: PassId;
  readonly valueNorm: Float64Array;
  readonly gradNorm: Float64Array;
  /** Share of elements that are exactly zero, 0 … 1. */
  readonly valueZeros: Float32Array;
  readonly gradZeros: Float32Array;
  /** The only element of one-element tensors, with its sign; NaN for all others, and where there is no gradient. */
  readonly valueItem: Float64Array;
  readonly gradItem: Float64Array;
  /** How many units (entries of the last axis) are zero for the whole batch; 0 for other nodes than activations. */
  readonly deadUnits: Uint32Array;
  /** Bit flags of {@link NodeFlag}. */
  readonly flags: Uint8Array;
  /**
   * How far the last step of its optimizer moved a parameter, over its norm, both L2. Before the first step what plain
   * gradient descent would do: learning rate times gradient. NaN for all others.
   */
  readonly updateRatio: Float64Array;
  /** Memory that the node keeps of its own: value and complete gradient; nothing for what shares another node's. */
  readonly bytes: Float64Array;
  /** Share of the consumer's outgoing gradient norm that each edge carries, 0 … 1; NaN where the edge carries none. */
  readonly edgeShare: Float32Array;
}

/** How long each op takes when it is run again on what was recorded, milliseconds; NaN where it cannot be. */
export interface NodeTimes {
  readonly pass: PassId;
  readonly forward: Float64Array;
  /** Its vector-Jacobian product. */
  readonly backward: Float64Array;
}

/** `mask`: the value's infinities are there on purpose, as a constant or an attribute that masks, or come from there. */
export const NodeFlag = { valueNaN: 1, valueInf: 2, gradNaN: 4, gradInf: 8, deadUnits: 16, mask: 32 } as const;

export type { NodeId, PassId, ScopeId, SiteId };
