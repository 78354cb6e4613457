import type { LogColumn, LogReading } from "../../engine/protocol/training-log.ts";

/** The bucket that a pass lies in; −1 of one before or after the stretch that was read. */
export function bucketOfPass({ passes, starts, firstPasses }: LogReading, pass: number): number {
  const bucket = firstPasses.findLastIndex((first) => first <= pass);
  const end = starts.at(-1) ?? 0;
  if (bucket < firstPasses.length - 1 || end >= passes) return bucket;
  const held = end - (starts[bucket] ?? end);
  return pass < (firstPasses[bucket] ?? 0) + held ? bucket : -1;
}

/** The first bucket in which one of the columns has a number that is not finite; −1 where all are finite. */
export function firstNotFiniteBucket({ starts }: LogReading, columns: readonly LogColumn[]): number {
  const positions = columns.flatMap(({ firstNotFinite }) => Array.from(firstNotFinite).filter((at) => at >= 0));
  if (positions.length === 0) return -1;
  const first = Math.min(...positions);
  return starts.findLastIndex((start) => start <= first);
}
