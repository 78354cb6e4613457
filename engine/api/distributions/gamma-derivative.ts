/** How far above the mean the series for the lower tail still has its digits, in standard deviations. */
const SERIES_TO = 4;
/** Where e^−v is nothing any more, beside 1. */
const END = 45;
const INTERVALS = 512;

/**
 * How a draw z of Γ(α, 1) moves with α while its rank among all draws stays what it is: ∂z/∂α = −(∂P/∂α) / (∂P/∂z), P being
 * the distribution function. Figurnov and others, 2018. PyTorch: `torch._standard_gamma_grad`.
 * @param digamma ψ(α)
 */
export function gammaDerivative(alpha: number, z: number, digamma: number): number {
  return z <= alpha + SERIES_TO * (Math.sqrt(alpha) + 1) ? fromBelow(alpha, z, digamma) : fromAbove(alpha, z, digamma);
}

/** By the series P = f(z) z Σ zᵏ / (α (α+1) … (α+k)), f being the density. */
function fromBelow(alpha: number, z: number, digamma: number): number {
  let term = 1 / alpha;
  let slope = 1 / alpha;
  let [sum, derivative] = [term, -term * slope];
  for (let k = 1; term > 1e-17 * sum || k < z; k++) {
    term *= z / (alpha + k);
    slope += 1 / (alpha + k);
    sum += term;
    derivative -= term * slope;
  }
  return -z * (sum * (Math.log(z) - digamma) + derivative);
}

/** By Simpson's rule for ∫ (ln t − ψ(α)) f(t) / f(z) dt above z, where the series would cancel. */
function fromAbove(alpha: number, z: number, digamma: number): number {
  const end = END / (1 - Math.max(0, alpha - 1) / z);
  const width = end / INTERVALS;
  let sum = 0;
  for (let i = 0; i <= INTERVALS; i++) {
    const u = i * width;
    const value = (Math.log(z + u) - digamma) * Math.exp((alpha - 1) * Math.log1p(u / z) - u);
    sum += (i === 0 || i === INTERVALS ? 1 : i % 2 === 1 ? 4 : 2) * value;
  }
  return (sum * width) / 3;
}
