import type { ExaminedOp } from "../causes/examined-op.ts";

/** Elements moved in one request. */
const BATCH = 16;
/** First step, relative to max(1, |x|), of a Function that is run in float64, and of one that rounds to float32 inside. */
const STEP = 2 ** -8;
const COARSE_STEP = 2 ** -5;
/** Where the differences do not converge, as near a kink, the step shrinks by this much, so often. */
const FINER = 2 ** -6;
const MOST_TRIES = 4;
/** Error of a derivative, as a share of the largest of its row, below which it is settled. */
const SETTLED = 1e-9;
const COARSE_SETTLED = 1e-4;
/** Error above which a derivative says nothing: the point is on a kink. */
const USELESS = 1e-5;
const COARSE_USELESS = 3e-3;

/** Derivatives ∂ y[k] / ∂ x[e] at `row * outputs + k`, for some elements e of an operand. */
export interface Jacobian {
  readonly values: Float64Array;
  /** 0 where the finite differences did not settle: what is there says nothing. */
  readonly known: Uint8Array;
}

/**
 * The Jacobian of an op with respect to some elements of one operand by central differences at three steps, extrapolated
 * twice. Exact enough to compare hypotheses to six digits.
 */
export async function jacobianOf(op: ExaminedOp, index: number, elements: readonly number[]): Promise<Jacobian> {
  const { values } = op.operands[index]!;
  const outputs = op.output.length;
  const { isCoarse } = op;
  const jacobian = new Float64Array(elements.length * outputs);
  const errors = new Float64Array(elements.length * outputs).fill(Infinity);
  const [settled, useless] = isCoarse ? [COARSE_SETTLED, COARSE_USELESS] : [SETTLED, USELESS];
  let open = elements.map((_, i) => i);
  let size = isCoarse ? COARSE_STEP : STEP;
  for (let tries = 0; tries < MOST_TRIES && open.length > 0; tries++, size *= FINER) {
    for (let start = 0; start < open.length; start += BATCH) {
      await differentiate(open.slice(start, start + BATCH), size);
    }
    open = open.filter((i) => {
      const limit = settled * largestOf(jacobian, i * outputs, outputs);
      for (let k = i * outputs; k < (i + 1) * outputs; k++) if (!(errors[k]! <= limit)) return true;
      return false;
    });
  }
  const known = new Uint8Array(jacobian.length);
  for (let i = 0; i < elements.length; i++) {
    const limit = useless * Math.max(largestOf(jacobian, i * outputs, outputs), Number.MIN_VALUE);
    for (let k = i * outputs; k < (i + 1) * outputs; k++) known[k] = Number(errors[k]! <= limit);
  }
  return { values: jacobian, known };

  async function differentiate(some: readonly number[], share: number): Promise<void> {
    const steps = some.map((i) => share * Math.max(1, Math.abs(values[elements[i]!]!)));
    const moves = some.flatMap((i, n) =>
      [1, -1, 0.5, -0.5, 0.25, -0.25].map((factor) => ({ element: elements[i]!, by: factor * steps[n]! })),
    );
    const results = await op.moved(index, moves);
    some.forEach((i, n) => {
      const [up, down, halfUp, halfDown, quarterUp, quarterDown] = results.slice(6 * n, 6 * n + 6);
      for (let k = 0; k < outputs; k++) {
        const wide = (up![k]! - down![k]!) / (2 * steps[n]!);
        const half = (halfUp![k]! - halfDown![k]!) / steps[n]!;
        const quarter = (quarterUp![k]! - quarterDown![k]!) / (steps[n]! / 2);
        const coarse = (4 * half - wide) / 3;
        const fine = (4 * quarter - half) / 3;
        const value = (16 * fine - coarse) / 15;
        const error = Math.abs(value - fine);
        const at = i * outputs + k;
        if (!(error < errors[at]!)) continue;
        jacobian[at] = value;
        errors[at] = error;
      }
    });
  }
}

function largestOf(values: Float64Array, from: number, count: number): number {
  let most = 0;
  for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
