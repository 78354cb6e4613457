import type { NodeId, PassId } from "./ids.ts";
import type { NodeDetail, OpFormula } from "./inspection.ts";

/** A small tensor, opened into its elements. */
export interface ScalarTensor {
  readonly node: NodeId;
  readonly op: string;
  readonly label: string;
  readonly shape: readonly number[];
  /** False for parameters and data. */
  readonly isOp: boolean;
  readonly requiresGrad: boolean;
  readonly gradientState: NodeDetail["gradientState"];
  /** Row-major. */
  readonly data: Float64Array;
  /** What had arrived at the cursor; null while nothing has. */
  readonly gradient: Float64Array | null;
  readonly formula: OpFormula | null;
}

/** How the elements of an op's result depend on those of one of its inputs: one entry for each pair that does. */
export interface ScalarFlow {
  /** Position in `PassGraph.inputs`. */
  readonly edge: number;
  /** Which input of the consumer. */
  readonly position: number;
  readonly input: NodeId;
  readonly consumer: NodeId;
  /** Flat elements of the input and of the result, and ∂ result / ∂ input; NaN where no rule gives it. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly local: Float64Array;
}

/** The neighbourhood of a node as scalars. Tensors are in tape order. */
export interface ScalarGraph {
  readonly pass: PassId;
  readonly tensors: readonly ScalarTensor[];
  readonly flows: readonly ScalarFlow[];
  /** True when neighbours were left out: tensors that are too large, or too many of them. */
  readonly more: boolean;
}
