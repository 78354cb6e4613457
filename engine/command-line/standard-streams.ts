import { once } from "node:events";
import { t } from "../language/translate.ts";

/** The status of a command that was to judge something, until it has. */
export const UNDECIDED = 2;

/**
 * Lets the command end by itself when nobody reads what it writes: quietly where the reader has closed the pipe
 * (`backstep run model.ts | head`), with the status of what is known by then; with a sentence where a judgement is cut
 * off by that, or what it writes to is full or broken.
 */
export function watchStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        if (process.exitCode === UNDECIDED) {
          process.stderr.write(`backstep: ${t("the reader of the output went before all was compared")}\n`);
        }
        process.exit();
      }
      if (stream === process.stdout)
        process.stderr.write(`backstep: ${t`cannot write the output: ${error.message}`}\n`);
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
