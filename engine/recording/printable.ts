/** What a terminal takes for an order, or a reader for a change of direction, and what would end a line before its end. */
const CONTROL = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** A text with names, labels or messages of the program in it, which are shown and give no orders. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
