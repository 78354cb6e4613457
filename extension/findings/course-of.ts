import type { Engine } from "../../engine/protocol/engine.ts";
import type { LossCourse } from "../../engine/protocol/finding.ts";
import type { LogColumn, LogReading } from "../../engine/protocol/training-log.ts";

/** More passes than this are drawn together. */
const MOST_PASSES = 4000;

/** The losses of a run by its training log, which has those of every pass; null where no log was kept. */
export async function courseOf(engine: Pick<Engine, "trainingLog">): Promise<LossCourse | null> {
  const { passes } = await engine.trainingLog({ from: 0, to: 0, width: 1, rows: [], quantities: [] });
  if (passes === 0) return null;
  const read = (from: number, width: number): Promise<LogReading> =>
    engine.trainingLog({ from, to: passes, width, rows: null, quantities: ["loss", "seconds"] });
  const reading = await read(0, Math.max(1, Math.ceil((2 * passes) / MOST_PASSES)));
  const losses: number[] = [];
  let count = 0;
  for (const bucket of reading.firstPasses.keys()) {
    for (const { count: counts, mean, max, min } of lossesOf(reading)) {
      const here = counts[bucket] ?? 0;
      count += here;
      if (here === 1) losses.push(mean[bucket] ?? Number.NaN);
      else if (here > 1) losses.push(max[bucket] ?? Number.NaN, min[bucket] ?? Number.NaN);
    }
  }
  // What is drawn together has a last loss of its own only where that stands alone.
  const last = await read(passes - 1, 1);
  const lastColumn = lossesOf(last).find(({ count }) => count.some((n) => n > 0));
  const isLost = lastColumn !== undefined && !Number.isFinite(lastColumn.mean.at(-1));
  return {
    passes: count,
    losses,
    notFiniteFrom: isLost ? notFiniteFrom(reading) : null,
    site: lastColumn === undefined ? null : (last.rows[lastColumn.row]?.site ?? null),
    longestWait: longestWait(reading),
  };
}

/** The number of the first pass after the last whose loss is finite. */
function notFiniteFrom(reading: LogReading): number {
  const columns = lossesOf(reading);
  let from = 0;
  for (const [bucket, pass] of reading.firstPasses.entries()) {
    if (!columns.some(({ mean }) => Number.isFinite(mean[bucket]))) continue;
    const within = columns.map(({ firstNotFinite }) => firstNotFinite[bucket] ?? -1).filter((at) => at >= 0);
    from = within.length > 0 ? Math.min(...within) : (reading.firstPasses[bucket + 1] ?? pass);
  }
  return from;
}

function lossesOf({ columns }: LogReading): readonly LogColumn[] {
  return columns.filter(({ quantity }) => quantity === "loss");
}

function longestWait({ columns }: LogReading): number {
  const seconds = columns.find(({ quantity }) => quantity === "seconds");
  let [longest, before] = [0, 0];
  seconds?.max.forEach((now) => {
    longest = Math.max(longest, now - before);
    before = now;
  });
  return longest * 1000;
}
