import type { DType } from "./dtype.ts";

/** A value of the user's program, as a debugger shows it. */
export interface EvaluatedValue {
  /** One line: a number, `tensor [64, 10] float32`, `{ lr: 0.1 }`. */
  readonly text: string;
  /** "Tensor", "number", "Array" …: a class or a primitive type. */
  readonly type: string;
  /** Asks for its parts by {@link Engine.children}; 0 when it has none. Holds until the file goes on. */
  readonly reference: number;
  /** How many elements it has that are asked for by {@link Page}. */
  readonly indexed?: number;
  readonly tensor?: { readonly shape: readonly number[]; readonly dtype: DType };
}

/** Some of the elements of an array, a typed array, a Map or a Set. */
export interface Page {
  readonly start: number;
  readonly count: number;
}

export interface NamedValue {
  readonly name: string;
  readonly value: EvaluatedValue;
}
