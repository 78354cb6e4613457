import { once } from "node:events";

/**
 * Lets the command end by itself when nobody reads what it writes: quietly where the reader has closed the pipe
 * (`backstep run model.ts | head`), with the status of what has been found by then; with a sentence where what it
 * writes to is full or broken.
 */
export function watchStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      if (stream === process.stdout) process.stderr.write(`backstep: cannot write the output: ${error.message}\n`);
      process.exit(2);
    });
  }
}

/** Settles when what has been written is on its way, so that a program that floods is held back instead of buffered. */
export async function drained(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableNeedDrain) await once(stream, "drain");
  }
}
