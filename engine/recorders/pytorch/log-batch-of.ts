import type { LogRow } from "../../protocol/training-log.ts";
import type { LogBatch } from "../../recording/log/log-batch.ts";
import { FrameError, type Frame } from "./frame-stream.ts";

/** Passes of the training log as the recorder sends them: rows in the header, columns in the bytes. */
export function logBatch({ header, bytes }: Frame): LogBatch {
  const [passes, digests, starts, columns, values] = header["lengths"] as readonly number[];
  let at = 0;
  const take = (length: number | undefined, size: number): ArrayBuffer => {
    if (length === undefined || at + length * size > bytes.length) throw new FrameError("the training log is cut off");
    // A copy: nothing says that a column begins where its type may.
    const part = Uint8Array.from(bytes.subarray(at, (at += length * size)));
    return part.buffer;
  };
  return {
    rows: header["rows"] as readonly LogRow[],
    passes: new Uint32Array(take(passes, 4)),
    digests: new Uint32Array(take(digests, 4)),
    starts: new Uint32Array(take(starts, 4)),
    columns: new Uint32Array(take(columns, 4)),
    values: new Float64Array(take(values, 8)),
  };
}
