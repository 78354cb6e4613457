/** What a terminal takes for an order, or a reader for a change of direction, and what would end a line before its end. */
const CONTROL = /[\0-\x08\v\f\r\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** A text with names, labels or messages of the program in it, which are shown and give no orders. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
