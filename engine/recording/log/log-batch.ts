import type { LogRow } from "../../protocol/training-log.ts";

/** Passes to be added to a log, as flat columns: what one thread hands the other several times a second. */
export interface LogBatch {
  /** Rows that these passes are the first to have a number of. */
  readonly rows: readonly LogRow[];
  readonly passes: Uint32Array;
  /** By pass, a digest of its numbers in full precision: two runs that agree in it agree bit for bit. */
  readonly digests: Uint32Array;
  /** Where each pass's entries begin, and the end of the last. */
  readonly starts: Uint32Array;
  /** By entry, which column: rows' quantities are numbered through. */
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}
