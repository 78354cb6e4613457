import type { DType } from "./dtype.ts";

/** An optimizer of the model file as it stands at the stop, which is before the `step()` that follows. */
export interface OptimizerDetail {
  /** Its class: "SGD", "Adam". */
  readonly name: string;
  readonly groups: readonly OptimizerGroup[];
}

export interface OptimizerGroup {
  /** Options by name, as text: "lr", "0.1". */
  readonly options: readonly (readonly [name: string, text: string])[];
  readonly parameters: readonly OptimizerParameter[];
}

export interface OptimizerParameter {
  /** The parameter's path in its module, or its variable. */
  readonly name: string;
  readonly shape: readonly number[];
  /** What is remembered of it; nothing before its first step. */
  readonly state: readonly OptimizerEntry[];
}

export type OptimizerEntry =
  { readonly name: string; readonly kind: "number"; readonly value: Float64Array } | OptimizerTensor;

export interface OptimizerTensor {
  readonly name: string;
  readonly kind: "tensor";
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** What to ask for its content by; holds until the file goes on. */
  readonly state: number;
}
