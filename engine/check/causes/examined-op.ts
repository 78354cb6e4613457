import type { ForwardMistake } from "./traced-search.ts";
import type { Spelling } from "./spelling.ts";

/** An operand of an op that is found wrong. */
export interface ExaminedOperand {
  /** What `forward` calls it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly isFloating: boolean;
}

/** One of several outputs: which, its shape, and where it lies in the results. */
export interface OutputPart {
  readonly index: number;
  readonly shape: readonly number[];
  readonly start: number;
  readonly count: number;
}

/** What the traced forward of a Function says of its wrong backward: the step at fault, and the gradient that is right. */
export interface Traced {
  readonly found: ForwardMistake | null;
  readonly gradient: Float64Array;
}

/** A part of an operand. */
export interface OperandPart {
  /** The first index along each axis, and how many. */
  readonly ranges: readonly (readonly [start: number, count: number])[];
  /** Integers that are as large or larger are taken modulo this. */
  readonly below: number | null;
}

/**
 * An op at a point, of which a cause is looked for: numbers in, numbers out, whoever runs it. All arrays are row-major
 * float64; results are flat, one output behind the other.
 */
export interface ExaminedOp {
  readonly operands: readonly ExaminedOperand[];
  readonly output: Float64Array;
  readonly outputShape: readonly number[];
  /** The outputs of an op with several; empty for any other. */
  readonly parts: readonly OutputPart[];
  /** Whether it rounds to float32 inside. */
  readonly isCoarse: boolean;
  /** How the program's language writes what is suggested; as the engine's own, where it is absent. */
  readonly spelling?: Spelling;
  /** The results with one element of an operand moved, for each move. */
  moved(
    operand: number,
    moves: readonly { readonly element: number; readonly by: number }[],
  ): Promise<readonly Float64Array[]>;
  /** What its backward returns for an operand; null for none. */
  product(operand: number, cotangent: Float64Array): Promise<Float64Array | null>;
  /**
   * The step at which the backward of a Function goes wrong, and the gradient that the ops of its forward give for that
   * cotangent. Only for Functions whose forward can be run with its ops recorded.
   */
  mistake?(operand: number, cotangent: Float64Array): Promise<Traced | null>;
  /** The same op at a part of each operand. Rejects where it cannot be run there; absent where only the whole can be. */
  part?(parts: readonly OperandPart[]): Promise<ExaminedOp>;
}

/** The outputs of an op, also where it has only one. */
export function outputsOf({ parts, outputShape, output }: ExaminedOp): readonly OutputPart[] {
  return parts.length > 0 ? parts : [{ index: 0, shape: outputShape, start: 0, count: output.length }];
}
