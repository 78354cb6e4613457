/** The candidate that a misspelt name most likely means: at most a third of its letters differ. */
export function closest(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate, least);
    if (distance < least && candidate !== name) [best, least] = [candidate, distance];
  }
  return best;
}

/** What another case of a letter counts, beside another letter. */
const OTHER_CASE = 0.25;

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. At most `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let [older, old]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = old[j - 1]! + replacement(a[i - 1]!, b[j - 1]!);
      row[j] = Math.min(replaced, old[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, older[j - 2]! + 1);
    }
    [older, old] = [old, row];
  }
  return Math.min(old[b.length]!, limit);
}

function replacement(a: string, b: string): number {
  if (a === b) return 0;
  return a.toLowerCase() === b.toLowerCase() ? OTHER_CASE : 1;
}
