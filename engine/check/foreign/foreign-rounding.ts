import { ALL } from "../difference/directions.ts";
import { disturbedValues, roundingBehind } from "../replay/disturbance.ts";
import type { ForeignOp } from "./foreign-op.ts";

/**
 * A bound on the rounding of ⟨w, f(x)⟩, counting whatever is summed up inside of f: what disturbed operands change shows
 * how large the terms are.
 * @param element of the operand `input` that is moved: only the results that it reaches count; all for {@link ALL}.
 */
export async function roundingOfForeign(
  op: ForeignOp,
  input: number,
  element: number,
  weights: Float64Array,
  epsilon: number,
): Promise<number> {
  const disturbed = op.operands.map((operand, i) =>
    operand.isFloating ? { ...operand, values: disturbedValues(operand.values, op.node + i) } : operand,
  );
  const sets = [disturbed];
  if (element !== ALL) {
    const { values } = op.operands[input]!;
    const step = Math.max(1, Math.abs(values[element]!)) / 4;
    for (const by of [step, -step]) {
      const moved = Float64Array.from(values);
      moved[element]! += by;
      sets.push(op.operands.map((operand, i) => ({ ...operand, ...(i === input && { values: moved }) })));
    }
  }
  const [near, ...far] = await op.forwards(sets);
  const reached = op.output.map((value, k) => Number(far.some((there) => there[k] !== value)));
  const isLost = !reached.includes(1);
  let change = 0;
  let magnitude = 0;
  op.output.forEach((value, k) => {
    if (!(isLost || reached[k]) || !Number.isFinite(value) || !Number.isFinite(near![k])) return;
    change += Math.abs(weights[k]! * (near![k]! - value));
    magnitude += Math.abs(weights[k]! * value);
  });
  return roundingBehind(change, epsilon) + magnitude * epsilon;
}
