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

/** How far an element that is zero takes part, as a share of the typical magnitude. */
const LEAST_SHARE = 1e-2;
/** Magnitudes further apart than this factor are moved by themselves: beside the large ones, the others are rounding. */
const BAND = 2 ** 14;
/** Elements that are looked at to know which magnitudes a tensor has. */
const GLIMPSES = 511;
const MOST_BANDS = 4;

/** Directions of unit length in which every element changes, the same ones in every run. */
export function* randomDirections(
  tensor: Tensor,
  analytic: Float64Array,
  seed: number,
  count: number,
): Generator<Direction> {
  const values = glance(tensor);
  if (values.length === 0) return;
  const largest = Math.min(scaleOf(values, 0), BAND * (bandsOf(values)[0] ?? 1));
  for (let n = 0; n < count; n++) {
    const direction = probeCotangents(values.length, seed + n * 7919);
    const length = Math.sqrt(direction.reduce((sum, d) => sum + d * d, 0));
    yield along(tensor, { numbers: direction, factor: 1 / length, magnitude: largest }, analytic);
  }
}

/**
 * Directions that together move every element, each as far as its own magnitude lets it, so that none leaves the range in
 * which the function is defined, and with the sign of its derivative, so that no two contributions cancel: where the
 * derivatives along them are right, few elements can be wrong. Most tensors have one. Where some elements are far larger,
 * as those that a mask has made -1e9, these have another: their step is far too wide for the rest, and their contribution
 * would hide the others'.
 */
export function uphill(tensor: Tensor, analytic: Float64Array, seed: number): Direction[] {
  return waysUphill(glance(tensor), analytic, seed).map((way) => along(tensor, way, analytic));
}

/** A direction as numbers: one element of it for each of the tensor's, all to be multiplied by `factor`. */
interface Numbers {
  readonly numbers: Float64Array;
  readonly factor: number;
  readonly magnitude: number;
}

/** The directions of {@link uphill}, as numbers. */
export function waysUphill(values: Float64Array, analytic: Float64Array, seed: number): Numbers[] {
  const bands = bandsOf(values);
  if (bands.length === 0) bands.push(1);
  return bands.map((start, band) => {
    const least = LEAST_SHARE * start;
    const from = band === 0 ? 0 : start;
    const to = bands[band + 1] ?? Infinity;
    const direction = probeCotangents(values.length, seed);
    let longest = Number.MIN_VALUE;
    let largest = 0;
    for (let i = 0; i < direction.length; i++) {
      const magnitude = Math.abs(values[i]!);
      // From an infinite value there is no way anywhere, and along an infinite derivative none that leads back.
      const takesPart = magnitude >= from && magnitude < to && Number.isFinite(analytic[i]!);
      const size = takesPart ? Math.abs(direction[i]!) * Math.max(magnitude, least) : 0;
      longest = Math.max(longest, size);
      if (takesPart) largest = Math.max(largest, magnitude);
      // Without a branch, as in `difference`.
      direction[i] = size * (1 - 2 * Number(analytic[i]! < 0));
    }
    return { numbers: direction, factor: 1 / longest, magnitude: largest };
  });
}

/** Where bands of magnitudes begin, ascending; zeros are of the first. None where no element is finite and not zero. */
function bandsOf(values: Float64Array): number[] {
  const stride = Math.max(1, Math.floor(values.length / GLIMPSES));
  const seen: number[] = [];
  for (let i = 0; i < values.length; i += stride) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > 0 && magnitude < Infinity) seen.push(magnitude);
  }
  const starts: number[] = [];
  for (const magnitude of seen.sort((a, b) => a - b)) {
    if (starts.length === 0 || (magnitude > BAND * starts.at(-1) && starts.length < MOST_BANDS)) starts.push(magnitude);
  }
  return starts;
}

/** The derivative along a direction. */
export function slopeAlong({ numbers, factor }: Numbers, analytic: Float64Array): number {
  let slope = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== 0) slope += analytic[i]! * numbers[i]!;
  return factor * slope;
}

function along(tensor: Tensor, direction: Numbers, analytic: Float64Array): Direction {
  const { numbers, factor, magnitude } = direction;
  const way = fromNumbers(numbers, tensor.shape, "float64");
  return {
    element: ALL,
    analytic: slopeAlong(direction, analytic),
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
