import { isAffine } from "../../ops/op.ts";
import { elementCount } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import { affineStep } from "./compare-along.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { fivePointDerivative, type Derivative } from "./five-point.ts";
import { batchesOf, moveElements } from "./move-elements.ts";
import { glance } from "../replay/sampling.ts";
import { inSlab, stackOfMoves, type Slab, type Stack } from "../replay/stack.ts";
import { applyToStacks } from "../replay/stacked-op.ts";
import { sampleRoots } from "../replay/stacked-pass.ts";
import { agreesWith } from "../verdict/verdict.ts";

/**
 * Rows that all of a tensor's effect on the pass goes through, each affine in the one before, up to the smallest value:
 * a weight of n × m elements, say, acts through the m results of its product for each example. The difference quotient of
 * an affine function is the same for every step; with the finite differences of what follows the last row it makes those
 * of the tensor. No rule of a backward pass takes part.
 * @param downstream rows that depend on `row`, in forward order.
 * @returns none where no such value is smaller than the tensor.
 */
export function affineRoute({ reader }: DoubleReplay, row: number, downstream: readonly number[]): readonly number[] {
  const count = (at: number): number => elementCount(reader.shape(at));
  const isRoot = (at: number): boolean => reader.roots.some((root) => root === at);
  const route: number[] = [];
  if (reader.shape(row).length === 0) return route;
  let smallest = 0;
  for (let at = row; !isRoot(at); at = route.at(-1)!) {
    const uses = downstream.flatMap((next) =>
      reader
        .inputs(next)
        .filter((input) => input === at)
        .map(() => next),
    );
    const op = uses.length === 1 ? reader.op(uses[0]!) : undefined;
    if (!op || !isAffine(op) || count(uses[0]!) === 0) break;
    route.push(uses[0]!);
    if (count(uses[0]!) < count(route[smallest - 1] ?? row)) smallest = route.length;
  }
  return route.slice(0, smallest);
}

/** Elements at one index along the first axis, as of one row of a weight: they act on the same part of a result. */
interface Group {
  readonly elements: readonly number[];
  readonly slab: Slab | null;
}

/**
 * Derivatives of the roots by elements of a tensor, from finite differences by the last value of its route.
 * @param elements ascending.
 * @param analytic derivatives by the last value as the rules give them: a finite difference that agrees is not refined.
 * @param scale their largest magnitude.
 * @returns one for each element; null where a sample did not lie on a smooth piece.
 */
export async function derivativesThrough(
  replay: DoubleReplay,
  row: number,
  route: readonly number[],
  elements: readonly number[],
  { analytic, scale, epsilon }: { analytic: Float64Array; scale: number; epsilon: number },
): Promise<(Derivative | null)[]> {
  const tensor = replay.value(row);
  const last = route.at(-1)!;
  const result = replay.value(last);
  const largestOf = (rows: readonly number[]): number => Math.max(0, ...rows.map((at) => replay.value(at).numel()));

  const rowSize = tensor.numel() / tensor.shape[0]!;
  const indexOf = (element: number): number => Math.floor(element / rowSize);
  const example = await replay.scoped(async () => (await moveThrough(replay, row, route, elements.slice(0, 1))).slab);
  const groups = runsOf(elements, indexOf).map((alike): Group => {
    // Where a slab leads is a matter of its axis alone.
    return { elements: alike, slab: example && { ...example, index: indexOf(alike[0]!) } };
  });
  const indices = Float64Array.from({ length: result.numel() }, (_, i) => i);
  const reached = example ? groups.flatMap(({ slab }) => [...inSlab(indices, result.shape, slab)]) : [...indices];

  const followers = replay.downstream(last);
  const [slope, errorBar, step] = [indices.map(() => 0), indices.map(() => Infinity), indices.map(() => 0)];
  await moveElements(
    result,
    reached.sort((a, b) => a - b),
    largestOf(followers),
    (stackOf) => replay.scoped(() => sampleRoots(replay, last, followers, stackOf())),
    async (element, magnitude, sampler) => {
      const suffices = agreesWith(analytic[element]!, scale);
      const derivative = await fivePointDerivative(sampler, magnitude, epsilon, suffices);
      slope[element] = derivative.value;
      errorBar[element] = derivative.smooth ? derivative.errorBar : Infinity;
      step[element] = derivative.step;
    },
  );

  const base = readElements(result);
  const starts = readElements(tensor);
  const held = Math.max(largestOf(route), example ? rowSize : tensor.numel());
  const found: (Derivative | null)[] = [];
  for (const group of groups) {
    const part = (all: Float64Array): Float64Array => inSlab(all, result.shape, group.slab);
    const behind = { base: part(base), slope: part(slope), errorBar: part(errorBar), step: part(step) };
    for (const { together } of batchesOf(tensor, group.elements, held)) {
      await replay.scoped(async () => {
        const { values, slab } = await moveThrough(replay, row, route, together);
        if (slab?.index !== group.slab?.index) throw new Error("a route's slab is not where its first one was");
        const all = glance(values);
        together.forEach((element, k) => {
          found.push(chained(all, k * behind.base.length, behind, stepOf(starts[element]!), epsilon));
        });
      });
    }
  }
  return found;
}

/** What follows each other and has one key. */
function runsOf(elements: readonly number[], key: (element: number) => number): number[][] {
  const runs: number[][] = [];
  let run: number[] = [];
  for (const element of elements) {
    if (run.length === 0 || key(element) !== key(run[0]!)) runs.push((run = []));
    run.push(element);
  }
  return runs;
}

/** By how much an element is moved. An infinite one does not move. */
function stepOf(value: number): number {
  return affineStep(Number.isFinite(value) ? Math.abs(value) : 0);
}

/** The last value of a route, for each of some elements of one group with that one moved by its step. */
async function moveThrough(
  replay: DoubleReplay,
  row: number,
  route: readonly number[],
  elements: readonly number[],
): Promise<Stack> {
  const tensor = replay.value(row);
  const values = glance(tensor);
  const moves = elements.map((element) => ({ element, value: values[element]! + stepOf(values[element]!) }));
  const samePiece = moves.map(() => true);
  let at = row;
  let stack = stackOfMoves(tensor, moves, true);
  for (const next of route) {
    const inputs = replay.reader.inputs(next);
    const point = { inputs: inputs.map((input) => replay.value(input)), output: replay.value(next), pieces: null };
    const operands = inputs.map((input) => (input === at ? stack : null));
    stack = await applyToStacks(replay, next, point, operands, samePiece);
    at = next;
  }
  return stack;
}

/** Where a result was, and what is known of the derivative by each of its elements. */
type Behind = Readonly<Record<"base" | "slope" | "errorBar" | "step", Float64Array>>;

/**
 * The chain rule: the sum of what changes, each by the slope there.
 * @param start where the sample's elements begin in `there`.
 * @param moved by how much the tensor's element was.
 */
function chained(
  there: Float64Array,
  start: number,
  { base, slope, errorBar, step }: Behind,
  moved: number,
  epsilon: number,
): Derivative | null {
  let [value, bar, smallest] = [0, 0, Infinity];
  for (let i = 0; i < base.length; i++) {
    const from = base[i]!;
    const to = there[start + i]!;
    const change = to - from;
    // Also of what did not change: the change may have been lost in what it was added to.
    const rounding = 2 * epsilon * (Math.abs(to) + Math.abs(from));
    value += change * slope[i]!;
    bar += Math.abs(change) * errorBar[i]! + rounding * Math.abs(slope[i]!);
    smallest = Math.min(smallest, step[i]!);
  }
  // Not where a derivative is missing: nothing times infinity is no number.
  return bar < Infinity
    ? { value: value / moved, errorBar: bar / moved, step: smallest, smooth: true, oneSided: null }
    : null;
}
