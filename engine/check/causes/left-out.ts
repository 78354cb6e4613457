import type { Cause } from "../../protocol/check.ts";
import { agree, coordinates, isElementwise, largest, weightedTruth, type Suspect } from "./suspect.ts";

const CLOSE = 1e-5;

/** Elements where what was given differs from the truth. */
function differing({ given, truth }: Suspect): number[] {
  const allowed = CLOSE * Math.max(largest(given), largest(truth));
  return Array.from(truth.keys()).filter((i) => Math.abs(given[i]! - truth[i]!) > allowed);
}

/** Right where something is passed, but passed at the wrong elements. */
export function mask(suspect: Suspect): Cause | null {
  const { given, truth, upstream } = suspect;
  const off = differing(suspect);
  if (off.length === 0 || largest(given) === 0) return null;
  const small = CLOSE * Math.max(largest(given), largest(truth));
  const blocked = off.filter((i) => Math.abs(given[i]!) <= small);
  const leaked = off.filter((i) => Math.abs(truth[i]!) <= small);
  if (blocked.length + leaked.length !== off.length) return null;
  if (leaked.length === 0) {
    // Where the truth itself blocks some elements, blocking others too is a wrong condition; else something is left out.
    const blocks = truth.some((value, i) => Math.abs(value) <= small && (upstream[i] ?? 1) !== 0);
    if (!blocks) return null;
  }
  const where = formatIndex(suspect, off[0]!);
  const parts = [
    blocked.length > 0 ? `blocked at ${count(blocked.length)} where it must pass` : "",
    leaked.length > 0 ? `passed at ${count(leaked.length)} where it must not` : "",
  ].filter((part) => part !== "");
  return { kind: "mask", text: `the mask is wrong: the gradient is ${parts.join(", and ")}, first at ${where}` };
}

/** Right for some elements, and nothing for the rest. */
export function partial(suspect: Suspect): Cause | null {
  const { given, truth } = suspect;
  const off = differing(suspect);
  if (off.length === 0) return null;
  const small = CLOSE * Math.max(largest(given), largest(truth));
  if (off.some((i) => Math.abs(given[i]!) > small)) return null;
  return {
    kind: "partial",
    text: `only some elements get their gradient: ${count(off.length)} of ${truth.length} get none, first at ${formatIndex(suspect, off[0]!)}`,
  };
}

/** Several contributions belong to an element; only the last of them is there. */
export function overwritten(suspect: Suspect): Cause | null {
  const { given, truth, jacobian, upstream } = suspect;
  const outputs = upstream.length;
  const off = differing(suspect);
  const small = CLOSE * Math.max(largest(given), largest(truth));
  if (off.length === 0) return null;
  for (const i of off) {
    let last = Number.NaN;
    let terms = 0;
    for (let k = 0; k < outputs; k++) {
      const term = jacobian[i * outputs + k]! * upstream[k]!;
      if (Math.abs(term) <= small) continue;
      terms++;
      last = term;
    }
    if (terms < 2 || Math.abs(given[i]! - last) > small) return null;
  }
  return {
    kind: "overwrite",
    text: "contributions are overwritten instead of accumulated: where several belong to one element, only the last is there",
  };
}

/** Of the result's elements along an axis, only some are taken into account. */
export function missingReduction(suspect: Suspect): Cause | null {
  const { given, outputShape } = suspect;
  if (isElementwise(suspect)) return null;
  for (let axis = 0; axis < outputShape.length; axis++) {
    const size = outputShape[axis]!;
    if (size < 2 || size > 256) continue;
    for (const at of [0, size - 1]) {
      const only = weightedTruth(suspect, (k) => (coordinates(outputShape, k)[axis] === at ? 1 : 0));
      if (!agree(given, only)) continue;
      const end = at === 0 ? "first" : "last";
      return at === 0
        ? {
            kind: "missing-reduction",
            text: `the gradient from above is not summed over axis ${axis}, along which the input was repeated: only the ${end} of ${size} entries is used`,
          }
        : {
            kind: "overwrite",
            text: `contributions are overwritten instead of accumulated: only that of the ${end} of ${size} entries along axis ${axis} is there`,
          };
    }
  }
  return null;
}

/** Of the result's elements along an axis, some are left out of the sum. */
export function partialSum(suspect: Suspect): Cause | null {
  const { given, outputShape } = suspect;
  if (isElementwise(suspect)) return null;
  for (let axis = 0; axis < outputShape.length; axis++) {
    const size = outputShape[axis]!;
    if (size < 2 || size > 64) continue;
    const along = (k: number): number => coordinates(outputShape, k)[axis]!;
    const half = Math.floor(size / 2);
    for (let out = 0; out < size; out++) {
      if (
        !agree(
          given,
          weightedTruth(suspect, (k) => (along(k) === out ? 0 : 1)),
        )
      )
        continue;
      return { kind: "partial", text: `what comes from entry ${out} along axis ${axis} of the result is left out` };
    }
    for (const [name, keep] of [
      ["first", (k: number) => along(k) < half],
      ["second", (k: number) => along(k) >= half],
    ] as const) {
      if (
        !agree(
          given,
          weightedTruth(suspect, (k) => (keep(k) ? 1 : 0)),
        )
      )
        continue;
      return { kind: "partial", text: `only the ${name} half of the result along axis ${axis} is taken into account` };
    }
  }
  return null;
}

function formatIndex({ shape }: Suspect, flat: number): string {
  return `[${coordinates(shape, flat).join(", ")}]`;
}

function count(n: number): string {
  return n === 1 ? "1 element" : `${n} elements`;
}
