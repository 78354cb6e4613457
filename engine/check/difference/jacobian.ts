import { readElements, type Tensor } from "../../core/tensor.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { moved } from "./directions.ts";

/** Elements moved in one request. */
const BATCH = 32;
/** Relative to max(1, |x|): with the extrapolation below, rounding and truncation are both near 1e-10. */
const STEP = 2 ** -10;

/**
 * The Jacobian of an op with respect to one input by extrapolated central differences: ∂ y[k] / ∂ x[e] at
 * `e * outputs + k`. Exact enough to compare hypotheses, without an error bar of its own.
 */
export async function jacobianOf(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  index: number,
  output: Tensor,
): Promise<Float64Array> {
  const values = readElements(inputs[index]!);
  const outputs = output.numel();
  const jacobian = new Float64Array(values.length * outputs);
  for (let start = 0; start < values.length; start += BATCH) {
    const elements = Array.from({ length: Math.min(BATCH, values.length - start) }, (_, i) => start + i);
    const steps = elements.map((element) => STEP * Math.max(1, Math.abs(values[element]!)));
    const results = await replay.scoped(async () => {
      const batch = elements.flatMap((element, i) =>
        [1, -1, 0.5, -0.5].map((factor) =>
          inputs.map((input, j) =>
            j === index ? moved(input, element, values[element]! + factor * steps[i]!) : input,
          ),
        ),
      );
      return (await replay.apply(row, batch)).map(readElements);
    });
    elements.forEach((element, i) => {
      const [up, down, halfUp, halfDown] = results.slice(4 * i, 4 * i + 4) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let k = 0; k < outputs; k++) {
        const wide = (up[k]! - down[k]!) / (2 * steps[i]!);
        const narrow = (halfUp[k]! - halfDown[k]!) / steps[i]!;
        jacobian[element * outputs + k] = (4 * narrow - wide) / 3;
      }
    });
  }
  return jacobian;
}
