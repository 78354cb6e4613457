/** A run of equal units in a sequence: `count` times `period` items from `start`. */
export interface Repetition {
  readonly start: number;
  readonly period: number;
  readonly count: number;
}

const LONGEST_PERIOD = 48;

/**
 * Finds what repeats in a sequence of signatures: runs of at least `worthwhile(start, period)` equal units one after
 * another. Runs do not overlap; where several could start at one place, the one that covers most wins, then the one
 * with the shortest unit. Takes time in proportion to length × 48.
 */
export function findRepetitions(
  signatures: ArrayLike<number>,
  worthwhile: (start: number, period: number) => number,
): Repetition[] {
  const length = signatures.length;
  const found: Repetition[] = [];
  // How far signature[i] === signature[i + p] has held, for each period at once, from the right.
  const periods = Math.min(LONGEST_PERIOD, Math.floor(length / 2));
  const best: (Repetition | undefined)[] = [];
  for (let period = 1; period <= periods; period++) {
    let matched = 0;
    for (let i = length - period - 1; i >= 0; i--) {
      matched = signatures[i] === signatures[i + period] ? matched + 1 : 0;
      const count = Math.floor(matched / period) + 1;
      if (count < 2) continue;
      const covered = count * period;
      const known = best[i];
      if (known && known.count * known.period >= covered) continue;
      if (count >= worthwhile(i, period)) best[i] = { start: i, period, count };
    }
  }
  for (let i = 0; i < length;) {
    const here = best[i];
    if (here) {
      found.push(here);
      i += here.count * here.period;
    } else i++;
  }
  return found;
}
