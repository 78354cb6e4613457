import { printable } from "../recording/printable.ts";

/** Writes to stdout what a command found. What the program itself prints does not pass here: that is its own affair. */
export function writeOut(text: string): void {
  process.stdout.write(printable(text));
}

/** The same to stderr. */
export function writeErr(text: string): void {
  process.stderr.write(printable(text));
}
