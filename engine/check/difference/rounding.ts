import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { disturbed, roundingBehind } from "../replay/disturbance.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { glance } from "../replay/sampling.ts";
import { repeated, type Stack } from "../replay/stack.ts";
import { sampleRoots } from "../replay/stacked-pass.ts";
import { ALL, moved } from "./directions.ts";

/**
 * A bound on the rounding of ⟨w, f(x)⟩, counting whatever is summed up inside of f: a sum of 1e20, −1e20 and 1 is small, and
 * none of its digits is right. What disturbed operands change shows how large the terms are.
 * @param element of the operand `index` that is moved: only the results that it reaches count; all for {@link ALL}.
 */
export async function roundingOfOp(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  index: number,
  element: number,
  base: { readonly elements: Float64Array; readonly weights: Float64Array; readonly epsilon: number },
): Promise<number> {
  return replay.scoped(async () => {
    const batch = [inputs.map((input, i) => disturbed(input, row + i))];
    if (element !== ALL) {
      const value = glance(inputs[index]!)[element]!;
      const step = Math.max(1, Math.abs(value)) / 4;
      for (const to of [value + step, value - step]) {
        batch.push(inputs.map((input, i) => (i === index ? moved(input, element, to) : input)));
      }
    }
    const [near, ...far] = (await replay.apply(row, batch)).map(readElements);
    // Where nothing seems to be reached, what is reached is lost in something large.
    const reached = base.elements.map((value, k) => Number(far.some((there) => there[k] !== value)));
    const isLost = !reached.includes(1);
    let change = 0;
    let magnitude = 0;
    base.elements.forEach((value, k) => {
      if (!(isLost || reached[k]) || !Number.isFinite(value) || !Number.isFinite(near![k])) return;
      change += Math.abs(base.weights[k]! * (near![k]! - value));
      magnitude += Math.abs(base.weights[k]! * value);
    });
    return roundingBehind(change, base.epsilon) + magnitude * base.epsilon;
  });
}

/**
 * A bound on the rounding of the roots, counting every value on the way from `row`: each is disturbed a little, and what
 * that changes at the end shows how large the terms are that cancel on the way.
 */
export function roundingOfRoots(
  replay: DoubleReplay,
  row: number,
  downstream: readonly number[],
  epsilon: number,
): Promise<number> {
  return replay.scoped(async () => {
    const start: Stack = { values: disturbed(repeated(replay.value(row), 1), row), slab: null };
    const [sample] = await sampleRoots(replay, row, downstream, start, {
      after: (stack, at) => ({ values: disturbed(stack.values, at), slab: stack.slab }),
    });
    const { delta, rounding } = sample!;
    return roundingBehind(Math.abs(delta), epsilon) + rounding;
  });
}
