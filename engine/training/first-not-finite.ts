import { runtime } from "../core/runtime.ts";
import type { Statistics } from "../kernels/kernels.ts";
import type { PassView } from "./pass-view.ts";

/** Where a pass first stopped being finite. */
export interface NotFinite {
  readonly row: number;
  readonly what: "NaN" | "Infinity";
  readonly where: "data" | "parameter" | "op" | "backward";
}

/** Goes back from a loss or a gradient that is not finite to the row that was the first; null where all are. */
export function firstNotFinite(view: PassView): NotFinite | null {
  const root = view.pass.roots[0];
  if (root === undefined) return null;
  const known = new Map<number, Statistics>();
  const statistics = (row: number): Statistics => {
    let found = known.get(row);
    if (!found) known.set(row, (found = runtime.kernels.statistics(view.value(row))));
    return found;
  };
  const nans = (row: number): boolean => statistics(row).nans > 0;
  const infinite = (row: number): boolean =>
    statistics(row).positiveInfinities + statistics(row).negativeInfinities > 0;
  if (nans(root) || infinite(root)) {
    let row: number = root;
    for (;;) {
      const inputs: readonly number[] = view.inputs(row);
      // What is multiplied with masks nothing.
      const multiplies = view.is(row, "linear", "convolution", "product", "multiply");
      const isMask = (input: number): boolean =>
        view.is(input, "mask-fill") ||
        (!multiplies && !view.isOp(input) && statistics(input).negativeInfinities > 0 && !nans(input));
      const next = inputs.find(nans) ?? inputs.find((input) => infinite(input) && !isMask(input));
      if (next === undefined) break;
      row = next;
    }
    const what = nans(row) ? "NaN" : "Infinity";
    return { row, what, where: view.isOp(row) ? "op" : view.isLive(row) ? "parameter" : "data" };
  }
  // The forward is finite: whose product was the first that was not?
  for (let row = view.rows - 1; row >= 0; row--) {
    const gradient = view.pass.gradient(row);
    if (gradient === null) continue;
    const { nans: bad, positiveInfinities, negativeInfinities } = runtime.kernels.statistics(gradient);
    if (bad + positiveInfinities + negativeInfinities === 0) continue;
    const consumer = view.consumers(row).find((one) => view.pass.gradient(one) !== null) ?? row;
    return { row: consumer, what: bad > 0 ? "NaN" : "Infinity", where: "backward" };
  }
  return null;
}
