import { runtime } from "../core/runtime.ts";
import type { GradientHistogram, GradientHistograms } from "../protocol/training-log.ts";
import { readPass, type PassSource } from "./pass-source.ts";
import type { ReadablePass } from "./readable-pass.ts";

const BINS = 25;

/**
 * How the elements of one parameter's gradient are spread, in passes that are kept.
 * @param name its path in its module, else its variable
 * @param most passes that are looked at, evenly many apart
 */
export async function gradientHistograms(source: PassSource, name: string, most: number): Promise<GradientHistograms> {
  const kept = source.kept;
  const every = Math.max(1, Math.ceil(kept.length / most));
  const chosen = kept.filter((_, i) => (kept.length - 1 - i) % every === 0).map(({ pass }) => pass);
  const largest: number[] = [];
  for (const pass of chosen) largest.push(await readPass(source, pass, (one) => largestOf(one, name)));
  const bound = Math.max(0, ...largest.filter((value) => Number.isFinite(value)));
  const histograms: GradientHistogram[] = [];
  if (bound > 0) {
    for (const [i, pass] of chosen.entries()) {
      if (Number.isNaN(largest[i])) continue;
      const counts = await readPass(source, pass, (one) => {
        const row = rowNamed(one, name);
        const gradient = row < 0 ? null : one.gradient(row);
        return gradient && runtime.kernels.histogram(gradient, -bound, bound, BINS);
      });
      if (counts) histograms.push({ pass, counts });
    }
  }
  return { bound, histograms };
}

/** The largest magnitude in the parameter's gradient; NaN where the pass has none that is finite. */
function largestOf(pass: ReadablePass, name: string): number {
  const row = rowNamed(pass, name);
  const gradient = row < 0 || !pass.holds(row, "gradient") ? null : pass.gradient(row);
  if (gradient === null) return Number.NaN;
  const { finite, min, max } = runtime.kernels.statistics(gradient);
  return finite === 0 ? Number.NaN : Math.max(Math.abs(min), Math.abs(max));
}

function rowNamed(pass: ReadablePass, name: string): number {
  for (let row = 0; row < pass.rows; row++)
    if (!pass.isOp(row) && pass.requiresGrad(row) && pass.label(row) === name) return row;
  return -1;
}
