import type { NodeId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/site.ts";
import type { ExaminedOperand, OperandPart, OutputPart, Traced } from "../causes/examined-op.ts";

/** A step of an input: of one element by its flat index, or of all of them along a direction where that is {@link ALL}. */
export type Step = readonly [element: number, step: number];

/** ⟨w, f(x + t) − f(x)⟩, and the magnitude of what was subtracted, whose rounding it may carry. */
export interface ForeignSample {
  readonly delta: number;
  readonly magnitude: number;
}

/** What an op passed back to one input in the run, and what it passes back now for the same gradient. */
export interface RanAgain {
  readonly input: number;
  readonly ran: Float64Array;
  readonly inDouble: Float64Array;
  /** In the dtypes of the run. */
  readonly inOwn: Float64Array;
  /** The dtype that the run had it in. */
  readonly dtype: string;
}

/**
 * An op of a pass at its recorded inputs, run again by whoever recorded it: numbers in, numbers out, float64 where the op
 * takes it. All arrays are row-major; results are flat, one output behind the other. Rejects with a `Failure` or an Error
 * whose message says why the op cannot be run.
 */
export interface ForeignOp {
  readonly node: NodeId;
  readonly name: string;
  readonly label: string;
  readonly site: Site | null;
  /** Where a custom Function's `backward` is written. */
  readonly backwardSite: Site | null;
  /** Why its gradient is meant not to be the derivative, where its class says so. */
  readonly surrogate: string | null;
  readonly isFunction: boolean;
  readonly outputShape: readonly number[];
  readonly output: Float64Array;
  readonly operands: readonly ExaminedOperand[];
  /** The outputs of an op with several; empty for any other. */
  readonly parts: readonly OutputPart[];
  /** Operands for which backward gave nothing. */
  readonly without: readonly number[];
  /** The operands that get a gradient, ascending. */
  readonly wanted: readonly number[];
  /** Whether it rounds to float32 somewhere. */
  readonly isCoarse: boolean;
  /** Positions of operands that forward wrote to without saying so. */
  readonly changed: readonly number[];
  /** The row of an embedding's weight that has no gradient and is not meant to have one. */
  readonly paddingRow: number | null;

  /** The cotangents of the wanted operands, for each cotangent of the results. */
  products(cotangents: readonly Float64Array[]): Promise<readonly (readonly Float64Array[])[]>;
  /** The same for one cotangent, after each step of one operand. */
  productsAt(
    input: number,
    steps: readonly Step[],
    cotangent: Float64Array,
    direction: Float64Array | null,
  ): Promise<readonly (readonly Float64Array[])[]>;
  samples(
    input: number,
    steps: readonly Step[],
    cotangent: Float64Array,
    direction: Float64Array | null,
  ): Promise<readonly ForeignSample[]>;
  /** The results for other operands. */
  forwards(operands: readonly (readonly ExaminedOperand[])[]): Promise<readonly Float64Array[]>;
  /** The results after each step of one operand. */
  moved(input: number, steps: readonly Step[]): Promise<readonly Float64Array[]>;
  /**
   * The step of a Function's forward at which its backward goes wrong, from what it returns for an operand for some
   * cotangents of the results; absent where its forward cannot be run step by step.
   */
  mistake?(
    input: number,
    probes: readonly { readonly cotangent: Float64Array; readonly given: Float64Array }[],
  ): Promise<Traced | null>;
  /** The same Function at a part of each operand; absent for any other op. Rejects where it cannot be run there. */
  part?(parts: readonly OperandPart[]): Promise<ForeignOp>;
  /** For each operand whose contribution the recording has. */
  ranAgain(): Promise<readonly RanAgain[]>;
}
