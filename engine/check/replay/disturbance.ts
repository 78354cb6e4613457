import { fromNumbers } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { probeCotangents } from "./elements.ts";

/** The share by which operands are disturbed: far more than rounding, and too little to leave a smooth piece. */
const DISTURBANCE = 2 ** -40;
/** A sum of many terms rounds at random; this makes a bound of one draw. */
const SAFETY = 4;

/** Operands, each floating-point element of which is off by about {@link DISTURBANCE}, up or down. */
export function disturbed(tensor: Tensor, seed: number): Tensor {
  if (!isFloating(tensor.dtype)) return tensor;
  return fromNumbers(disturbedValues(readElements(tensor), seed), tensor.shape, "float64");
}

/** The same for numbers. */
export function disturbedValues(values: Float64Array, seed: number): Float64Array {
  const sizes = probeCotangents(values.length, seed);
  return values.map((value, i) => value * (1 + sizes[i]! * DISTURBANCE));
}

/** What a change that {@link disturbed} operands make says of the rounding of a result. */
export function roundingBehind(change: number, epsilon: number): number {
  return (SAFETY * change * epsilon) / DISTURBANCE;
}
