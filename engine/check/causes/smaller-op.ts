import { probeCotangents } from "../replay/elements.ts";
import { outputsOf, type ExaminedOp, type ExaminedOperand, type OperandPart } from "./examined-op.ts";
import { coordinates } from "./suspect.ts";

/** Elements that the operand and the result of a smaller op have at most; the second where the first cannot be had. */
const MOST_ELEMENTS = [320, 640] as const;
/** Axes that are no longer are left as they are, as those of a kernel; the second where the first leaves too much. */
const SHORT = [8, 3] as const;
/** Sizes in the place of long ones: no squares, and unlike most numbers that a forward multiplies by. */
const FREE = [17, 13, 11, 10, 7, 6, 5, 3] as const;
/** Sizes that a forward may cut into halves or quarters. */
const EVEN = [48, 32, 24, 16, 12, 8, 4] as const;
/** A size that is so many times another, or fewer, may be made of it, as that of the gates of a layer is. */
const MOST_TIMES = 4;
/** Ops of different sizes that are tried in one way. */
const MOST_TRIED = 3;

/** What stands in the place of each long size of the operands and the result. */
export type Sizes = ReadonlyMap<number, number>;

/** An op at a part of its operands, and its backward there. */
export interface SmallerOp {
  readonly op: ExaminedOp;
  readonly weights: Float64Array;
  readonly given: Float64Array;
}

/**
 * Ways to make an op small enough to be examined whole, each with several sizes: what explains one of them explains another as
 * well, or it is chance. Axes of one size are cut alike, for they may belong together, and those of different ones differently.
 */
export function* waysSmaller(op: ExaminedOp, index: number): Generator<readonly Sizes[]> {
  for (const short of SHORT) {
    const long = longSizes(op, short);
    const ways = [
      FREE.flatMap((_, from) => [0, 1].map((turned) => unrelated(long, FREE.slice(from, from + long.length), turned))),
      EVEN.map((_, from) => related(long, EVEN.slice(from))),
    ].map((choices) => smallEnough(op, index, choices));
    for (const way of ways) if (way.length > 1) yield way;
    if (ways.some(({ length }) => length > 1)) return;
  }
}

/** Sizes of axes that are longer, ascending. */
function longSizes(op: ExaminedOp, short: number): readonly number[] {
  const shapes = [...op.operands, ...outputsOf(op)].flatMap(({ shape }) => shape);
  return [...new Set(shapes.filter((size) => size > short))].toSorted((a, b) => a - b);
}

/** A size of its own for each, the first ones to those that are turned to; null where there are not as many, or one would grow. */
function unrelated(long: readonly number[], free: readonly number[], turned: number): Sizes | null {
  if (free.length < long.length) return null;
  const sizes = new Map(long.map((size, i) => [size, free[(i + turned) % free.length]!]));
  return isSmaller(sizes) ? sizes : null;
}

/** Sizes that are as many times another as they were. */
function related(long: readonly number[], free: readonly number[]): Sizes | null {
  const sizes = new Map<number, number>();
  let next = 0;
  for (const size of long) {
    const base = [...sizes.keys()].find((other) => size % other === 0 && size / other <= MOST_TIMES);
    sizes.set(size, base === undefined ? (free[next++] ?? Infinity) : (sizes.get(base)! * size) / base);
  }
  return isSmaller(sizes) ? sizes : null;
}

function isSmaller(sizes: Sizes): boolean {
  return sizes.size > 0 && [...sizes].every(([size, kept]) => kept < size);
}

/** Those choices of sizes that leave few elements, the largest first. */
function smallEnough(op: ExaminedOp, index: number, choices: readonly (Sizes | null)[]): readonly Sizes[] {
  const countIn = (shape: readonly number[], sizes: Sizes): number =>
    shape.reduce((product, size) => product * (sizes.get(size) ?? size), 1);
  const elementsOf = (sizes: Sizes): number =>
    Math.max(
      countIn(op.operands[index]!.shape, sizes),
      outputsOf(op).reduce((sum, { shape }) => sum + countIn(shape, sizes), 0),
    );
  for (const most of MOST_ELEMENTS) {
    const found = choices.filter((sizes) => sizes !== null && elementsOf(sizes) <= most) as Sizes[];
    if (found.length > 1) return found.slice(0, MOST_TRIED);
  }
  return [];
}

/**
 * The op at a few indices along its long axes, among which an element is.
 * @returns null where it cannot be run there, or returns no gradient
 */
export async function smallerOp(
  op: ExaminedOp,
  index: number,
  element: number,
  sizes: Sizes,
): Promise<SmallerOp | null> {
  const { shape } = op.operands[index]!;
  const starts = new Map<number, number>();
  coordinates(shape, element).forEach((at, axis) => {
    const kept = sizes.get(shape[axis]!);
    if (kept === undefined || starts.has(shape[axis]!)) return;
    starts.set(shape[axis]!, Math.min(Math.max(0, at - (kept >> 1)), shape[axis]! - kept));
  });
  try {
    const smaller = await op.part!(op.operands.map((operand) => partOf(operand, sizes, starts)));
    const weights = probeCotangents(smaller.output.length, index);
    const given = await smaller.product(index, weights);
    return given && { op: smaller, weights, given };
  } catch {
    // Its forward may take no operands of such sizes.
    return null;
  }
}

function partOf(
  { shape, values, isFloating }: ExaminedOperand,
  sizes: Sizes,
  starts: ReadonlyMap<number, number>,
): OperandPart {
  const ranges = shape.map((size) => [starts.get(size) ?? 0, sizes.get(size) ?? size] as const);
  if (isFloating) return { ranges, below: null };
  // Integers may be indices along one of the axes: those past its end stand for one that is kept.
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const along = [...sizes.keys()].filter((size) => size > most);
  const below = most < 2 || along.length === 0 ? null : sizes.get(Math.min(...along))!;
  return { ranges, below: below !== null && most >= below ? below : null };
}
