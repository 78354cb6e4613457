import { EngineError } from "./engine-error.ts";

/**
 * Refuses options that do not exist: a misspelt one, or one in Python's spelling, would silently compute something else.
 * @throws EngineError when `given` is no object of options, or has one that is not among `names`.
 */
export function checkOptions(op: string, given: unknown, names: readonly string[]): void {
  if (given === undefined) return;
  const prototype: unknown = typeof given === "object" && given !== null ? Object.getPrototypeOf(given) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    throw new EngineError("value", `${op}: options are one object, found ${describe(given)}`, {
      fix: names.length === 0 ? "it has none" : `such as { ${names[0]}: … }`,
    });
  }
  for (const key in given) {
    if (names.includes(key)) continue;
    const meant = names.find((name) => bare(name) === bare(key)) ?? names.find((name) => isNear(bare(name), bare(key)));
    throw new EngineError("value", `${op}: there is no option "${key}"`, {
      fix: meant === undefined ? `it has ${names.length === 0 ? "none" : names.join(", ")}` : `did you mean ${meant}?`,
    });
  }
}

function describe(value: unknown): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return `"${value}"`;
  return Array.isArray(value) ? "an array" : typeof value === "object" ? value.constructor.name : typeof value;
}

/** Without underscores and capitals: weight_decay and weightDecay are one name. */
function bare(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** Whether one letter was left out, added or changed, or the end is missing. */
function isNear(name: string, typed: string): boolean {
  if (name.startsWith(typed) || typed.startsWith(name)) return true;
  let start = 0;
  while (start < name.length && name[start] === typed[start]) start++;
  let end = 0;
  while (end < name.length - start && end < typed.length - start && name.at(-1 - end) === typed.at(-1 - end)) end++;
  return Math.max(name.length, typed.length) - start - end <= 1;
}
