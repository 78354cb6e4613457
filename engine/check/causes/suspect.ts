import type { Tensor } from "../../core/tensor.ts";

/** What is known of a wrong vector-Jacobian product, for one input of one op. All arrays are row-major float64. */
export interface Suspect {
  /** Position among the op's tensor inputs. */
  readonly index: number;
  readonly inputs: readonly Tensor[];
  readonly shape: readonly number[];
  readonly outputShape: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The cotangent of the result that the product was given. */
  readonly upstream: Float64Array;
  /** What the op's backward returned. */
  readonly given: Float64Array;
  /** What finite differences say it should be. */
  readonly truth: Float64Array;
  /** ∂ y[k] / ∂ x[e] at `e * outputs + k`, from finite differences. */
  readonly jacobian: Float64Array;
  tensorOf(values: Float64Array, shape: readonly number[]): Tensor;
  /** The backward once more, for another cotangent. */
  productFor(cotangent: Float64Array): Promise<Float64Array>;
  /** The true product at other inputs, for the same cotangent. */
  truthAt(inputs: readonly Tensor[], index: number): Promise<Float64Array>;
}

/** How closely a hypothesis must explain what was given, relative to the largest derivative. */
const EXPLAINS = 1e-5;

/** Whether two arrays agree everywhere, small against the larger of them. */
export function agree(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  const allowed = EXPLAINS * Math.max(largest(a), largest(b));
  for (let i = 0; i < a.length; i++) if (!(Math.abs(a[i]! - b[i]!) <= allowed)) return false;
  return true;
}

export function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

/** True product for a weighting of the upstream: (m ∘ g)ᵀ J. */
export function weightedTruth(suspect: Suspect, weight: (output: number) => number): Float64Array {
  const { jacobian, upstream, truth } = suspect;
  const outputs = upstream.length;
  const out = new Float64Array(truth.length);
  for (let e = 0; e < out.length; e++) {
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += jacobian[e * outputs + k]! * upstream[k]! * weight(k);
    out[e] = sum;
  }
  return out;
}

/** Whether each element of the result depends on the element of the input at its own place only. */
export function isElementwise({ jacobian, x, y }: Suspect): boolean {
  if (x.length !== y.length) return false;
  const limit = EXPLAINS * largest(jacobian);
  for (let e = 0; e < x.length; e++) {
    for (let k = 0; k < y.length; k++) if (k !== e && Math.abs(jacobian[e * y.length + k]!) > limit) return false;
  }
  return true;
}

/** Indices of a flat element along each axis. */
export function coordinates(shape: readonly number[], flat: number): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** 0.6667 reads as "2/3 of". */
export function timesOf(value: number): string {
  for (let denominator = 1; denominator <= 12; denominator++) {
    const numerator = Math.round(value * denominator);
    if (numerator === 0 || Math.abs(value - numerator / denominator) > EXPLAINS * Math.abs(value)) continue;
    return denominator === 1 ? `${numerator} times` : `${numerator}/${denominator} of`;
  }
  return `${Number(value.toPrecision(4))} times`;
}
