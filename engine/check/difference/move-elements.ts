import type { Tensor } from "../../core/tensor.ts";
import { Batch } from "../replay/batch.ts";
import type { Sample, Sampler } from "./five-point.ts";
import { glance } from "../replay/sampling.ts";
import { stackOfMoves, type ElementMove, type Stack } from "../replay/stack.ts";

/** Samples of an element that are taken together. */
const STEPS = 4;
/** Elements that one value may have in all samples taken together, where more than one element is moved. */
const STACK_ELEMENTS = 2 ** 21;
const MOST_TOGETHER = 256;

/**
 * Differentiates by some elements of a tensor, as many at once as are cheap to hold.
 * @param largest elements of the largest value that is computed from the tensor.
 * @param sample the function for each value of a stack, which it makes when it is its turn.
 * @param differentiate what to find out about each element, from samples with that one moved.
 * @returns one answer for each element, in order.
 */
export async function moveElements<T>(
  tensor: Tensor,
  elements: readonly number[],
  largest: number,
  sample: (stackOf: () => Stack) => Promise<Sample[]>,
  differentiate: (element: number, magnitude: number, sampler: Sampler) => Promise<T>,
): Promise<T[]> {
  const values = glance(tensor);
  const found: T[] = [];
  for (const { together, asSlab } of batchesOf(tensor, elements, Math.max(largest, values.length))) {
    const batch = new Batch<readonly ElementMove[], Sample[]>(async (moves) => {
      const samples = await sample(() => stackOfMoves(tensor, moves.flat(), asSlab));
      return moves.map(({ length }) => samples.splice(0, length));
    });
    const asked = together.map((element) => {
      const value = values[element]!;
      const magnitude = Number.isFinite(value) ? Math.abs(value) : 0;
      const sampler: Sampler = (steps) => batch.ask(steps.map((step) => ({ element, value: value + step })));
      return differentiate(element, magnitude, sampler);
    });
    found.push(...(await Promise.all(asked)));
  }
  return found;
}

/** Elements that are moved in one go. */
interface ElementBatch {
  readonly together: readonly number[];
  /** Whether they lie at one index of the first axis, and what depends on them is computed from that alone. */
  readonly asSlab: boolean;
}

/**
 * Elements of one index along the first axis together, as of one row of a weight: they change the same column of the
 * result. The elements of a vector have no such company; where copies of everything behind them are small, they are
 * moved together all the same.
 * @param held elements of the largest value that is held for each sample.
 */
export function* batchesOf(tensor: Tensor, elements: readonly number[], held: number): Generator<ElementBatch> {
  const most = Math.max(1, Math.min(MOST_TOGETHER, Math.floor(STACK_ELEMENTS / held / STEPS)));
  const asSlab = tensor.rank > 1 || (tensor.rank === 1 && most === 1);
  const size = asSlab ? tensor.numel() / tensor.shape[0]! : tensor.numel();
  for (let from = 0; from < elements.length;) {
    const index = Math.floor(elements[from]! / size);
    let to = from + 1;
    while (to < elements.length && to - from < most && Math.floor(elements[to]! / size) === index) to++;
    yield { together: elements.slice(from, to), asSlab };
    from = to;
  }
}
