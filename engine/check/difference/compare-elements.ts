import type { Tensor } from "../../core/tensor.ts";
import { compareAlong, type Compared } from "./compare-along.ts";
import type { Sample } from "./five-point.ts";
import { moveElements } from "./move-elements.ts";
import type { Stack } from "../replay/stack.ts";
import type { Comparison } from "../verdict/verdict.ts";

/**
 * Compares some elements of a derivative with finite differences.
 * @param analytic the derivative by each element, row-major.
 * @param largest elements of the largest value that is computed from the tensor.
 * @param sample the function for each value of a stack.
 */
export function compareElements(
  tensor: Tensor,
  analytic: Float64Array,
  elements: readonly number[],
  largest: number,
  sample: (stackOf: () => Stack) => Promise<Sample[]>,
  compared: Compared,
): Promise<Comparison[]> {
  return moveElements(tensor, elements, largest, sample, (element, magnitude, sampler) =>
    compareAlong({ element, analytic: analytic[element]!, magnitude }, sampler, compared),
  );
}
