import { roundedText } from "../../recording/number-text.ts";

/** Another operand of the op. */
export interface Operand {
  /** What `forward` calls it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** Its own Jacobian, where it has one: the same elements of the result, for each of its own. */
  readonly jacobian: () => Promise<Float64Array | null>;
  /** What backward returns for it, from the same gradient from above. */
  readonly given: () => Promise<Float64Array | null>;
}

/** What an op's operand, its result and its other operands are called, and how large they are. */
export interface Sized {
  readonly name: string;
  readonly shape: readonly number[];
  readonly outputShape: readonly number[];
  readonly x: { readonly length: number };
  readonly y: { readonly length: number };
  readonly others: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: { readonly length: number };
  }[];
}

/**
 * What is known of a wrong vector-Jacobian product, for some elements of one operand. All arrays are row-major float64, and
 * all matrices have a row for each element and a column for each element of the result.
 */
export interface Suspect {
  /** What `forward` calls the operand. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Empty where a Function's several outputs stand one behind the other. */
  readonly outputShape: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly others: readonly Operand[];
  /** The cotangent of the result that the product was given. */
  readonly upstream: Float64Array;
  /** What the op's backward returned. */
  readonly given: Float64Array;
  /** What finite differences say it should be. */
  readonly truth: Float64Array;
  /** ∂ y[k] / ∂ x[e], from finite differences. */
  readonly jacobian: Float64Array;
  /** 0 where those did not settle. */
  readonly known: Uint8Array;
  /** How backward weights the gradient from above, as found out by giving it one element at a time; null where that is too much. */
  readonly returned: Float64Array | null;
  /** How closely a hypothesis must explain what was given, relative to the largest derivative. */
  readonly tolerance: number;
  /** It is a part of a larger one: its sizes and how many of its elements are wrong say nothing of the whole. */
  readonly isPart?: true;
  /** These are some of the operand's elements, chosen by their gradients: where they stand among themselves says nothing. */
  readonly isSample?: true;
  /** The sizes of the whole, where this is a part or a sample of it. */
  readonly whole?: Sized;
  /** Where an element stands in the operand, where these are some of its elements alone. */
  readonly placeOf?: (element: number) => readonly number[];
  /** The backward once more, for another cotangent. */
  productFor(cotangent: Float64Array): Promise<Float64Array>;
}

/**
 * Whether two vectors of the suspect's elements agree everywhere, small against the larger of them. What is not finite, as
 * 1 / y where y is 0, agrees with nothing.
 */
export function agree({ tolerance }: Suspect, a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  const allowed = tolerance * Math.max(largest(a), largest(b));
  if (allowed === Infinity) return false;
  for (let i = 0; i < a.length; i++) if (!(Math.abs(a[i]! - b[i]!) <= allowed)) return false;
  return true;
}

/** Whether what backward does with the gradient from above is what a matrix says, wherever the truth is known. */
export function explains(suspect: Suspect, hypothesis: (row: number, column: number) => number): boolean {
  const { returned, known, jacobian, upstream, tolerance } = suspect;
  if (returned === null) return false;
  const allowed = tolerance * Math.max(largest(returned), largest(jacobian));
  const columns = upstream.length;
  let isCompared = false;
  for (let at = 0; at < returned.length; at++) {
    if (known[at] === 0) continue;
    const expected = hypothesis(Math.floor(at / columns), at % columns);
    if (!(Math.abs(expected - returned[at]!) <= allowed)) return false;
    isCompared = true;
  }
  return isCompared;
}

export function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

/** A matrix's product with a cotangent. */
export function productWith(matrix: Float64Array, cotangent: Float64Array): Float64Array {
  const columns = cotangent.length;
  const product = new Float64Array(columns === 0 ? 0 : matrix.length / columns);
  for (let e = 0; e < product.length; e++) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += matrix[e * columns + k]! * cotangent[k]!;
    product[e] = sum;
  }
  return product;
}

/** True product for a weighting of the upstream: (m ∘ g)ᵀ J. */
export function weightedTruth({ jacobian, upstream }: Suspect, weight: (output: number) => number): Float64Array {
  return productWith(
    jacobian,
    upstream.map((value, k) => value * weight(k)),
  );
}

/** Whether each element of the result depends on the element of the input at its own place only. */
export function isElementwise({ jacobian, x, y, tolerance }: Suspect): boolean {
  if (x.length !== y.length) return false;
  const limit = tolerance * largest(jacobian);
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

/** The flat element at some indices. */
export function flatIndex(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((flat, at, axis) => flat * shape[axis]! + at, 0);
}

/** 2/3 where a number is as simple a fraction as that. */
export function asFraction(value: number): { readonly numerator: number; readonly denominator: number } | null {
  for (let denominator = 1; denominator <= 12; denominator++) {
    const numerator = Math.round(value * denominator);
    if (numerator === 0 || Math.abs(numerator) > 1000) continue;
    if (Math.abs(value - numerator / denominator) <= 1e-6 * Math.abs(value)) return { numerator, denominator };
  }
  return null;
}

/** A factor that is left out or written twice far more often than a mean is taken over another axis: 2, 1/3. */
export function isSimple(ratio: number): boolean {
  const factor = Math.round(Math.max(Math.abs(ratio), 1 / Math.abs(ratio)));
  return (
    factor <= 4 && (Math.abs(Math.abs(ratio) / factor - 1) < 1e-5 || Math.abs(Math.abs(ratio) * factor - 1) < 1e-5)
  );
}

/** 0.6667 reads as "2/3 of". */
export function timesOf(value: number): string {
  const text = factorText(value);
  return text.includes("/") ? `${text} of` : `${text} times`;
}

/** A factor as a person would write it: "2/3", "-1", "0.1234". */
export function factorText(factor: number): string {
  const fraction = asFraction(factor);
  if (fraction === null) return roundedText(factor, 4);
  return fraction.denominator === 1 ? `${fraction.numerator}` : `${fraction.numerator}/${fraction.denominator}`;
}

/** Elements where what was given differs from the truth. */
export function differing({ given, truth, known, upstream, tolerance }: Suspect): number[] {
  const allowed = 10 * tolerance * Math.max(largest(given), largest(truth));
  const columns = upstream.length;
  return Array.from(truth.keys()).filter((i) => {
    if (!(Math.abs(given[i]! - truth[i]!) > allowed)) return false;
    for (let k = i * columns; k < (i + 1) * columns; k++) if (known[k] === 0) return false;
    return true;
  });
}

/** "1 element", "3 elements"; "some elements" of a part or a sample. */
export function count(n: number, { isPart, isSample }: Pick<Suspect, "isPart" | "isSample"> = {}): string {
  return isPart || isSample ? "some elements" : n === 1 ? "1 element" : `${n} elements`;
}

/** How many elements a number of wrong ones is out of: all of an operand's, or those that were examined. */
export function outOf({ given, isSample }: Suspect): string {
  return isSample ? `${given.length} examined` : `${given.length}`;
}

/** `[1, 2]`, as a person would index it. */
export function formatIndex({ shape, placeOf }: Suspect, element: number): string {
  return `[${(placeOf?.(element) ?? coordinates(shape, element)).join(", ")}]`;
}
