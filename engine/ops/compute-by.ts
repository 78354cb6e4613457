import { withGradMode } from "../context/grad-mode.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Attributes } from "../recording/attributes.ts";

/**
 * A forward made of other ops, none of which are recorded: for ops that people know by one name, and whose gradient is
 * one formula, but that need no kernel of their own.
 */
export function computeBy<A extends Attributes>(
  forward: (inputs: readonly Tensor[], attributes: A) => Tensor,
): (inputs: readonly Tensor[], attributes: A, out: Tensor) => void {
  return (inputs, attributes, out) => {
    const result = withGradMode(false, () => forward(inputs, attributes));
    if (result.isContiguous() && result.base === null && !inputs.includes(result) && result.dtype === out.dtype) {
      out.storage.become(result.storage);
    } else runtime.kernels.copy(result, out);
  };
}
