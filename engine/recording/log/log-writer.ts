import type { PassId } from "../../protocol/ids.ts";
import { LOG_QUANTITIES, type LogRow } from "../../protocol/training-log.ts";
import type { LogBatch } from "./log-batch.ts";

/** Mixes one more word into a digest (FNV-1a, by words, with its bits spread). */
function mixed(digest: number, word: number): number {
  const next = Math.imul(digest ^ word, 0x01000193);
  return next ^ (next >>> 15);
}

const START = 0x811c9dc5;
const NAN_WORD = 0x7ff80000;

/** A number and its two words. */
const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/** Collects the numbers of passes, and hands them over as batches. */
export class LogWriter {
  #rows: LogRow[] = [];
  #rowCount = 0;
  #columnCount = 0;
  #passes: number[] = [];
  #digests: number[] = [];
  #starts: number[] = [0];
  #columns = new Uint32Array(256);
  #values = new Float64Array(256);
  #length = 0;
  #digest = START;

  /** How many passes wait to be taken. */
  get waiting(): number {
    return this.#passes.length;
  }

  /** How many numbers those have. */
  get entries(): number {
    return this.#length;
  }

  /** Adds a row. @returns its first column; its other quantities follow */
  addRow(row: Omit<LogRow, "id">): number {
    this.#rows.push({ ...row, id: this.#rowCount++ });
    const first = this.#columnCount;
    this.#columnCount += LOG_QUANTITIES[row.kind].length;
    return first;
  }

  /**
   * Notes a number of the pass that is being written.
   * @param isComputed false for what the machine's clock or load decides, which no digest covers
   */
  add(column: number, value: number, isComputed = true): void {
    if (this.#length === this.#columns.length) this.#grow();
    this.#columns[this.#length] = column;
    this.#values[this.#length++] = value;
    if (!isComputed) return;
    // There are many bit patterns for NaN, which mean the same.
    number[0] = value;
    const [low, high] = Number.isNaN(value) ? [0, NAN_WORD] : [words[0]!, words[1]!];
    this.#digest = mixed(mixed(mixed(this.#digest, column), low), high);
  }

  /** The pass is written: what was added since the one before is its own. */
  end(pass: PassId): void {
    this.#passes.push(pass);
    this.#digests.push(this.#digest >>> 0);
    this.#starts.push(this.#length);
    this.#digest = START;
  }

  /** Hands over what waits. */
  take(): LogBatch {
    const batch = {
      rows: this.#rows,
      passes: Uint32Array.from(this.#passes),
      digests: Uint32Array.from(this.#digests),
      starts: Uint32Array.from(this.#starts),
      columns: this.#columns.slice(0, this.#length),
      values: this.#values.slice(0, this.#length),
    };
    this.#rows = [];
    this.#passes = [];
    this.#digests = [];
    this.#starts = [0];
    this.#length = 0;
    return batch;
  }

  #grow(): void {
    const columns = new Uint32Array(2 * this.#columns.length);
    const values = new Float64Array(2 * this.#values.length);
    columns.set(this.#columns);
    values.set(this.#values);
    this.#columns = columns;
    this.#values = values;
  }
}
