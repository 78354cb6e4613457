import type { NodeId, PassId } from "../protocol/ids.ts";

/** A tensor that was recorded with a node: its value, its complete gradient, or a leaf's `.grad` right after the pass. */
export type RecordedPlane = "value" | "gradient" | "accumulated";

/**
 * A recorded tensor by a handle, which holds in every process: where its elements are is the business of whoever keeps
 * the recording.
 */
export type TensorRef =
  | { readonly pass: PassId; readonly row: NodeId; readonly plane: RecordedPlane }
  /** What was passed back along an edge of the pass, where it was stored because no rule gives it again. */
  | { readonly pass: PassId; readonly edge: number };

/** Equal for equal handles: the key under which a map finds a tensor. */
export function keyOfTensor(ref: TensorRef): string {
  return "edge" in ref ? `${ref.pass} edge ${ref.edge}` : `${ref.pass} ${ref.plane} ${ref.row}`;
}
