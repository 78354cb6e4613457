import type { PassEntry, Training } from "./training.ts";

/** How the loss of one line that calls backward() went. */
export interface LossCourse {
  readonly passes: readonly PassEntry[];
  readonly losses: readonly number[];
  /** Medians of the first and of the last passes. */
  readonly first: number;
  readonly last: number;
  readonly largest: number;
  /** Whether a loss that was finite became NaN or Infinity. */
  readonly broke: boolean;
}

/** The course of the loss for each line that calls backward(). */
export function lossCourses(training: Training): readonly LossCourse[] {
  const lines = new Map<string, PassEntry[]>();
  // A program that asks autograd.grad() for everything and steps by itself has no other passes.
  const kind = training.passes.some((pass) => pass.kind === "backward") ? "backward" : "grad";
  for (const pass of training.passes) {
    if (pass.kind !== kind || pass.loss === null) continue;
    const key = pass.site === null ? "" : `${pass.site.file}:${pass.site.line}`;
    const passes = lines.get(key);
    if (passes) passes.push(pass);
    else lines.set(key, [pass]);
  }
  return [...lines.values()].map(courseOf);
}

function courseOf(passes: readonly PassEntry[]): LossCourse {
  const losses = passes.map(({ loss }) => loss!);
  const finite = losses.filter((loss) => Number.isFinite(loss));
  const few = Math.max(1, Math.min(5, Math.floor(finite.length / 5)));
  return {
    passes,
    losses,
    // Where it jumps at once, the first of all is what it started from.
    first: Math.min(finite[0] ?? Number.NaN, median(finite.slice(0, few))),
    last: median(finite.slice(-Math.max(few, Math.floor(finite.length / 5)))),
    largest: finite.reduce((most, loss) => Math.max(most, loss), -Infinity),
    broke: finite.length > 0 && losses.some((loss, i) => !Number.isFinite(loss) && i > 0 && Number.isFinite(losses[0])),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
