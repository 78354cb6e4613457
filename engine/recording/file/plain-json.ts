/**
 * JSON that keeps every number and the typed arrays of doubles that verdicts carry: what JSON has no word for becomes an
 * object with one key that nothing else uses.
 */
const NUMBER = "$number";
const DOUBLES = "$doubles";

export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry === "number" && (!Number.isFinite(entry) || Object.is(entry, -0))) {
      return { [NUMBER]: Object.is(entry, -0) ? "-0" : String(entry) };
    }
    return entry instanceof Float64Array ? { [DOUBLES]: Array.from(entry) } : entry;
  });
}

/** @throws SyntaxError when the text is no JSON */
export function decodeJson(text: string): unknown {
  // Looking at every value takes several times as long as parsing, and most texts have no such number.
  if (!text.includes(`"${NUMBER}"`) && !text.includes(`"${DOUBLES}"`)) return JSON.parse(text);
  return JSON.parse(text, (_, entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return entry;
    if (NUMBER in entry && typeof entry[NUMBER] === "string") return Number(entry[NUMBER]);
    if (DOUBLES in entry && Array.isArray(entry[DOUBLES])) return Float64Array.from(entry[DOUBLES] as number[]);
    return entry;
  });
}
