const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/**
 * erf(x) to about 1e-16. Below 1 by the series 2/√π · Σ (−1)ⁿ x^(2n+1) / (n! (2n+1)); beyond by the continued fraction
 * of erfc (Abramowitz and Stegun 7.1.5 and 7.1.14).
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? NaN : Math.sign(x);
  return size < 1 ? seriesOfErf(x) : Math.sign(x) * (1 - fractionOfErfc(size));
}

function seriesOfErf(x: number): number {
  const square = x * x;
  let power = x;
  let rest = 0;
  for (let n = 1; n <= 20; n++) {
    power *= -square / n;
    rest += power / (2 * n + 1);
  }
  // The large term last, so that it is rounded once.
  return TWO_OVER_SQRT_PI * (x + rest);
}

/** 200 terms give 1e-16 at 1, where it converges slowest. */
function fractionOfErfc(x: number): number {
  let denominator = x;
  for (let k = 200; k >= 1; k--) denominator = x + k / 2 / denominator;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * denominator);
}
