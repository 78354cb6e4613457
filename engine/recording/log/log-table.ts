import type { LogQuantity, LogRow } from "../../protocol/training-log.ts";
import type { LogStretch } from "./log-stretch.ts";
import type { TrainingLog } from "./training-log.ts";

/** A log as a table for other programs: a line for each bucket, a column for each quantity of each row. */
export interface LogTable {
  readonly columns: readonly { readonly row: LogRow; readonly quantity: LogQuantity; readonly name: string }[];
  /** Oldest first. */
  readonly lines: () => Generator<LogLine>;
}

export interface LogLine {
  /** The number of its first pass, and how many passes it stands for. */
  readonly pass: number;
  readonly passes: number;
  /** Seconds since the run began. */
  readonly seconds: number;
  /** By column: the number, or the mean of several; NaN where one of those is not finite; null where there is no number. */
  readonly values: readonly (number | null)[];
}

/** The numbers of a log under names that are all different. */
export function logTable(log: TrainingLog): LogTable {
  const used = new Map<string, number>();
  const columns = log.columns.flatMap(({ row: id, quantity }) => {
    const row = log.rows[id]!;
    if (row.kind === "time") return [];
    const name = nameOf(row, quantity);
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    return [{ row, quantity, name: times > 1 ? `${name} (${times})` : name }];
  });
  const places = columns.map(({ row, quantity }) => log.columnOf(row.id, quantity));
  const time = log.rows.find(({ kind }) => kind === "time");
  const seconds = time ? log.columnOf(time.id, "seconds") : -1;
  return {
    columns,
    lines: function* () {
      for (const stretch of log.stretches) {
        for (let bucket = 0; bucket * stretch.width < stretch.passes; bucket++) {
          const start = bucket * stretch.width;
          yield {
            pass: log.passAt(stretch.start + start),
            passes: Math.min(stretch.width, stretch.passes - start),
            seconds: seconds < 0 ? 0 : (valueAt(stretch, seconds, bucket) ?? 0),
            values: places.map((column) => valueAt(stretch, column, bucket)),
          };
        }
      }
    },
  };
}

function nameOf({ kind, name, site }: LogRow, quantity: LogQuantity): string {
  switch (kind) {
    case "loss":
      return site === null ? `loss/${name}` : `loss/${name} line ${site.line}`;
    case "rate":
      return `rate/${name}`;
    default:
      return `${quantity}/${name}`;
  }
}

function valueAt(stretch: LogStretch, column: number, bucket: number): number | null {
  const part = stretch.parts[column];
  if (part === undefined || part.count[bucket] === 0) return null;
  // Among several passes, what went wrong in one of them must not go under in the mean of the others.
  return stretch.width > 1 && (part.notFinite?.[bucket] ?? 0) > 0 ? Number.NaN : part.mean[bucket]!;
}
