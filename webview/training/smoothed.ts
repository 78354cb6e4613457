/** How much of the course so far each number keeps. */
const KEPT = 0.9;

/** An exponential moving average that starts at the first number, not at zero; what is not finite stays and is left out. */
export function smoothed(values: readonly number[]): number[] {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = KEPT * sum + (1 - KEPT) * value;
    weight = KEPT * weight + (1 - KEPT);
    return sum / weight;
  });
}
