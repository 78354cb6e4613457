import { withGradMode } from "../context/grad-mode.ts";
import { adopt } from "../core/adopt.ts";
import { fromNumbers } from "../core/creation.ts";
import { runtime } from "../core/runtime.ts";
import { sameShape } from "../core/shape.ts";
import { readElements } from "../core/elements.ts";
import { isFloating, type Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { ScratchArena } from "../memory/arena.ts";
import { apply } from "../ops/apply.ts";
import type { Op } from "../ops/op.ts";
import { vectorJacobianProduct } from "../ops/vector-jacobian-product.ts";
import type { RecordedDType } from "../protocol/recorded-dtype.ts";
import { recordedContribution } from "./gradient-at.ts";
import { together, Unpaged } from "./paged-tensors.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { TapeApplication } from "./rule-replay.ts";

/** Distance from 1 to the next number of each floating-point dtype; whole numbers must agree exactly. */
const EPSILON: Partial<Record<RecordedDType, number>> = {
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
  float32: 2 ** -23,
  float64: 2 ** -52,
};
/** Roundings that two implementations of one op may be apart: in half precision they compute in float32 and round once. */
const ROUNDINGS = 16;
const HALF_ROUNDINGS = 2;

/** From where on a dtype has no number but infinity, less what rounding may be off by; ours is still finite there. */
const OVERFLOWS: Partial<Record<RecordedDType, number>> = { float16: 65_520 * (1 - HALF_ROUNDINGS * 2 ** -10) };

/** What a gradient of the run may be off by from that of our rule, as a share of its norm: both round at every term. */
const GRADIENT_SHARE: Partial<Record<RecordedDType, number>> = {
  float16: 0.05,
  bfloat16: 0.2,
  float32: 2e-3,
  float64: 1e-9,
};

/**
 * Whether an op that another framework ran is what our record computes: our forward on the recorded inputs gives the recorded
 * value, as far as rounding in its dtype allows, and our rule gives what the op passed back, where that is known. Frameworks may
 * differ in where they take a kink's slope from, and may be wrong: then our rule says nothing about their op.
 * @throws Unpaged while a tensor that it needs is not in memory
 */
export function provesItself(pass: ReadablePass, row: number, op: Op): boolean {
  const scratch = runtime.arena instanceof ScratchArena ? runtime.arena : null;
  const mark = scratch?.mark();
  try {
    const inputs = pass.inputs(row);
    const [recorded, ...views] = together([row, ...inputs].map((one) => () => pass.value(one)));
    return agrees(pass, row, op, views, recorded!) && passesBackTheSame(pass, row, op);
  } catch (error) {
    if (error instanceof Unpaged) throw error;
    // Our op refuses these inputs, or one of them was not kept.
    return false;
  } finally {
    if (mark) scratch?.rewind(mark);
  }
}

function agrees(pass: ReadablePass, row: number, op: Op, views: readonly View[], recorded: View): boolean {
  const run = (inputs: readonly Tensor[]): Tensor => withGradMode(false, () => apply(op, inputs, pass.attributes(row)));
  const inputs = views.map(adopt);
  const ours = run(inputs);
  if (ours.dtype !== recorded.dtype || !sameShape(ours.shape, recorded.shape)) return false;
  const dtype = pass.dtype(row);
  const epsilon = EPSILON[dtype] ?? 0;
  const roundings = dtype === "float16" || dtype === "bfloat16" ? HALF_ROUNDINGS : ROUNDINGS;
  const [a, b] = [readElements(ours), readElements(recorded)];
  const slack = roundings * epsilon * rootMeanSquare(b);
  if (!sameWhereNotFinite(a, b, dtype)) return false;
  if (areClose(a, b, roundings * epsilon, slack)) return true;
  if (epsilon === 0) return false;
  // Where terms cancel, the inputs' own rounding moves the result by more than the result's.
  const moved = readElements(run(inputs.map((input) => nudged(input, epsilon))));
  const noise = distance(moved, a);
  return areClose(a, b, roundings * epsilon, slack + roundings * noise);
}

function passesBackTheSame(pass: ReadablePass, row: number, op: Op): boolean {
  const gradient = pass.ranBackward(row) ? pass.gradient(row) : null;
  if (gradient === null) return true;
  const cotangent = adopt(gradient);
  const rule = (index: number, g: Tensor): Tensor | null =>
    withGradMode(false, () => vectorJacobianProduct(op, new TapeApplication(pass, row), index, g));
  return pass.inputs(row).every((input, index) => {
    // A hook may have changed what arrived here.
    const isKnown = pass.requiresGrad(input) && pass.hook(input) === null;
    const recorded = isKnown ? recordedContribution(pass, pass.inputStart(row) + index) : null;
    if (recorded === null) return true;
    const ours = rule(index, cotangent);
    if (ours === null) return false;
    const [a, b] = [readElements(ours), readElements(recorded)];
    const dtype = pass.dtype(input);
    if (!sameWhereNotFinite(a, b, dtype)) return false;
    const apart = distance(a, b);
    if (!(apart > (GRADIENT_SHARE[dtype] ?? 0) * rootMeanSquare(b))) return true;
    // All terms of a bias before a normalisation cancel, and rounding is all that is left.
    const moved = rule(index, nudged(cotangent, EPSILON[dtype] ?? 0));
    return moved !== null && apart <= ROUNDINGS * distance(readElements(moved), a);
  });
}

function distance(a: Float64Array, b: Float64Array): number {
  return rootMeanSquare(a.map((value, i) => value - b[i]!));
}

/** Whether what is not finite stands at the same places in both, and is the same there: no distance tells that. */
function sameWhereNotFinite(ours: Float64Array, theirs: Float64Array, dtype: RecordedDType): boolean {
  const overflow = OVERFLOWS[dtype] ?? Infinity;
  return ours.every((x, i) => {
    const y = theirs[i]!;
    if (Number.isFinite(x) && Number.isFinite(y)) return true;
    return Object.is(x, y) || (Math.abs(y) === Infinity && Math.sign(y) * x >= overflow);
  });
}

/** Whether the elements that are finite in both are close to each other. */
function areClose(a: Float64Array, b: Float64Array, relative: number, slack: number): boolean {
  return a.every((x, i) => {
    const y = b[i]!;
    return !Number.isFinite(x) || !Number.isFinite(y) || Math.abs(x - y) <= relative * Math.abs(y) + slack;
  });
}

/** Over the finite elements; 0 where there is none. */
function rootMeanSquare(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value * value;
    count++;
  }
  return count === 0 ? 0 : Math.sqrt(sum / count);
}

/** Each element one rounding up or down, as good as at random and the same every time. */
function nudged(input: Tensor, epsilon: number): Tensor {
  if (!isFloating(input.dtype)) return input;
  const elements = readElements(input).map((value, i) => {
    const up = (Math.imul(i + 1, 0x9e3779b1) >>> 16) & 1;
    return value * (up === 1 ? 1 + epsilon : 1 - epsilon);
  });
  return fromNumbers(elements, input.shape, input.dtype);
}
