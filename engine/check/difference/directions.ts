import { withGradMode } from "../../context/grad-mode.ts";
import { apply } from "../../ops/apply.ts";
import { clone } from "../../ops/copying.ts";
import { runtime } from "../../core/runtime.ts";
import { fromNumbers } from "../../core/creation.ts";
import { Tensor } from "../../core/tensor.ts";
import { probeCotangents, scaleOf } from "../replay/elements.ts";
import { glance } from "../replay/sampling.ts";
import { entryOf, type Stack } from "../replay/stack.ts";

/** A way in which a tensor is changed to see what that does: one element of it, or all at once. */
export interface Way {
  /** Flat index; -1 where all elements change. */
  readonly element: number;
  /** The derivative along it, as the rules give it. */
  readonly analytic: number;
  /** Magnitude of the tensor along it. */
  readonly magnitude: number;
}

export interface Direction extends Way {
  /** The tensor, dense, moved by each of some steps. */
  readonly at: (steps: readonly number[]) => Stack;
}

/** The element of a direction in which all change. */
export const ALL = -1;

/** How far an element that is zero takes part, as a share of the largest. */
const LEAST_SHARE = 1e-3;

/** Directions of unit length in which every element changes, the same ones in every run. */
export function* randomDirections(
  tensor: Tensor,
  analytic: Float64Array,
  seed: number,
  count: number,
): Generator<Direction> {
  const values = glance(tensor);
  if (values.length === 0) return;
  const largest = scaleOf(values, 0);
  for (let n = 0; n < count; n++) {
    const direction = probeCotangents(values.length, seed + n * 7919);
    const length = Math.sqrt(direction.reduce((sum, d) => sum + d * d, 0));
    yield along(tensor, largest, direction, 1 / length, analytic);
  }
}

/**
 * The direction in which every element takes part as far as its own magnitude lets it, so that none leaves the range in
 * which the function is defined, and with the sign of its derivative, so that no two contributions cancel: where the
 * derivative along it is right, few elements can be wrong.
 */
export function uphill(tensor: Tensor, analytic: Float64Array, seed: number): Direction {
  const values = glance(tensor);
  const largest = scaleOf(values, 0);
  const least = largest === 0 ? 1 : LEAST_SHARE * largest;
  const direction = probeCotangents(values.length, seed);
  let longest = Number.MIN_VALUE;
  for (let i = 0; i < direction.length; i++) {
    const magnitude = Math.abs(values[i]!);
    // From an infinite value there is no way anywhere.
    const size = magnitude < Infinity ? Math.abs(direction[i]!) * Math.max(magnitude, least) : 0;
    longest = Math.max(longest, size);
    // Without a branch, as in `difference`.
    direction[i] = size * (1 - 2 * Number(analytic[i]! < 0));
  }
  return along(tensor, largest, direction, 1 / longest, analytic);
}

/** Along `factor` times a direction. */
function along(
  tensor: Tensor,
  magnitude: number,
  direction: Float64Array,
  factor: number,
  analytic: Float64Array,
): Direction {
  let slope = 0;
  for (let i = 0; i < direction.length; i++) slope += analytic[i]! * direction[i]!;
  const way = fromNumbers(direction, tensor.shape, "float64");
  return {
    element: ALL,
    analytic: factor * slope,
    magnitude,
    at: (steps) => {
      const { kernels } = runtime;
      const values = Tensor.empty([steps.length, ...tensor.shape], "float64");
      steps.forEach((step, k) => {
        const entry = entryOf(values, k);
        kernels.binaryScalar("mul", way, factor * step, entry);
        kernels.binary("add", tensor, entry, entry);
      });
      return { values, slab: null };
    },
  };
}

/** A dense copy with one element changed. */
export function moved(tensor: Tensor, element: number, value: number): Tensor {
  const copy = withGradMode(false, () => apply(clone, [tensor]));
  runtime.memory.f64[copy.offset / 8 + element] = value;
  return copy;
}
