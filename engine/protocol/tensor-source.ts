import type { NodeId, PassId } from "./ids.ts";

/** A tensor that can be read, and is not a plane of a node. */
export type TensorSource =
  /** What a node's vector-Jacobian product passes back to the input at a place. */
  | { readonly kind: "term"; readonly pass: PassId; readonly node: NodeId; readonly place: number }
  /** What an optimizer remembers of a parameter: {@link OptimizerTensor}. */
  | { readonly kind: "optimizer"; readonly state: number };
