import type { PassId } from "../../protocol/ids.ts";
import { numberText } from "../number-text.ts";
import type { LogBatch } from "./log-batch.ts";
import { TrainingLog } from "./training-log.ts";

/** Where a run that is run again stops being the same. */
export interface Parting {
  readonly pass: PassId;
  /** "the loss is 0.312 and was 0.288" */
  readonly text: string;
}

/**
 * The log of a run that may be run again: what comes is held against what is there, to the last bit, and what lies beyond its
 * end is added. From where the two part, the log is that of the later run.
 */
export class FollowedLog {
  readonly log: TrainingLog;
  /** Passes and rows of the log that this run has had as well. */
  #passes = 0;
  #rows = 0;
  /** Whether the log must stay as it is, because it is still that of the earlier run. */
  isHeld = false;

  /** @param log of an earlier run of the same program; empty where this is the first */
  constructor(log = new TrainingLog()) {
    this.log = log;
  }

  /** Takes in more of the run. @returns where it parts from the one before, if it does so here */
  append(batch: LogBatch): Parting | null {
    const { log } = this;
    const sameRows = this.#sameRows(batch);
    const known = Math.min(batch.passes.length, log.length - this.#passes);
    const index = this.#firstDifferent(batch, known, sameRows);
    const parting = index < 0 ? null : this.#partingAt(batch, index);
    if (parting && this.isHeld) return parting;
    if (parting) log.truncate(this.#passes + index, this.#rows + sameRows);
    log.append({
      ...batch,
      rows: batch.rows.slice(log.rows.length - this.#rows),
      passes: batch.passes.subarray(parting ? index : known),
      digests: batch.digests.subarray(parting ? index : known),
      starts: batch.starts.subarray(parting ? index : known),
    });
    this.#passes += batch.passes.length;
    this.#rows += batch.rows.length;
    return parting;
  }

  /** How many of the first rows of a batch are those that the log has there. */
  #sameRows({ rows }: LogBatch): number {
    let count = 0;
    for (const row of rows) {
      const before = this.log.rows[this.#rows + count];
      if (before?.kind !== row.kind || before.name !== row.name) break;
      count++;
    }
    return count;
  }

  /** The first pass of a batch that is another than the log's; −1 where all that it has are the same. */
  #firstDifferent(batch: LogBatch, known: number, sameRows: number): number {
    const { log } = this;
    for (let i = 0; i < known; i++) {
      const position = this.#passes + i;
      if (log.passAt(position) !== batch.passes[i] || log.digestAt(position) !== batch.digests[i]) return i;
    }
    const areRowsDifferent = sameRows < batch.rows.length && this.#rows + sameRows < log.rows.length;
    return areRowsDifferent && known > 0 ? 0 : -1;
  }

  #partingAt(batch: LogBatch, index: number): Parting {
    const pass = batch.passes[index]! as PassId;
    for (let at = batch.starts[index]!; at < batch.starts[index + 1]!; at++) {
      const [column, value] = [batch.columns[at]!, batch.values[at]!];
      const before = this.log.singleAt(column, this.#passes + index);
      const name = this.log.columns[column];
      if (before === null || !name || Object.is(before, value) || Object.is(before, Math.fround(value))) continue;
      const { kind, name: of } = this.log.rows[name.row]!;
      if (kind === "time") continue;
      const subject = kind === "loss" ? "the loss" : `${WORDS[name.quantity] ?? name.quantity} of ${of}`;
      const [now, then] = [numberText(value), numberText(before)];
      return {
        pass,
        text: now === then ? `${subject} differs in its last digits` : `${subject} is ${now} and was ${then}`,
      };
    }
    return { pass, text: "its numbers are others" };
  }
}

const WORDS: Readonly<Record<string, string>> = {
  rate: "the learning rate",
  gradient: "the norm of the gradient",
  value: "the norm",
  update: "the update",
  zeros: "the share of zeros",
  notFinite: "the count of numbers that are not finite",
  largest: "the largest element of the gradient",
};
