import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { LogFormat, SavedLog } from "../protocol/training-log.ts";
import { logCsv } from "../recording/log/log-csv.ts";
import { logEvents } from "../recording/log/log-events.ts";
import type { TrainingLog } from "../recording/log/training-log.ts";
import { requestFailure } from "./request-failure.ts";

/**
 * Writes a training log for other programs.
 * @param startedAt when the run began, in seconds since 1970
 * @param path the file; for TensorBoard the folder
 * @throws Failure when there is nothing to write, or nowhere
 */
export async function exportLog(
  log: TrainingLog,
  startedAt: number,
  format: LogFormat,
  path: string,
): Promise<SavedLog> {
  if (log.length === 0) throw requestFailure("the training log is empty: no backward pass has run yet");
  try {
    if (format === "csv") return await write(log, path, logCsv(log));
    // Not those around it: Node never returns from making them where a file system lets nobody, as /proc does.
    await mkdir(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
    // TensorBoard looks for "tfevents" in the name, and reads files in the order of their names.
    const file = join(path, `events.out.tfevents.${Math.floor(startedAt)}.${hostname()}.${process.pid}.backstep`);
    return await write(log, file, logEvents(log, startedAt));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw requestFailure(`the training log was not written: ${why}`);
  }
}

async function write(log: TrainingLog, file: string, pieces: Iterable<string | Uint8Array>): Promise<SavedLog> {
  const target = createWriteStream(file);
  await once(target, "open");
  const passes = log.length;
  await pipeline(Readable.from(blocks(pieces)), target);
  return { file, passes, bytes: target.bytesWritten };
}

const BLOCK_BYTES = 2 ** 16;

/** The same bytes in fewer pieces. */
function* blocks(pieces: Iterable<string | Uint8Array>): Generator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const part = typeof piece === "string" ? Buffer.from(piece) : Buffer.from(piece);
    parts.push(part);
    bytes += part.length;
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
