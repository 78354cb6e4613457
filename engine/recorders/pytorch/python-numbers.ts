const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** The same data with the numbers for which JSON has no text: they come as words. */
export function withNumbers<T>(told: T): T {
  return revived(told) as T;
}

function revived(value: unknown): unknown {
  if (typeof value === "string") return Object.hasOwn(NUMBERS, value) ? NUMBERS[value] : value;
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revived(one)]));
}
