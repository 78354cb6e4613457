import type { Cause } from "../protocol/check.ts";
import type { InputCheck } from "./local-check.ts";

/** How closely a hypothesis must explain every compared element. */
const EXPLAINS = 1e-4;

/** The one thing wrong that would explain what a backward gives: never a guess, "unknown" when nothing fits. */
export function findCause(check: InputCheck): Cause {
  const pairs = check.comparisons.filter(
    ({ numeric, analytic }) => Number.isFinite(numeric) && Number.isFinite(analytic),
  );
  const ratio = commonRatio(pairs.map(({ analytic, numeric }) => [analytic, numeric]));
  if (ratio !== null) {
    if (Math.abs(ratio + 1) < EXPLAINS) {
      return { kind: "sign", ratio, text: "the sign is wrong: backward gives minus the gradient for every element" };
    }
    if (ratio !== 0) {
      return {
        kind: "scale",
        ratio,
        text: `a constant factor is off: backward gives ${asFraction(ratio)} of the gradient for every element`,
      };
    }
  }
  return { kind: "unknown", text: "no single mistake explains the difference" };
}

/** analytic / numeric, when it is the same for every element that has a gradient. */
function commonRatio(pairs: readonly (readonly [analytic: number, numeric: number])[]): number | null {
  const scale = pairs.reduce((largest, [, numeric]) => Math.max(largest, Math.abs(numeric)), 0);
  const telling = pairs.filter(([, numeric]) => Math.abs(numeric) > 1e-6 * scale);
  if (telling.length < 2) return null;
  const ratios = telling.map(([analytic, numeric]) => analytic / numeric);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return ratios.every((ratio) => Math.abs(ratio - mean) <= EXPLAINS * Math.abs(mean)) ? mean : null;
}

/** 0.6667 reads as 2/3. */
function asFraction(value: number): string {
  for (let denominator = 1; denominator <= 12; denominator++) {
    const numerator = Math.round(value * denominator);
    if (numerator !== 0 && Math.abs(value - numerator / denominator) < EXPLAINS * Math.abs(value)) {
      return denominator === 1 ? `${numerator} times` : `${numerator}/${denominator}`;
    }
  }
  return `${Number(value.toPrecision(4))} times`;
}
