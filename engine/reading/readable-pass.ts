import type { DType } from "../protocol/dtype.ts";
import type { Op } from "../ops/op.ts";
import type { RecordedPass } from "../recording/recorded-pass.ts";
import type { View } from "../core/view.ts";

/**
 * A recorded pass whose tensors the engine's readers compute with. They get views of this process's memory and stay
 * synchronous: where a tensor is not there yet, asking for it throws the signal that its {@link PassSource} waits for.
 */
export interface ReadablePass extends RecordedPass {
  /**
   * The record whose rules hold for the row. Undefined for leaves, custom Functions, and ops that another framework ran and our
   * rules have not been shown to fit.
   */
  op(row: number): Op | undefined;
  /** The dtype in which the engine holds the row's elements. */
  heldAs(row: number): DType;
  /** @throws NotKept where the value was too large to be kept, or is complex. */
  value(row: number): View;
  /** The complete gradient; null while there is none. */
  gradient(row: number): View | null;
  /** A leaf's `.grad` right after the pass. */
  accumulated(row: number): View | null;
  /** What was passed back along an edge, where it is stored. */
  storedContribution(edge: number): View | null;
}
