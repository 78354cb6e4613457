import type { PassId } from "../../protocol/ids.ts";
import { LOG_QUANTITIES, type LogQuantity, type LogRow } from "../../protocol/training-log.ts";
import type { LogBatch } from "./log-batch.ts";
import { LogStretch } from "./log-stretch.ts";

/** Bytes that a log may take: with room to spare below 200 MB, whatever the length of the run. */
const LOG_BYTES = 160 * 2 ** 20;
/** A stretch has at most so many buckets. */
const MOST_BUCKETS = 512;

/** A quantity of a row. */
export interface LogColumnName {
  readonly row: number;
  readonly quantity: LogQuantity;
}

/**
 * The training log of one run: numbers of every pass in columns. When it takes more than its budget, passes that are long past
 * are drawn together into buckets, which keep minimum, maximum, mean and the first that was not finite; the wider, the older.
 */
export class TrainingLog {
  readonly #budget: number;
  readonly #rows: LogRow[] = [];
  readonly #columns: LogColumnName[] = [];
  /** By row, its first column. */
  readonly #firstColumns: number[] = [];
  readonly #stretches: LogStretch[] = [];
  #bytes = 0;
  #passes = new Uint32Array(MOST_BUCKETS);
  #digests = new Uint32Array(MOST_BUCKETS);
  #length = 0;

  constructor(budget = LOG_BYTES) {
    this.#budget = budget;
  }

  /** How many passes there are. */
  get length(): number {
    return this.#length;
  }

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  /** Row and quantity of each column. */
  get columns(): readonly LogColumnName[] {
    return this.#columns;
  }

  /** Oldest first, without gaps. */
  get stretches(): readonly LogStretch[] {
    return this.#stretches;
  }

  /** Bytes that it takes. */
  get bytes(): number {
    return this.#bytes + this.#passes.byteLength + this.#digests.byteLength;
  }

  /** The pass at a position. */
  passAt(position: number): PassId {
    return this.#passes[position]! as PassId;
  }

  /** The position of a pass; −1 where there is none. Passes within another end before it, with a higher number. */
  positionOf(pass: PassId): number {
    if (this.#passes[pass] === pass && pass < this.#length) return pass;
    return this.#passes.subarray(0, this.#length).indexOf(pass);
  }

  /** A digest of the numbers of the pass at a position, in full precision. */
  digestAt(position: number): number {
    return this.#digests[position]!;
  }

  /** The column of a row's quantity; −1 where the row has none of the kind. */
  columnOf(row: number, quantity: LogQuantity): number {
    const { kind } = this.#rows[row]!;
    const place = (LOG_QUANTITIES[kind] as readonly LogQuantity[]).indexOf(quantity);
    return place < 0 ? -1 : this.#firstColumns[row]! + place;
  }

  /** The number of a column in one pass; null where it had none, or its pass is drawn together with others. */
  singleAt(column: number, position: number): number | null {
    const stretch = this.#stretches.find(({ end }) => position < end);
    const part = stretch?.width === 1 ? stretch.parts[column] : undefined;
    if (!stretch || !part || part.count[position - stretch.start] === 0) return null;
    return part.mean[position - stretch.start]!;
  }

  /** Forgets all passes from a position on, and all rows from a number on. */
  truncate(length: number, rows: number): void {
    this.#rows.length = rows;
    this.#columns.length = this.#firstColumns[rows] ?? this.#columns.length;
    this.#firstColumns.length = rows;
    this.#length = length;
    while ((this.#stretches.at(-1)?.end ?? 0) > length) {
      const last = this.#stretches.pop()!;
      if (last.start < length) this.#stretches.push(...last.before(length));
    }
    for (const { parts } of this.#stretches) parts.length = Math.min(parts.length, this.#columns.length);
    this.#bytes = this.#stretches.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  append(batch: LogBatch): void {
    this.#addRows(batch.rows);
    const { passes, digests, starts, columns, values } = batch;
    for (let i = 0; i < passes.length; i++) {
      const stretch = this.#begin(passes[i]!, digests[i]!);
      for (let at = starts[i]!; at < starts[i + 1]!; at++) {
        const column = columns[at]!;
        this.#bytes += stretch.set(column, values[at]!, this.#isPrecise(column));
      }
    }
  }

  /** Puts a stretch that was stored behind those there are. */
  restore(
    rows: readonly LogRow[],
    passes: Uint32Array<ArrayBuffer>,
    digests: Uint32Array<ArrayBuffer>,
    stretches: readonly LogStretch[],
  ): void {
    this.#addRows(rows);
    this.#passes = passes;
    this.#digests = digests;
    this.#length = passes.length;
    for (const stretch of stretches) {
      this.#stretches.push(stretch);
      this.#bytes += stretch.bytes;
    }
  }

  #addRows(rows: readonly LogRow[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      this.#firstColumns.push(this.#columns.length);
      for (const quantity of LOG_QUANTITIES[row.kind]) this.#columns.push({ row: row.id, quantity });
    }
  }

  /** What there are few of is kept as it was computed. */
  #isPrecise(column: number): boolean {
    const { kind } = this.#rows[this.#columns[column]!.row]!;
    return kind !== "parameter" && kind !== "activation";
  }

  /** Makes room for one more pass. */
  #begin(pass: number, digest: number): LogStretch {
    let last = this.#stretches.at(-1);
    if (!last || last.isFull || last.width > 1) {
      this.#thin();
      last = new LogStretch(this.#length, 1, MOST_BUCKETS);
      this.#stretches.push(last);
    }
    if (this.#length === this.#passes.length) {
      this.#passes = doubled(this.#passes);
      this.#digests = doubled(this.#digests);
    }
    this.#passes[this.#length] = pass;
    this.#digests[this.#length] = digest;
    this.#length++;
    last.passes++;
    return last;
  }

  /** Gets back below the budget, at the expense of what is most finely kept for its age. */
  #thin(): void {
    while (this.bytes > this.#budget) {
      let chosen = -1;
      let least = Infinity;
      for (const [i, stretch] of this.#stretches.entries()) {
        if (!stretch.isFull || stretch.buckets % 2 !== 0) continue;
        const score = stretch.width / (this.#length - stretch.start);
        if (score < least) [chosen, least] = [i, score];
      }
      if (chosen < 0) return;
      this.#replace(chosen, 1, this.#stretches[chosen]!.thinned());
      this.#join(chosen);
      this.#join(chosen - 1);
    }
  }

  /** Draws a stretch and the next together, where they fit. */
  #join(index: number): void {
    const [first, second] = [this.#stretches[index], this.#stretches[index + 1]];
    if (!first || !second || first.width !== second.width || !first.isFull || !second.isFull) return;
    if (first.buckets + second.buckets > MOST_BUCKETS) return;
    this.#replace(index, 2, first.joinedWith(second));
  }

  #replace(index: number, count: number, by: LogStretch): void {
    for (const old of this.#stretches.splice(index, count, by)) this.#bytes -= old.bytes;
    this.#bytes += by.bytes;
  }
}

function doubled(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(2 * Math.max(1, values.length));
  more.set(values);
  return more;
}
