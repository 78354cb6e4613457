import type { Site } from "../protocol/site.ts";
import type { Training } from "./training.ts";

/** How the loss of one line that calls backward() went. */
export interface LossCourse {
  readonly site: Site | null;
  /** How many passes it had. */
  readonly count: number;
  /** Medians of the first and of the last passes. */
  readonly first: number;
  readonly last: number;
  readonly largest: number;
  /** Whether a loss that was finite became NaN or Infinity. */
  readonly broke: boolean;
}

interface Line {
  readonly site: Site | null;
  readonly isFirstFinite: boolean;
  readonly finite: number[];
  count: number;
}

/** The course of the loss for each line that calls backward(). */
export function lossCourses({ passes }: Training): readonly LossCourse[] {
  const lines = new Map<string, Line>();
  // A program that asks autograd.grad() for everything and steps by itself has no other passes.
  const wanted = passes.some(({ kind }) => kind === "backward") ? "backward" : "grad";
  for (const { kind, loss, site } of passes) {
    if (kind !== wanted || loss === null) continue;
    const key = site === null ? "" : `${site.file}:${site.line}`;
    let line = lines.get(key);
    if (!line) lines.set(key, (line = { site, isFirstFinite: Number.isFinite(loss), finite: [], count: 0 }));
    line.count++;
    if (Number.isFinite(loss)) line.finite.push(loss);
  }
  return [...lines.values()].map(courseOf);
}

function courseOf({ site, isFirstFinite, finite, count }: Line): LossCourse {
  const few = Math.max(1, Math.min(5, Math.floor(finite.length / 5)));
  return {
    site,
    count,
    // Where it jumps at once, the first of all is what it started from.
    first: Math.min(finite[0] ?? Number.NaN, median(finite.slice(0, few))),
    last: median(finite.slice(-Math.max(few, Math.floor(finite.length / 5)))),
    largest: finite.reduce((most, loss) => Math.max(most, loss), -Infinity),
    broke: isFirstFinite && finite.length < count,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
