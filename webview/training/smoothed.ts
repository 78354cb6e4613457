/** How much of the course so far each number keeps. */
const KEPT = 0.9;

/** An exponential moving average that starts at the first number, not at zero; what is not finite, or not there, stays and is left out. */
export function smoothed(values: readonly (number | null)[]): (number | null)[] {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    sum = KEPT * sum + (1 - KEPT) * value;
    weight = KEPT * weight + (1 - KEPT);
    return sum / weight;
  });
}
