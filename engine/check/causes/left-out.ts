import type { Cause } from "../../protocol/check.ts";
import { roundedText } from "../../recording/number-text.ts";
import {
  agree,
  coordinates,
  count,
  differing,
  explains,
  factorText,
  formatIndex,
  isElementwise,
  largest,
  outOf,
  timesOf,
  weightedTruth,
  type Suspect,
} from "./suspect.ts";

/** Two sizes within this share of the largest are told apart from zero. */
const CLOSE = 1e-5;
/** What is left of numbers that cancel. */
const NOTHING = 1e-12;

/** Right where something is passed, but passed at the wrong elements. */
export async function mask(suspect: Suspect): Promise<Cause | null> {
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
  if (await followsUpstream(suspect)) {
    const text =
      "the mask is made of the gradient from above: where that changes its sign, other elements are blocked; it must be made of the input";
    return { kind: "mask", text };
  }
  const where = formatIndex(suspect, off[0]!);
  // What leaks must be the gradient from above, or what is passed elsewhere would be another mistake than a mask.
  if (leaked.length > 0 && !isPassedElsewhere(suspect, leaked)) return null;
  const parts = [
    blocked.length > 0 ? `blocked at ${count(blocked.length, suspect)} where it must pass` : "",
    leaked.length > 0 ? `passed at ${count(leaked.length, suspect)} where it must not` : "",
  ].filter((part) => part !== "");
  return { kind: "mask", text: `the mask is wrong: the gradient is ${parts.join(", and ")}, first at ${where}` };
}

/** Whether the negated gradient from above is blocked at other elements. */
async function followsUpstream(suspect: Suspect): Promise<boolean> {
  const { given, upstream } = suspect;
  const negated = await suspect.productFor(upstream.map((value) => -value));
  return given.some((value, i) => (value === 0) !== (negated[i] === 0));
}

/** Whether what is passed where nothing must be is what a mask of ones would let through. */
function isPassedElsewhere(suspect: Suspect, leaked: readonly number[]): boolean {
  const { given, upstream, truth } = suspect;
  // Where the result has other elements than the input there is nothing to hold it against.
  if (upstream.length !== given.length || !isElementwise(suspect)) return true;
  const small = CLOSE * largest(truth);
  const slopes = [...truth.keys()].flatMap((i) => (Math.abs(truth[i]!) > small ? [truth[i]! / upstream[i]!] : []));
  const isUniform = slopes.every((slope) => Math.abs(slope - slopes[0]!) <= CLOSE * Math.abs(slope));
  return !isUniform || slopes.length === 0
    ? slopes.length > 0
    : leaked.every((i) => Math.abs(given[i]! / upstream[i]! - slopes[0]!) <= CLOSE * Math.abs(slopes[0]!));
}

/** Right for some elements, and nothing for the rest. */
export function partial(suspect: Suspect): Cause | null {
  const { given, truth } = suspect;
  const off = differing(suspect);
  if (off.length === 0 || suspect.isPart) return null;
  const small = CLOSE * Math.max(largest(given), largest(truth));
  if (off.some((i) => Math.abs(given[i]!) > small)) return null;
  // Nothing but rounding is left where contributions cancel, as those of a softmax do.
  if (largest(given) > 0 && largest(given) <= NOTHING * largest(truth)) return null;
  if (largest(given) === 0) {
    return { kind: "partial", text: `backward returns zeros for ${suspect.name}, of which the result depends` };
  }
  return {
    kind: "partial",
    text: `only some elements get their gradient: ${count(off.length)} of ${outOf(suspect)} get none, first at ${formatIndex(suspect, off[0]!)}`,
  };
}

/** Several contributions belong to an element; only the last of them is there. */
export function overwritten(suspect: Suspect): Cause | null {
  const { given, truth, jacobian, upstream } = suspect;
  const outputs = upstream.length;
  const off = differing(suspect);
  const small = CLOSE * Math.max(largest(given), largest(truth));
  if (off.length === 0) return null;
  if (firstOnly(suspect)) {
    const text =
      "not all contributions are added up: where several elements of the result come from one, only that of the first is there";
    return { kind: "missing-reduction", text };
  }
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

/** Several elements of the result come from one; only the first of them is looked at. */
function firstOnly({ jacobian, returned, known, upstream, outputShape, tolerance }: Suspect): boolean {
  if (returned === null || outputShape.length === 0) return false;
  const columns = upstream.length;
  const small = tolerance * largest(jacobian);
  let left = 0;
  for (let row = 0; row < jacobian.length; row += columns) {
    let isFirst = true;
    for (let at = row; at < row + columns; at++) {
      if (known[at] === 0) continue;
      const isThere = Math.abs(jacobian[at]!) > small;
      const expected = isThere && isFirst ? jacobian[at]! : 0;
      if (isThere && !isFirst) left++;
      if (isThere) isFirst = false;
      if (Math.abs(returned[at]! - expected) > small) return false;
    }
  }
  return left > 1;
}

/** A loss whose gradient lacks a constant at one element of each row: that of the target. */
export function oneHotLeftOut(suspect: Suspect): Cause | null {
  const { given, truth, shape, upstream } = suspect;
  const off = differing(suspect);
  const width = shape.at(-1);
  if (upstream.length !== 1 || width === undefined || width < 2 || off.length !== given.length / width) return null;
  const rows = new Set(off.map((i) => Math.floor(i / width)));
  const missing = off.map((i) => (truth[i]! - given[i]!) / upstream[0]!);
  const isOne = missing.every((value) => Math.abs(value - missing[0]!) <= CLOSE * Math.abs(missing[0]!));
  if (rows.size !== off.length || !isOne || off.length < 2) return null;
  const text = `a constant is missing at one element of each row: ${factorText(missing[0]!)} is to be added there, as the one-hot of a target would`;
  return { kind: "missing-term", text };
}

/** A loss whose gradient has its constant, that of the target, at another element of each row. */
export function oneHotMisplaced(suspect: Suspect): Cause | null {
  const { given, truth, shape, upstream, name } = suspect;
  const off = differing(suspect);
  const width = shape.at(-1) ?? 1;
  const rows = given.length / width;
  if (shape.length < 2 || width < 3 || (upstream.length !== 1 && upstream.length !== rows)) return null;
  const byRow = Array.from({ length: rows }, (_, row) => off.filter((i) => Math.floor(i / width) === row));
  const moved = byRow.filter((list) => list.length > 0);
  if (moved.length < 2 || moved.some((list) => list.length !== 2)) return null;
  const extra = (i: number): number =>
    (given[i]! - truth[i]!) / (upstream.length === 1 ? upstream[0]! : upstream[Math.floor(i / width)]!);
  const size = Math.abs(extra(moved[0]![0]!));
  const isMove = ([a, b]: readonly number[]): boolean =>
    Math.abs(extra(a!) + extra(b!)) <= CLOSE * size && Math.abs(Math.abs(extra(a!)) - size) <= CLOSE * size;
  if (!moved.every(isMove)) return null;
  const [first] = moved as [number[]];
  // In p − t, the element that has too little is where t was put.
  const [at, from] = extra(first[0]!) < 0 ? first : first.toReversed();
  const text = `a constant, as the one-hot of a target, is at the wrong element of ${moved.length} rows: ${name} gets it at ${formatIndex(suspect, at!)}, where ${formatIndex(suspect, from!)} belongs`;
  return { kind: "shift", text };
}

/** Only some of the result's elements along an axis are taken into account. */
export function missingReduction(suspect: Suspect): Cause | null {
  const { given, outputShape } = suspect;
  if (isElementwise(suspect)) return null;
  for (let axis = 0; axis < outputShape.length; axis++) {
    const size = outputShape[axis]!;
    if (size < 2 || size > 256) continue;
    for (const at of [0, size - 1]) {
      const only = weightedTruth(suspect, (k) => (coordinates(outputShape, k)[axis] === at ? 1 : 0));
      if (!agree(suspect, given, only)) continue;
      const end = at === 0 ? "first" : "last";
      return at === 0
        ? {
            kind: "missing-reduction",
            text: `the gradient from above is not summed over axis ${axis}, along which the input was repeated: only the ${end} of ${size} entries is used`,
            fix: { kind: "say", code: `sum over axis ${axis}: .sum(${axis})` },
          }
        : {
            kind: "overwrite",
            text: `contributions are overwritten instead of accumulated: only that of the ${end} of ${size} entries along axis ${axis} is there`,
          };
    }
  }
  return null;
}

/** Some of the result's elements along an axis are left out of the sum. */
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
          suspect,
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
          suspect,
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

/** In a gradient that is summed over the result, what comes from some of its elements is left out. */
export function someLeftOut(suspect: Suspect): Cause | null {
  const { returned, jacobian, known, upstream, outputShape, tolerance } = suspect;
  if (returned === null || isElementwise(suspect) || outputShape.length === 0) return null;
  const columns = upstream.length;
  const small = tolerance * Math.max(largest(returned), largest(jacobian));
  const isLeftOut = new Set<number>();
  const isThere = new Set<number>();
  for (let at = 0; at < returned.length; at++) {
    if (known[at] === 0 || Math.abs(jacobian[at]!) <= 10 * small) continue;
    (Math.abs(returned[at]!) <= small ? isLeftOut : isThere).add(at % columns);
  }
  if (isLeftOut.size === 0 || isThere.size === 0) return null;
  if (!explains(suspect, (e, k) => (isLeftOut.has(k) ? 0 : jacobian[e * columns + k]!))) return null;
  const [first] = isLeftOut;
  const place = `[${coordinates(outputShape, first!).join(", ")}]`;
  const text = suspect.isPart
    ? "what comes from some elements of the result is left out; what comes from the others is right"
    : `what comes from ${count(isLeftOut.size)} of the result is left out, first at ${place}; what comes from the others is right`;
  return { kind: "partial", text };
}

/** The contributions of one index along an axis stand for those of all. */
export function singleEntry(suspect: Suspect): Cause | null {
  const { outputShape, jacobian, upstream } = suspect;
  const columns = upstream.length;
  for (let axis = 0; axis < outputShape.length; axis++) {
    const size = outputShape[axis]!;
    if (size < 3 || size > 64) continue;
    for (let only = 1; only < size - 1; only++) {
      const isOnly = (k: number): boolean => coordinates(outputShape, k)[axis] === only;
      if (!explains(suspect, (e, k) => (isOnly(k) ? jacobian[e * columns + k]! : 0))) continue;
      return {
        kind: "missing-reduction",
        text: `the gradient from above is not summed over axis ${axis}, along which the input was repeated: only entry ${only} of ${size} is used`,
      };
    }
  }
  return null;
}

/** A factor that is off in some elements alone, as in one branch of several; the others are right. */
export function scaledInSome(suspect: Suspect): Cause | null {
  const { given, truth, x, name } = suspect;
  const off = differing(suspect);
  const small = CLOSE * largest(truth);
  const right = [...truth.keys()].filter((i) => !off.includes(i) && Math.abs(truth[i]!) > small);
  if (off.length < 3 || right.length === 0) return null;
  const ratios = off.map((i) => given[i]! / truth[i]!);
  const [ratio] = ratios as [number];
  if (
    !Number.isFinite(ratio) ||
    ratio === 0 ||
    ratios.some((own) => !(Math.abs(own - ratio) <= 1e-6 * Math.abs(ratio)))
  ) {
    return null;
  }
  const bounds = [Math.min(...off.map((i) => x[i]!)), Math.max(...off.map((i) => x[i]!))] as const;
  const isApart = right.every((i) => x[i]! < bounds[0] || x[i]! > bounds[1]);
  const where = isApart ? `, where ${name} is ${roundedText(bounds[0], 3)} to ${roundedText(bounds[1], 3)}` : "";
  const what =
    Math.abs(ratio + 1) < 1e-6
      ? "the sign is wrong"
      : `a factor is off: backward returns ${timesOf(ratio)} the gradient`;
  const text = `in ${off.length} of ${outOf(suspect)} elements alone${where}, ${what}; the others are right, as where one of several branches is wrong`;
  return { kind: Math.abs(ratio + 1) < 1e-6 ? "sign" : "scale", text };
}
