import type { BadStep, BadStepKind, LogColumn, LogQuantity, LogReading, LogRow } from "../../protocol/training-log.ts";
import { roundedText } from "../number-text.ts";
import { readLog } from "./read-log.ts";
import type { TrainingLog } from "./training-log.ts";

/** A gradient this many times as large as is usual for it explodes, and so does one this many times its parameter. */
const EXPLOSION = 100;
const OVER_VALUE = 1000;
/** A loss spikes that is this many deviations above the ones before it, and this many times their mean distance from the least. */
const DEVIATIONS = 6;
const SPIKE = 2;
/** So many passes before it tell what is usual. */
const WINDOW = 20;
const FEWEST = 5;
/** Half of a layer's units, or a whole gradient. */
const DEAD_SHARE = 0.5;

interface Candidate {
  readonly position: number;
  readonly row: LogRow;
  readonly text: string;
}

/** The first pass in which the training went wrong in a way; null where it did not. */
export function firstBadStep(log: TrainingLog, kind: BadStepKind): BadStep | null {
  const quantities = QUANTITIES[kind];
  const rows = log.rows.map(({ id }) => id);
  const reading = readLog(log, { from: 0, to: null, width: 1, rows, quantities });
  let first: Candidate | null = null;
  for (const column of reading.columns) {
    const found = FINDERS[kind](column, reading, log);
    if (found && (!first || found.position < first.position)) first = found;
  }
  return first && { kind, pass: log.passAt(first.position), row: first.row, text: first.text };
}

const QUANTITIES: Readonly<Record<BadStepKind, readonly LogQuantity[]>> = {
  "not-finite": ["loss", "gradient", "value"],
  exploding: ["gradient"],
  "loss-spike": ["loss"],
  "dead-units": ["dead", "zeros"],
};

type Finder = (column: LogColumn, reading: LogReading, log: TrainingLog) => Candidate | null;

const FINDERS: Readonly<Record<BadStepKind, Finder>> = {
  "not-finite": (column, { rows }) => {
    const position = column.firstNotFinite.find((at) => at >= 0);
    const row = rows[column.row]!;
    return position === undefined ? null : { position, row, text: `${subject(row, column)} is not finite` };
  },

  exploding: (column, { rows, starts }, log) => {
    const row = rows[column.row]!;
    const values = readLog(log, { from: 0, to: null, width: 1, rows: [row.id], quantities: ["value"] }).columns[0];
    const before: number[] = [];
    for (let i = 0; i < column.max.length; i++) {
      const [norm, usual] = [column.max[i]!, before.length >= FEWEST ? median(before) : NaN];
      const value = values?.max[i] ?? NaN;
      const of = subject(row, column);
      if (norm > EXPLOSION * usual && usual > 0)
        return at(starts, i, row, `${of} is ${roundedText(norm)}, ${roundedText(norm / usual)} times what it was`);
      if (norm > OVER_VALUE * value && value > 0)
        return at(starts, i, row, `${of} is ${roundedText(norm)}, ${roundedText(norm / value)} times its value's`);
      remember(before, column.mean[i]!);
    }
    return null;
  },

  "loss-spike": (column, { rows, starts }) => {
    const row = rows[column.row]!;
    const before: number[] = [];
    let least = Infinity;
    for (let i = 0; i < column.max.length; i++) {
      const loss = column.max[i]!;
      if (before.length >= FEWEST && Number.isFinite(loss)) {
        const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
        const deviation = Math.sqrt(before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / before.length);
        // Against the least so far, so that a loss below zero, or one that stands still, is judged as any other.
        const rise = (loss - least) / Math.max(mean - least, 1e-3 * Math.abs(mean), Number.MIN_VALUE);
        if (loss > mean + DEVIATIONS * deviation && rise > SPIKE)
          return at(
            starts,
            i,
            row,
            `${subject(row, column)} jumps to ${roundedText(loss)} from about ${roundedText(mean)}`,
          );
      }
      if (column.min[i]! < least) least = column.min[i]!;
      remember(before, column.mean[i]!);
    }
    return null;
  },

  "dead-units": (column, { rows, starts }) => {
    const row = rows[column.row]!;
    // All of a gradient must be zero, since many are sparse by right. Zeros of an activation say nothing about its units.
    const limit = row.kind === "activation" ? (column.quantity === "dead" ? DEAD_SHARE : 2) : 1;
    const i = column.max.findIndex((share) => share >= limit);
    if (i < 0) return null;
    const share = roundedText(100 * column.max[i]!);
    const text =
      row.kind === "activation"
        ? `${share} % of the units of ${row.name} are zero for every example`
        : `the gradient of ${row.name} is zero everywhere`;
    return at(starts, i, row, text);
  },
};

function at(starts: Float64Array, bucket: number, row: LogRow, text: string): Candidate {
  return { position: starts[bucket]!, row, text };
}

function subject({ kind, name }: LogRow, { quantity }: LogColumn): string {
  return kind === "loss" ? "the loss" : quantity === "value" ? name : `the gradient of ${name}`;
}

function remember(before: number[], value: number): void {
  if (!Number.isFinite(value)) return;
  before.push(value);
  if (before.length > WINDOW) before.shift();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
