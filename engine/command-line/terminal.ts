/** What a terminal takes for an order, or for a change of direction, and what would end a line of ours before its end. */
const CONTROL = /[\0-\x08\v\f\r\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** A text of ours for a terminal: names, labels and messages of the program in it are shown, and give no orders. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Writes to stdout what a command found. What the program itself prints does not pass here: that is its own affair. */
export function writeOut(text: string): void {
  process.stdout.write(printable(text));
}

/** The same to stderr. */
export function writeErr(text: string): void {
  process.stderr.write(printable(text));
}
