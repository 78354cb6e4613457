import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { whyUnreadable } from "../../context/unreadable.ts";
import type { ByteSource } from "../../recording/file/byte-source.ts";
import { RecordingError } from "../../recording/file/recording-error.ts";
import { RecordingFile } from "../../recording/file/recording-file.ts";
import { decodeLog } from "../../recording/log/log-file.ts";
import { TrainingLog } from "../../recording/log/training-log.ts";
import type { Failure } from "../../protocol/failure.ts";

/** A file on the disk, read in ranges: a tensor of a few kilobytes takes a fraction of a millisecond. */
class FileSource implements ByteSource {
  readonly size: number;
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "r");
    this.size = fstatSync(this.#descriptor).size;
  }

  read(offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length;) {
      const count = readSync(this.#descriptor, target, done, target.length - done, offset + done);
      if (count === 0) throw new RecordingError("became shorter while it was read");
      done += count;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** A recording in a file, and what closes it. */
export interface OpenedRecording {
  readonly recording: RecordingFile;
  /** Reads its training log; empty where it has none. @throws Failure that says what is wrong with it */
  readonly log: () => TrainingLog;
  readonly close: () => void;
}

/**
 * Opens a recording.
 * @throws Failure that says what is wrong with the file
 */
export async function openRecording(path: string): Promise<OpenedRecording> {
  let source: FileSource | null = null;
  try {
    source = new FileSource(path);
    const opened = source;
    const recording = await RecordingFile.open(opened);
    return { recording, log: () => logOf(recording, path), close: () => opened.close() };
  } catch (error) {
    source?.close();
    throw recordingFailure(path, error);
  }
}

function logOf({ steps }: RecordingFile, path: string): TrainingLog {
  try {
    return steps === null ? new TrainingLog() : decodeLog(steps);
  } catch (error) {
    throw recordingFailure(path, error);
  }
}

/** What a fault of a recording's file is for people; other errors stay what they are. */
export function recordingFailure(path: string, error: unknown): unknown {
  if (error instanceof RecordingError) return failureOf(`${path} ${error.message}`);
  if (error instanceof Error && "code" in error) return failureOf(`${path} cannot be read: ${whyUnreadable(error)}`);
  return error;
}

function failureOf(message: string): Failure {
  return { kind: "value", message, site: null };
}
