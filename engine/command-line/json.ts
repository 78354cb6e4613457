/** JSON in which numbers that are not finite are the strings "NaN", "Infinity", "-Infinity". */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry === "number" && !Number.isFinite(entry)) return String(entry);
    if (entry instanceof Float64Array) return Array.from(entry);
    return entry;
  });
}
