import type { Cause } from "../../protocol/check.ts";
import { roundedText } from "../../recording/number-text.ts";
import type { Explanation } from "./explanation.ts";
import {
  agree,
  asFraction,
  explains,
  factorText,
  isElementwise,
  isSimple,
  largest,
  timesOf,
  type Sized,
  type Suspect,
} from "./suspect.ts";

/** With fewer different derivatives, many another mistake looks like a factor. */
const FEW_DERIVATIVES = 3;

/** given / truth, when it is the same for every element that has a gradient. */
export function commonRatio(suspect: Suspect): number | null {
  const { given, truth, jacobian, returned, known, upstream } = suspect;
  // As matrices where there are any, so that one element is no exception and what is on a kink does not count.
  const [used, right] = returned ? [returned, jacobian] : [given, truth];
  if (largest(right) === 0) return null;
  let numerator = 0;
  let denominator = 0;
  for (let i = 0; i < right.length; i++) {
    if (returned && known[i] === 0) continue;
    numerator += used[i]! * right[i]!;
    denominator += right[i]! * right[i]!;
  }
  const ratio = numerator / denominator;
  if (!Number.isFinite(ratio) || ratio === 0) return null;
  const columns = upstream.length;
  const holds = returned
    ? explains(suspect, (e, k) => ratio * jacobian[e * columns + k]!)
    : agree(
        suspect,
        given,
        truth.map((value) => ratio * value),
      );
  return holds ? ratio : null;
}

export function sign(suspect: Suspect): Cause | null {
  const ratio = commonRatio(suspect);
  if (ratio === null || Math.abs(ratio + 1) > 1e-5) return null;
  return {
    kind: "sign",
    ratio,
    text: "the sign is wrong: backward returns minus the gradient, for every element",
    fix: { kind: "append", code: ".neg()" },
  };
}

/** Off by a size: a mean taken for a sum, or the other way round, or over another number of elements. */
export function batchScale(suspect: Suspect): Explanation | null {
  const ratio = commonRatio(suspect);
  if (ratio === null || (suspect.isPart && !suspect.whole)) return null;
  const sizes = differentSizes(suspect);
  const near = (value: number): boolean => Math.abs(ratio / value - 1) < 1e-5;
  // Where each element of the result has one of the input, forward takes no mean that could be missing.
  const hasMeans = !isElementwise(suspect);
  for (const { size, told, where } of sizes) {
    if (hasMeans && near(size)) {
      const text = `backward returns ${told} times the gradient, for every element: a division by that size is missing (${where})`;
      return { kind: "batch-scale", ratio: told, text, fix: { kind: "append", code: `.div(${told})` } };
    }
    if (near(1 / size)) {
      const text = `backward returns 1/${told} of the gradient, for every element: it is divided by that size once too often (${where})`;
      return { kind: "batch-scale", ratio: 1 / told, text, fix: { kind: "append", code: `.mul(${told})` } };
    }
  }
  for (const { size, told, where } of sizes) {
    if (!hasMeans || size < 4 || isSimple(ratio)) continue;
    const isTooLarge = near((size - 1) / size);
    if (!isTooLarge && !near(size / (size - 1))) continue;
    const [used, right] = isTooLarge ? [told, told - 1] : [told - 1, told];
    const what = isTooLarge
      ? `it divides by ${told} (${where}) where ${told - 1} belongs, as in an unbiased variance`
      : `it divides by ${told - 1} where ${told} (${where}) belongs, as in a biased variance`;
    const text = `backward returns ${right}/${used} of the gradient, for every element: ${what}`;
    const fix = { kind: "append" as const, code: `.mul(${used} / ${right})` };
    return { kind: "batch-scale", ratio: right / used, text, fix };
  }
  for (const { size, told, where } of sizes) {
    for (const [root, fix] of [
      [Math.sqrt(size), `.div(Math.sqrt(${told}))`],
      [1 / Math.sqrt(size), `.mul(Math.sqrt(${told}))`],
    ] as const) {
      if (!near(root) || asFraction(root)) continue;
      const what = root > 1 ? `√${told} times` : `1/√${told} of`;
      const observed = `a constant factor is off: backward returns ${what} the gradient, for every element`;
      const isLeftOut = root > 1;
      const why = isLeftOut ? `a factor 1/√${told} is left out` : `a factor 1/√${told} is applied once too often`;
      const text = `${observed}: ${why} (${where})`;
      // What is applied once too often may be a number that forward multiplies by, and be as large by chance.
      const reason = { observed, isCertain: isLeftOut };
      const factor = isLeftOut ? Math.sqrt(told) : 1 / Math.sqrt(told);
      return { kind: "scale", ratio: factor, text, fix: { kind: "append", code: fix }, reason };
    }
  }
  // Half of something is no sign of sizes 3 and 6: two sizes are named where nothing simpler gives their ratio.
  if (isSimple(ratio)) return null;
  for (const right of sizes) {
    for (const used of sizes) {
      if (right === used || !near(right.size / used.size)) continue;
      const text = `backward returns ${right.told}/${used.told} of the gradient, for every element: it divides by ${used.told} (${used.where}) where ${right.told} (${right.where}) belongs`;
      const fix = { kind: "append" as const, code: `.mul(${used.told} / ${right.told})` };
      return { kind: "batch-scale", ratio: right.told / used.told, text, fix };
    }
  }
  return null;
}

/**
 * Sizes of three and more, each with what is told of it: of a part the size that the whole has there. A sample is a sample of
 * what the whole gives, with the whole's sizes in it.
 */
function differentSizes(suspect: Suspect): readonly { size: number; told: number; where: string }[] {
  const told = new Map((suspect.whole ? sizesOf(suspect.whole) : []).map(([size, where]) => [where, size]));
  const seen = new Set<number>();
  const own = suspect.isSample && suspect.whole ? suspect.whole : suspect;
  return sizesOf(own).flatMap(([size, where]) => {
    if (size < 3 || seen.has(size)) return [];
    seen.add(size);
    return [{ size, told: told.get(where) ?? size, where }];
  });
}

/** Sizes over which a mean may have been taken, and what they are: each axis, and all of them. */
function sizesOf({ name, shape, outputShape, x, y, others }: Sized): (readonly [size: number, where: string])[] {
  return [
    ...shape.map((size, axis) => [size, `the size of axis ${axis} of ${name}`] as const),
    ...outputShape.map((size, axis) => [size, `the size of axis ${axis} of the result`] as const),
    ...others.flatMap((other) =>
      other.shape.map((size, axis) => [size, `the size of axis ${axis} of ${other.name}`] as const),
    ),
    [x.length, `the number of elements of ${name}`],
    [y.length, "the number of elements of the result"],
    ...productsOf(outputShape).map(([product, axes]) => {
      const [first, last] = [axes.slice(0, -1).join(", "), axes.at(-1)];
      return [product, `the sizes of axes ${first} and ${last} of the result together`] as const;
    }),
    ...others.map(({ values, name: other }) => [values.length, `the number of elements of ${other}`] as const),
  ];
}

/** Sizes of several axes of a shape together. */
function productsOf(shape: readonly number[]): (readonly [product: number, axes: readonly number[]])[] {
  const subsets = Array.from({ length: 2 ** Math.min(shape.length, 5) }, (_, bits) =>
    Array.from(shape.keys()).filter((axis) => (bits & (2 ** axis)) !== 0),
  );
  return subsets
    .filter((axes) => axes.length > 1)
    .map((axes) => [axes.reduce((product, axis) => product * shape[axis]!, 1), axes]);
}

/** A factor that a person would write, or any that several different derivatives share. */
export function plainScale(suspect: Suspect): Cause | null {
  const ratio = commonRatio(suspect);
  if (ratio === null || isOfOneNumber(suspect, ratio)) return null;
  const size = largest(suspect.jacobian);
  const different = new Set<number>();
  for (const value of suspect.jacobian) {
    if (Math.abs(value) > 1e-6 * size) different.add(Math.round((1e4 * value) / size));
    if (different.size >= FEW_DERIVATIVES) return scale(suspect);
  }
  return asFraction(ratio) !== null ? scale(suspect) : null;
}

/** Any mistake makes some number of times the right gradient where that is one number, and nobody would write this one. */
function isOfOneNumber({ returned, given }: Suspect, ratio: number): boolean {
  return returned === null && given.length === 1 && asFraction(ratio) === null;
}

/** Any factor that all elements have. */
export function scale(suspect: Suspect): Cause | null {
  const ratio = commonRatio(suspect);
  if (ratio === null || isOfOneNumber(suspect, ratio)) return null;
  if (Math.abs(ratio - 1) < 0.02) {
    const text = `a small relative error: backward returns ${roundedText(ratio, 6)} times the gradient, for every element, as a rounded constant would make it`;
    return { kind: "scale", ratio, text };
  }
  return scaledBy(ratio);
}

/** What backward returns is another number of times the gradient in each row: a size or a sum is not that of its row. */
export function rowScale(suspect: Suspect): Cause | null {
  const { given, truth, shape, name } = suspect;
  const width = shape.at(-1) ?? 1;
  const rows = given.length / width;
  if (shape.length < 2 || rows < 2 || width < 3) return null;
  const ratios: number[] = [];
  const allowed = 1e-6 * largest(truth);
  for (let row = 0; row < rows; row++) {
    const [used, right] = [given, truth].map((values) => values.subarray(row * width, (row + 1) * width));
    const size = largest(right!);
    const at = right!.findIndex((value) => Math.abs(value) === size);
    const ratio = used![at]! / right![at]!;
    if (!Number.isFinite(ratio) || asFraction(ratio) === null) return null;
    if (!used!.every((value, i) => Math.abs(value - ratio * right![i]!) <= allowed)) return null;
    ratios.push(ratio);
  }
  const few = ratios.slice(0, 4).map(timesOf);
  const list = `${few.join(", ")}${ratios.length > few.length ? ", …" : ""}`;
  const text = `each row of the gradient of ${name} has a factor of its own: it is ${list} what it must be, as where a size or a sum is not that of its row`;
  return { kind: "scale", text };
}

function scaledBy(ratio: number): Cause {
  return {
    kind: "scale",
    ratio,
    text: `a constant factor is off: backward returns ${timesOf(ratio)} the gradient, for every element`,
    fix: undoing(ratio),
  };
}

/** What to append to a gradient that is so many times the right one. */
export function undoing(ratio: number): { readonly kind: "append"; readonly code: string } {
  const fraction = asFraction(ratio);
  const code =
    fraction === null
      ? `.mul(${Number((1 / ratio).toPrecision(7))})`
      : Math.abs(fraction.numerator) === 1
        ? `.mul(${fraction.denominator * fraction.numerator})`
        : fraction.denominator === 1
          ? `.div(${fraction.numerator})`
          : `.mul(${fraction.denominator} / ${fraction.numerator})`;
  return { kind: "append", code };
}

/** Wrong elements that it takes to see that all are off by the same. */
const FEWEST_OFF = 4;

/** Of a single result: every element of the gradient is off by one number, as where an epsilon is added to probabilities. */
export function amountOff(suspect: Suspect): Cause | null {
  const { returned, jacobian, known, x, y } = suspect;
  if (returned === null || y.length !== 1 || x.length < FEWEST_OFF || known.includes(0)) return null;
  const off = returned.map((value, e) => value - jacobian[e]!);
  const first = off[0]!;
  const isSame = (values: Float64Array): boolean =>
    agree(
      suspect,
      values,
      values.map(() => values[0]!),
    );
  // Where the derivative is one number as well, it is off by a factor as much as by a term.
  if (first === 0 || !isSame(off) || isSame(jacobian)) return null;
  const size = factorText(Math.abs(first));
  const text =
    first > 0
      ? `every element of the local derivative is ${size} too large: a number is added that does not belong there, or left out`
      : `every element of the local derivative is ${size} too small: a number is added that does not belong there, or left out`;
  return { kind: "missing-term", text };
}

/**
 * Of a function that works element by element: the local derivative is off by one number wherever it is wrong, as where a 1
 * stands in the place of a parameter.
 */
export function constantOff(suspect: Suspect): Cause | null {
  const { returned, jacobian, known, x, y, tolerance } = suspect;
  if (returned === null || !isElementwise(suspect)) return null;
  const columns = y.length;
  const close = tolerance * Math.max(largest(returned), largest(jacobian));
  const isWrong = (e: number): boolean => Math.abs(returned[e * columns + e]! - jacobian[e * columns + e]!) > close;
  const wrong = Array.from(x.keys()).filter((e) => known[e * columns + e] === 1 && isWrong(e));
  const right = wrong.map((e) => jacobian[e * columns + e]!);
  const off = wrong.map((e) => returned[e * columns + e]! - jacobian[e * columns + e]!);
  const [first] = off;
  if (first === undefined || wrong.length < FEWEST_OFF || !off.every((value) => Math.abs(value - first) <= 2 * close)) {
    return null;
  }
  // Where the derivative is one number as well, it is off by a factor as much as by a term.
  if (right.every((value) => Math.abs(value - right[0]!) <= close)) return null;
  const size = factorText(Math.abs(first));
  const text =
    first > 0
      ? `the local derivative is ${size} too large wherever it is wrong: a constant term in it is wrong, or left out`
      : `the local derivative is ${size} too small wherever it is wrong: a constant term in it is wrong, or left out`;
  return { kind: "missing-term", text };
}
