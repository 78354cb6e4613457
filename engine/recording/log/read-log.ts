import type { LogColumn, LogReading, LogRequest } from "../../protocol/training-log.ts";
import type { ColumnPart } from "./column-part.ts";
import type { LogStretch } from "./log-stretch.ts";
import type { TrainingLog } from "./training-log.ts";

/** A bucket of an answer: buckets of one stretch, from one to another. */
interface Bucket {
  readonly stretch: LogStretch;
  readonly first: number;
  readonly end: number;
}

/** Answers a request: buckets of the log drawn together as far as is asked for. */
export function readLog(log: TrainingLog, request: LogRequest): LogReading {
  const buckets = bucketsOf(log, request);
  const starts = new Float64Array(buckets.length + 1);
  const firstPasses = new Float64Array(buckets.length);
  for (const [i, { stretch, first, end }] of buckets.entries()) {
    starts[i] = stretch.start + first * stretch.width;
    starts[i + 1] = Math.min(stretch.end, stretch.start + end * stretch.width);
    firstPasses[i] = log.passAt(starts[i]);
  }
  const wanted = request.rows && new Set(request.rows);
  const columns: LogColumn[] = [];
  for (const [column, { row, quantity }] of log.columns.entries()) {
    const { kind } = log.rows[row]!;
    if (wanted ? !wanted.has(row) : kind === "parameter" || kind === "activation") continue;
    if (request.quantities && !request.quantities.includes(quantity)) continue;
    columns.push({ row, quantity, ...drawnTogether(buckets, column) });
  }
  return { passes: log.length, rows: log.rows, starts, firstPasses, columns };
}

function bucketsOf(log: TrainingLog, { from, to, width }: LogRequest): Bucket[] {
  const end = Math.min(to ?? Infinity, log.length);
  const buckets: Bucket[] = [];
  for (const stretch of log.stretches) {
    if (stretch.end <= from || stretch.start >= end) continue;
    const filled = Math.ceil(stretch.passes / stretch.width);
    const first = Math.max(0, Math.floor((from - stretch.start) / stretch.width));
    const last = Math.min(filled, Math.ceil((end - stretch.start) / stretch.width));
    // Buckets of an answer begin at multiples of their width, so that a later answer goes on where this one ended.
    for (let at = first; at < last;) {
      const position = stretch.start + at * stretch.width;
      const next = (Math.floor(position / width) + 1) * width;
      const to = Math.min(last, Math.max(at + 1, Math.floor((next - stretch.start) / stretch.width)));
      buckets.push({ stretch, first: at, end: to });
      at = to;
    }
  }
  return buckets;
}

function drawnTogether(buckets: readonly Bucket[], column: number): Omit<LogColumn, "row" | "quantity"> {
  const min = new Float64Array(buckets.length).fill(Number.NaN);
  const max = new Float64Array(buckets.length).fill(Number.NaN);
  const mean = new Float64Array(buckets.length).fill(Number.NaN);
  const count = new Uint32Array(buckets.length);
  const firstNotFinite = new Float64Array(buckets.length).fill(-1);
  for (const [i, { stretch, first, end }] of buckets.entries()) {
    const part = stretch.parts[column];
    if (!part) continue;
    let [sum, finite] = [0, 0];
    for (let at = first; at < end; at++) {
      const here = part.count[at]!;
      count[i]! += here;
      noteNotFinite(part, at, firstNotFinite, i);
      if (!Number.isFinite(part.mean[at])) continue;
      if (!(part.min[at]! >= min[i]!)) min[i] = part.min[at]!;
      if (!(part.max[at]! <= max[i]!)) max[i] = part.max[at]!;
      sum += part.mean[at]! * here;
      finite += here;
    }
    if (finite > 0) mean[i] = finite === 1 ? sum : sum / finite;
  }
  return { min, max, mean, count, firstNotFinite };
}

function noteNotFinite({ notFinite }: ColumnPart, at: number, into: Float64Array, bucket: number): void {
  const position = notFinite?.[at] ?? 0;
  if (position > 0 && into[bucket]! < 0) into[bucket] = position - 1;
}
