/** Whether the n-th hit counts, from 1. */
export type HitCondition = (hits: number) => boolean;

const FORM = /^\s*(==|=|>=|>|<=|<|%)?\s*(\d+)\s*$/;

/**
 * "5" or ">= 5": from the fifth hit on; "== 5": the fifth alone; "% 5": every fifth; empty: every hit.
 * @returns null when it is none of these
 */
export function parseHitCondition(text: string): HitCondition | null {
  if (text.trim() === "") return () => true;
  const found = FORM.exec(text);
  if (!found) return null;
  const n = Number(found[2]);
  switch (found[1]) {
    case "==":
    case "=":
      return (hits) => hits === n;
    case ">":
      return (hits) => hits > n;
    case "<":
      return (hits) => hits < n;
    case "<=":
      return (hits) => hits <= n;
    case "%":
      return (hits) => n > 0 && hits % n === 0;
    default:
      return (hits) => hits >= n;
  }
}
