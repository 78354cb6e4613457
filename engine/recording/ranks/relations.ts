import type { RankNumbers } from "./rank-reports.ts";

/** Roundings that a reduction may make on its way, and that several sums of one tensor may differ by. */
const ROUNDINGS = 64;

/** Ranks on one machine, or on several of one kind, compute the same sums of the same elements. */
const SAME = 1e-11;

/** How far two tensors are from each other, by their numbers, relative to the larger; infinite where only one is finite. */
export function distance(a: RankNumbers, b: RankNumbers): number {
  if (a[3] !== b[3]) return Infinity;
  const norm = Math.max(a[2], b[2]);
  if (norm === 0) return 0;
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2])) / norm;
}

/** Whether tensors of two ranks are equal. */
export function isEqual(a: RankNumbers | null, b: RankNumbers | null): boolean {
  if (a === null || b === null) return a === b;
  return distance(a, b) <= SAME;
}

/**
 * The ranks that differ from the others: from the largest set of equal ones, and of sets of one size from that of the lowest
 * rank. Empty where all are equal.
 */
export function odd(numbers: ReadonlyMap<number, RankNumbers | null>): readonly number[] {
  const sets: { readonly numbers: RankNumbers | null; readonly ranks: number[] }[] = [];
  for (const [rank, own] of numbers) {
    const set = sets.find((one) => isEqual(one.numbers, own));
    if (set) set.ranks.push(rank);
    else sets.push({ numbers: own, ranks: [rank] });
  }
  if (sets.length < 2) return [];
  const most = sets.reduce((a, b) => (b.ranks.length > a.ranks.length ? b : a));
  return sets.flatMap((set) => (set === most ? [] : set.ranks)).sort((a, b) => a - b);
}

/** The ranks whose text is another than that of most; of two, the higher one. */
export function oddTexts(texts: ReadonlyMap<number, string>): readonly number[] {
  const counts = new Map<string, number>();
  for (const text of texts.values()) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return [...texts].filter(([, text]) => text !== most).map(([rank]) => rank);
}

/** What one rank brings to a reduction. */
export interface Contribution {
  readonly before: RankNumbers | null;
  readonly local: RankNumbers | null;
}

/**
 * How far a reduced gradient is from the sum of what the ranks brought, over a divisor, in roundings of its dtype: at most 1 is within
 * them. 0 where that cannot be told, because something is not finite.
 * @param divisor 1 of a sum; absent: how many ranks there are, of a mean
 */
export function offReduced(
  after: RankNumbers,
  brought: readonly Contribution[],
  epsilon: number,
  divisor = brought.length,
): number {
  const parts = brought.flatMap(({ before, local }) => [before, local].filter((one) => one !== null));
  if (after[3] > 0 || parts.some((one) => one[3] > 0) || epsilon === 0) return 0;
  const reduced = (index: 0 | 1): number => parts.reduce((sum, one) => sum + one[index], 0) / divisor;
  const norm = Math.max(after[2], ...parts.map((one) => one[2]));
  if (norm === 0) return 0;
  const off = Math.max(Math.abs(after[0] - reduced(0)), Math.abs(after[1] - reduced(1)));
  return off / (ROUNDINGS * epsilon * norm);
}

/**
 * The same for a gradient of which each rank keeps a part. The numbers of the parts, each in its place, add up to those of the whole.
 * 0 where a rank has told of none.
 */
export function offShards(
  shards: readonly (Contribution & { readonly after: RankNumbers | null })[],
  epsilon: number,
  divisor = shards.length,
): number {
  const added = shards.flatMap(({ before, after }) => (after === null ? [] : [difference(after, before)]));
  if (added.length < shards.length) return 0;
  const whole = added.reduce((a, b) => [a[0] + b[0], a[1] + b[1], Math.hypot(a[2], b[2]), a[3] + b[3]]);
  const local = shards.map(({ local }) => ({ before: null, local }));
  return offReduced(whole, local, epsilon, divisor);
}

function difference(after: RankNumbers, before: RankNumbers | null): RankNumbers {
  if (before === null) return after;
  // The larger norm of the two bounds how they were rounded.
  return [after[0] - before[0], after[1] - before[1], Math.max(after[2], before[2]), after[3] + before[3]];
}
