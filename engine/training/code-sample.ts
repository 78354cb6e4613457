import { runtime } from "../core/runtime.ts";
import type { PassView } from "./pass-view.ts";

/** What a variational autoencoder's code says in one pass. */
export interface CodeSample {
  readonly row: number;
  readonly examples: number;
  /** Standard deviation of the means over the examples: what they tell about them. */
  readonly spread: number;
}

/** The code m + exp(·) ε of a pass, with ε drawn; null where there is none. */
export function codeOf(view: PassView): CodeSample | null {
  for (let row = 0; row < view.rows; row++) {
    if (!view.is(row, "add") || view.inputs(row).length !== 2) continue;
    for (const [mean, noise] of [view.inputs(row), view.inputs(row).toReversed()] as [number, number][]) {
      if (!view.is(noise, "multiply") || view.inputs(noise).length !== 2) continue;
      const scale = view.inputs(noise).find((input) => view.isLive(input));
      const drawn = view.inputs(noise).find((input) => !view.isOp(input) && !view.isLive(input));
      if (scale === undefined || drawn === undefined || !view.is(scale, "exponential", "softplus")) continue;
      const shape = view.shape(mean);
      if (shape.length !== 2 || shape[0]! < 8) continue;
      return { row, examples: shape[0]!, spread: spreadOf(view, mean) };
    }
  }
  return null;
}

function spreadOf(view: PassView, row: number): number {
  const values = view.numbers(row);
  const [examples, units] = view.shape(row) as [number, number];
  if (values === null) return runtime.kernels.statistics(view.value(row)).std;
  let largest = 0;
  for (let unit = 0; unit < units; unit++) {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < examples; i++) {
      const value = values[i * units + unit]!;
      sum += value;
      squares += value * value;
    }
    largest = Math.max(largest, Math.sqrt(Math.max(0, squares / examples - (sum / examples) ** 2)));
  }
  return largest;
}
