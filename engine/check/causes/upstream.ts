import type { Cause } from "../../protocol/check.ts";
import type { Explanation } from "./explanation.ts";
import { agree, coordinates, explains, largest, weightedTruth, type Suspect } from "./suspect.ts";

/** What backward does with the gradient from above is no product with a matrix: nothing that follows would be true of it. */
export async function notLinear(suspect: Suspect): Promise<Explanation | null> {
  const { given, upstream } = suspect;
  const close = { ...suspect, tolerance: Math.max(suspect.tolerance, 1e-5) };
  const times = (factor: number): Float64Array => given.map((value) => factor * value);
  const twice = await suspect.productFor(upstream.map((value) => 2 * value));
  const minus = await suspect.productFor(upstream.map((value) => -value));
  if (agree(close, twice, times(2)) && agree(close, minus, times(-1))) return null;
  // The same whatever comes from above is another mistake.
  if (agree(close, twice, given) && agree(close, minus, given)) return null;
  const what = agree(close, twice, times(4))
    ? "it is squared: twice the gradient gives four times the result"
    : agree(close, minus, given)
      ? "its sign is dropped: minus the gradient gives the same result"
      : agree(close, twice, given)
        ? (await isOfAnySize(close))
          ? "only its sign or its direction is used: twice the gradient gives the same result"
          : "it is clipped: twice the gradient gives no more"
        : given.some((value, i) => value !== 0 && value === twice[i])
          ? "it is clipped: at some elements twice the gradient gives no more"
          : null;
  if (what === null) return null;
  return {
    kind: "missing-upstream",
    text: `backward is not linear in the gradient it is given: ${what}`,
    mayBeMeant: true,
  };
}

/** Whether a gradient from above gives the same result however small it is: a sign does, and what is clipped does not. */
async function isOfAnySize(suspect: Suspect): Promise<boolean> {
  return agree(suspect, await suspect.productFor(suspect.upstream.map((value) => 1e-6 * value)), suspect.given);
}

/** The same result whatever comes from above. */
export async function missingUpstream(suspect: Suspect): Promise<Cause | null> {
  const { given, upstream } = suspect;
  if (largest(given) === 0) return null;
  const other = await suspect.productFor(upstream.map((value, i) => 1.7 * value + 0.3 * Math.sin(3 * i + 1)));
  const isLocal = agree(
    suspect,
    given,
    weightedTruth(suspect, (k) => 1 / upstream[k]!),
  );
  if (!isLocal && !agree(suspect, given, other)) return null;
  return {
    kind: "missing-upstream",
    text: "the gradient from above is ignored: backward returns the local derivative alone, not multiplied by grad",
    fix: { kind: "multiply", code: "grad" },
  };
}

/** Summed, or averaged, over axes before it is multiplied with what differs along them. */
export function summedTooEarly(suspect: Suspect): Cause | null {
  const { jacobian, upstream, outputShape, returned } = suspect;
  if (returned === null || outputShape.length === 0) return null;
  const columns = upstream.length;
  for (const axes of axesOf(outputShape)) {
    const group = groupsOf(outputShape, axes);
    const groups = Math.max(...group) + 1;
    const size = columns / groups;
    if (size < 2) continue;
    // What all of a group's elements get: the local derivatives summed up as well, or their mean, or one for all.
    const summed = new Float64Array((jacobian.length / columns) * groups);
    for (let at = 0; at < jacobian.length; at++) {
      summed[Math.floor(at / columns) * groups + group[at % columns]!]! += jacobian[at]!;
    }
    for (const [factor, what] of [
      [1, "summed"],
      [1 / size, "averaged"],
    ] as const) {
      if (!explains(suspect, (e, k) => factor * summed[e * groups + group[k]!]!)) continue;
      const over =
        axes.length === outputShape.length
          ? "all its elements"
          : `${axes.length > 1 ? "axes" : "axis"} ${axes.join(" and ")}`;
      return {
        kind: "missing-upstream",
        text: `the gradient from above is ${what} too early: over ${over}, before it is multiplied with the local derivative, which differs there; multiply element by element first, then sum`,
      };
    }
  }
  return null;
}

/** Each axis by itself, then several at once. */
function axesOf(shape: readonly number[]): number[][] {
  const subsets = shape.reduce<number[][]>((some, _, axis) => [...some, ...some.map((set) => [...set, axis])], [[]]);
  return subsets.filter(({ length }) => length > 0).toSorted((a, b) => a.length - b.length);
}

/** The group that each element belongs to when some axes are summed over. */
function groupsOf(shape: readonly number[], axes: readonly number[]): number[] {
  const known = new Map<string, number>();
  const total = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: total }, (_, flat) => {
    const key = coordinates(shape, flat)
      .filter((_, axis) => !axes.includes(axis))
      .join();
    if (!known.has(key)) known.set(key, known.size);
    return known.get(key)!;
  });
}
