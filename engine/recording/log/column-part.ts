type Floats = Float32Array | Float64Array;

/**
 * The numbers of one column in one stretch of a log, by bucket. Where buckets hold one pass each, minimum, maximum and mean are
 * one list of the numbers as they were, finite or not.
 */
export interface ColumnPart {
  /** Extremes and mean of the finite numbers; NaN where there are none. */
  readonly min: Floats;
  readonly max: Floats;
  readonly mean: Floats;
  /** Passes that had a number, finite or not. */
  readonly count: Uint32Array | Uint8Array;
  /** Position of the first that was not finite, one more of it; 0 where all were. Null where there is none in the whole stretch. */
  notFinite: Float64Array | null;
}

/** A part for buckets of one pass each, with no number yet. */
export function singleParts(buckets: number, isPrecise: boolean): ColumnPart {
  const values = isPrecise ? new Float64Array(buckets) : new Float32Array(buckets);
  values.fill(Number.NaN);
  return { min: values, max: values, mean: values, count: new Uint8Array(buckets), notFinite: null };
}

/** Notes the number of one pass. */
export function setSingle(part: ColumnPart, bucket: number, value: number, position: number): void {
  part.count[bucket] = 1;
  part.min[bucket] = value;
  if (Number.isFinite(value)) {
    // Too large for single precision is a finite number all the same.
    if (!Number.isFinite(part.min[bucket])) part.min[bucket] = Math.sign(value) * LARGEST_SINGLE;
    return;
  }
  part.notFinite ??= new Float64Array(part.count.length);
  part.notFinite[bucket] = position + 1;
}

const LARGEST_SINGLE = 3.4028234663852886e38;

/** Draws pairs of buckets together. */
export function halved(part: ColumnPart): ColumnPart {
  const buckets = part.count.length >> 1;
  const Floats = part.min instanceof Float64Array ? Float64Array : Float32Array;
  const min = new Floats(buckets);
  const max = new Floats(buckets);
  const mean = new Floats(buckets);
  const count = new Uint32Array(buckets);
  const notFinite = part.notFinite && new Float64Array(buckets);
  for (let i = 0; i < buckets; i++) {
    const [a, b] = [2 * i, 2 * i + 1];
    min[i] = least(part.min[a]!, part.min[b]!);
    max[i] = -least(-part.max[a]!, -part.max[b]!);
    mean[i] = weighed(part.mean[a]!, part.count[a]!, part.mean[b]!, part.count[b]!);
    count[i] = part.count[a]! + part.count[b]!;
    if (notFinite) notFinite[i] = part.notFinite![a]! || part.notFinite![b]!;
  }
  return { min, max, mean, count, notFinite };
}

/** The smaller of two numbers, of which either may be missing or not finite; NaN where both are. */
function least(a: number, b: number): number {
  if (!Number.isFinite(a)) return Number.isFinite(b) ? b : Number.NaN;
  return b < a && Number.isFinite(b) ? b : a;
}

/** The mean of two means. Passes whose number was not finite weigh as much as the others of their bucket. */
function weighed(a: number, countA: number, b: number, countB: number): number {
  if (!Number.isFinite(a)) return Number.isFinite(b) ? b : Number.NaN;
  if (!Number.isFinite(b)) return a;
  return a + (b - a) * (countB / (countA + countB));
}

/** The first of a part's buckets. */
export function firstBuckets(part: ColumnPart, count: number): ColumnPart {
  const { min, max, mean } = part;
  const first = mean.slice(0, count);
  return {
    mean: first,
    ...(min === max ? { min: first, max: first } : { min: min.slice(0, count), max: max.slice(0, count) }),
    count: part.count.slice(0, count),
    notFinite: part.notFinite?.slice(0, count) ?? null,
  };
}

/** One part after the other; a null stands for a stretch of so many buckets in which the column had no number. */
export function joined(first: ColumnPart | number, second: ColumnPart | number): ColumnPart {
  const some = typeof first === "number" ? (second as ColumnPart) : first;
  const Floats = some.min instanceof Float64Array ? Float64Array : Float32Array;
  const [before, after] = [bucketsOf(first), bucketsOf(second)];
  const floats = (pick: (part: ColumnPart) => Floats): Floats => {
    const values = new Floats(before + after).fill(Number.NaN);
    if (typeof first !== "number") values.set(pick(first));
    if (typeof second !== "number") values.set(pick(second), before);
    return values;
  };
  const count = new Uint32Array(before + after);
  const parts = [
    [first, 0],
    [second, before],
  ] as const;
  let notFinite: Float64Array | null = null;
  for (const [part, at] of parts) {
    if (typeof part === "number") continue;
    count.set(part.count, at);
    if (part.notFinite) (notFinite ??= new Float64Array(before + after)).set(part.notFinite, at);
  }
  const min = floats((part) => part.min);
  const isSingle = parts.every(([part]) => typeof part === "number" || part.min === part.max);
  if (isSingle) return { min, max: min, mean: min, count, notFinite };
  return { min, max: floats((part) => part.max), mean: floats((part) => part.mean), count, notFinite };
}

function bucketsOf(part: ColumnPart | number): number {
  return typeof part === "number" ? part : part.count.length;
}

export function bytesOfPart({ min, max, mean, count, notFinite }: ColumnPart): number {
  const floats = min === max ? min.byteLength : min.byteLength + max.byteLength + mean.byteLength;
  return floats + count.byteLength + (notFinite?.byteLength ?? 0) + OVERHEAD;
}

/** What the engine keeps for each typed array besides its elements, for those of a part. */
const OVERHEAD = 600;
