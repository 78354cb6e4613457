import fc from "fast-check";
import { autograd, tensor, type Tensor } from "../../engine/index.ts";
import { EngineError } from "../../engine/context/engine-error.ts";
import { patternLike, STEPS, type Gene } from "./steps.ts";

/** A graph of ops: leaves of the given shapes and values, and steps that combine what there is so far. */
export interface Program {
  readonly leaves: readonly { readonly shape: readonly number[]; readonly seed: number }[];
  readonly genes: readonly Gene[];
  /** Differentiate the gradient as well. */
  readonly twice: boolean;
  /** Direction in which the program is differentiated. */
  readonly direction: number;
}

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
const number = fc.nat({ max: 10_000 });

export const programs: fc.Arbitrary<Program> = fc.record({
  leaves: fc.array(fc.record({ shape, seed: fc.integer({ min: 1, max: 1_000_000 }) }), { minLength: 1, maxLength: 3 }),
  genes: fc.array(fc.record({ step: number, a: number, b: number, p: number, q: number }), {
    minLength: 1,
    maxLength: 10,
  }),
  twice: fc.boolean(),
  direction: fc.integer({ min: 1, max: 1_000_000 }),
});

/** What came of a program. Only "wrong" is a mistake of the engine. */
export type Outcome =
  | { readonly kind: "agrees"; readonly analytic: number; readonly numeric: number }
  | { readonly kind: "wrong"; readonly analytic: number; readonly numeric: number; readonly scale: number }
  /** A value that the backward needs was changed in place: refused, as PyTorch does. */
  | { readonly kind: "refused" }
  /** Differences do not settle: a kink or a steep place is too near. */
  | { readonly kind: "unclear" };

/** Numbers in [-1.5, 1.5] that follow from a seed (Park and Miller). */
function numbers(seed: number, count: number): number[] {
  let state = seed % 2147483647;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 3 - 1.5;
  });
}

const countOf = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);

/** Runs the steps and weighs all values into one number. */
function run(program: Program, leaves: readonly Tensor[]): Tensor {
  const values: Tensor[] = [...leaves];
  for (const gene of program.genes) {
    const step = STEPS[gene.step % STEPS.length]!;
    const x = values[values.length - 1 - (gene.a % Math.min(values.length, 4))]!;
    const y = values[gene.b % values.length]!;
    const made = step({ x, y, p: gene.p, q: gene.q });
    if (made === null) continue;
    for (const value of Array.isArray(made) ? (made as readonly Tensor[]) : [made as Tensor]) {
      if (value.numel() > 0 && value.numel() <= 200) values.push(value);
    }
  }
  return values
    .slice(-6)
    .map((value, i) => value.mul(0.5).tanh().mul(patternLike(value, i)).sum())
    .reduce((total, term) => total.add(term));
}

/** The number that is differentiated: the program's result, or a pattern over its gradient. */
function objective(program: Program, leaves: readonly Tensor[]): Tensor {
  const result = run(program, leaves);
  if (!program.twice || !result.requiresGrad) return result;
  const gradients = autograd.grad(result, [...leaves], { createGraph: true, allowUnused: true });
  return gradients
    .filter((gradient) => (gradient as Tensor | null) !== null)
    .map((gradient, i) =>
      gradient
        .tanh()
        .mul(patternLike(gradient, i + 0.5))
        .sum(),
    )
    .reduce((total, term) => total.add(term), tensor(0, { dtype: "float64" }));
}

/** The program's result for its own leaves, as a number to differentiate. */
export function lossOf(program: Program): Tensor {
  return objective(program, leavesAt(program, [], 0));
}

/** The leaves, moved by a distance along a direction. */
function leavesAt({ leaves }: Program, directions: readonly (readonly number[])[], distance: number): Tensor[] {
  return leaves.map(({ shape, seed }, i) => {
    const values = numbers(seed, countOf(shape));
    const moved = distance === 0 ? values : values.map((value, j) => value + distance * directions[i]![j]!);
    return tensor(moved, { dtype: "float64" })
      .reshape([...shape])
      .requiresGrad_();
  });
}

/** Holds the derivative of a program in one direction against central differences. */
export function checkProgram(program: Program): Outcome {
  const directions = program.leaves.map(({ shape }, i) => numbers(program.direction + i * 7919, countOf(shape)));
  const at = (distance: number): number => objective(program, leavesAt(program, directions, distance)).item();
  try {
    const leaves = leavesAt(program, directions, 0);
    const result = objective(program, leaves);
    if (result.requiresGrad) result.backward();
    const analytic = leaves.reduce((total, leaf, i) => {
      const gradient = leaf.grad?.toArray() ?? [];
      return gradient.reduce((sum, value, j) => sum + value * directions[i]![j]!, total);
    }, 0);
    return compare(analytic, at);
  } catch (error) {
    if (isRefusal(error)) return { kind: "refused" };
    throw error;
  }
}

/** Whether a program was refused for a value that was changed in place, as PyTorch does. */
export function isRefusal(error: unknown): boolean {
  return error instanceof EngineError && error.kind === "autograd" && error.message.includes("changed in place");
}

const STEP_SIZES = [1e-4, 1e-5, 1e-6];

/** Central differences at ever smaller steps, extrapolated; they must settle before they count. */
function compare(analytic: number, at: (distance: number) => number): Outcome {
  let last: Outcome = { kind: "unclear" };
  for (const step of STEP_SIZES) {
    const slope = (h: number): number => (at(h) - at(-h)) / (2 * h);
    const [wide, narrow] = [slope(step), slope(step / 2)];
    const numeric = (4 * narrow - wide) / 3;
    const scale = Math.max(1, Math.abs(numeric), Math.abs(analytic));
    if (!Number.isFinite(numeric) || Math.abs(wide - narrow) > 1e-5 * scale) continue;
    const tolerance = 2e-6 * scale + 2 * Math.abs(wide - narrow);
    // NaN is never near.
    if (Math.abs(analytic - numeric) <= tolerance) return { kind: "agrees", analytic, numeric };
    last = { kind: "wrong", analytic, numeric, scale };
  }
  return last;
}
