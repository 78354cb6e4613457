import type { NodeId, PassId } from "../../protocol/ids.ts";
import type { ForwardMistake } from "../causes/traced-search.ts";
import type { View } from "../../core/view.ts";

/**
 * One run of a custom Function on other inputs; with cotangents of its outputs, its backward as well; with probes, one for
 * each input whose cotangent is looked at, the derivative of that.
 */
export interface FunctionEvaluation {
  readonly inputs: readonly View[];
  readonly cotangents: readonly (View | null)[] | null;
  readonly probes?: readonly (View | null)[];
  /** Which input's gradient is known to be wrong: the step of forward is looked for at which backward goes wrong. */
  readonly wrongInput?: number;
}

export interface FunctionResult {
  readonly outputs: readonly View[];
  readonly gradients: readonly (View | null)[] | null;
  /** Where probes were given, derivatives by the inputs and by the cotangents. */
  readonly second?: { readonly inputs: readonly (View | null)[]; readonly cotangents: readonly (View | null)[] };
  /** What is found about a wrong input, and the gradient that forward's own ops give it. */
  readonly mistake?: { readonly found: ForwardMistake | null; readonly gradient: Float64Array };
  /** Whether backward drew random numbers. */
  readonly draws: boolean;
  /** Positions of inputs that forward wrote to without saying so with markDirty. */
  readonly changed: readonly number[];
  /** What this run took of the processor, ms: on a busy machine a run lasts, and costs no more. */
  readonly cost: number;
}

/**
 * Runs custom Functions of a recorded pass: only the user thread can. The views of the answer hold until the next call.
 * Rejects with a Failure when user code throws or its thread has ended.
 */
export type FunctionEvaluator = (
  pass: PassId,
  row: NodeId,
  evaluations: readonly FunctionEvaluation[],
) => Promise<readonly FunctionResult[]>;
