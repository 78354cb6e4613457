import type { CheckMode, CheckRow } from "../protocol/check.ts";
import { readElements, type Tensor } from "../tensor/tensor.ts";
import { Batch } from "./batch.ts";
import type { CheckTask } from "./check-job.ts";
import { randomDirections, type Way } from "./directions.ts";
import { chooseElements, scaleOf } from "./elements.ts";
import { fivePointDerivative, type Sample, type Sampler } from "./five-point.ts";
import { rowOf } from "./check-row.ts";
import type { DoubleReplay } from "./double-replay.ts";
import { NOISE, SINGLE_EPSILON } from "./local-check.ts";
import { precisionLost } from "./precision.ts";
import { sampleRoots } from "./stacked-pass.ts";
import { stackOf, stackOfMoves, type Move } from "./stack.ts";
import { unsteadyAmong } from "./unsteady.ts";
import { agreesWith, compare, confirm, type Comparison } from "./verdict.ts";

/** Work that one gradient's check may take, in elements computed. */
const WORK = 6e7;
/** What running an op costs besides its elements: long chains of small ops are sampled more thinly. */
const OVERHEAD = 3000;
const MOST_ELEMENTS = 64;
const FEWEST_ELEMENTS = 4;
const EVALUATIONS = 8;
/** Samples of an element that are taken together. */
const STEPS = 4;
/** Elements that a value may have in all samples taken together, if more than one parameter's element is moved. */
const STACK_ELEMENTS = 2 ** 21;
const MOST_TOGETHER = 256;
/** How many of them a directional check takes. */
const DIRECTIONS = 4;
/** A change of the loss by less than this share of it is lost in its rounding. */
const LOSS_NOISE = 1e-4;

/**
 * Checks a gradient through the whole pass, of a parameter or of an op's result: what the rules give in float64, against
 * finite differences of the loss. Only what depends on the tensor is computed again.
 */
export async function checkGradient(
  replay: DoubleReplay,
  { row, part }: Pick<CheckTask, "row" | "part">,
  cotangents: readonly (Tensor | undefined)[],
  mode: CheckMode,
): Promise<CheckRow> {
  await replay.forward();
  const tensor = replay.value(row);
  const gradient = cotangents[row];
  const analytic = gradient ? readElements(gradient) : new Float64Array(tensor.numel());
  const scale = scaleOf(
    analytic,
    Math.max(NOISE * largestGradient(replay, cotangents), LOSS_NOISE * largestRoot(replay)),
  );
  const downstream = replay.downstream(row);
  const isCoarse = downstream.some((at) => replay.coarse.has(at));
  const epsilon = isCoarse ? SINGLE_EPSILON : Number.EPSILON;
  const compareAlong = async ({ element, analytic: slope, magnitude }: Way, sampler: Sampler): Promise<Comparison> => {
    const derivative = await fivePointDerivative(sampler, magnitude, epsilon, agreesWith(slope, scale));
    return confirm(compare(element, slope, derivative, scale, isCoarse), derivative, sampler);
  };
  const comparisons: Comparison[] = [];
  if (mode === "directional") {
    for (const direction of randomDirections(tensor, analytic, row, DIRECTIONS)) {
      const sampler: Sampler = (steps) =>
        replay.scoped(() => sampleRoots(replay, row, downstream, stackOf(steps.map((step) => direction.at(step)))));
      comparisons.push(await compareAlong(direction, sampler));
    }
  } else {
    const chosen = mode === "full" ? partOf(analytic.length, part) : sampleOf(replay, gradient ?? tensor, downstream);
    const values = readElements(tensor);
    for (const { elements, asSlab } of batchesOf(replay, tensor, downstream, chosen)) {
      const batch = new Batch<readonly Move[], Sample[]>((moves) =>
        replay.scoped(async () => {
          const samples = await sampleRoots(replay, row, downstream, stackOfMoves(tensor, moves.flat(), asSlab));
          return moves.map(({ length }) => samples.splice(0, length));
        }),
      );
      const compared = elements.map((element) => {
        const value = values[element]!;
        return compareAlong({ element, analytic: analytic[element]!, magnitude: Math.abs(value) }, (steps) =>
          batch.ask(steps.map((step) => ({ element, value: value + step }))),
        );
      });
      comparisons.push(...(await Promise.all(compared)));
    }
  }
  const check = { input: 0, shape: tensor.shape, count: analytic.length, comparisons, analytic };
  const lost = gradient ? precisionLost("gradient", replay.reader.gradient(row), gradient) : null;
  const found = await rowOf(replay, row, [check], null, lost);
  if (found.verdict !== "inconclusive") return found;
  const unsteady = await unsteadyAmong(replay, downstream);
  return unsteady === null ? found : { ...found, reason: `not deterministic: ${unsteady}` };
}

/** As many elements as can be afforded. */
function sampleOf(replay: DoubleReplay, gradient: Tensor, downstream: readonly number[]): number[] {
  const work = downstream.reduce((sum, at) => sum + replay.value(at).numel() + OVERHEAD, 1);
  const most = Math.max(FEWEST_ELEMENTS, Math.min(MOST_ELEMENTS, Math.floor(WORK / work / EVALUATIONS)));
  return chooseElements(gradient, most);
}

/** Elements that are moved in one go. */
interface ElementBatch {
  readonly elements: readonly number[];
  /** Whether they lie at one index of the first axis, and what depends on them is computed from that alone. */
  readonly asSlab: boolean;
}

/**
 * Elements of one index along the first axis together, as of one row of a weight: they change the same column of the
 * result. The elements of a vector have no such company; where copies of everything behind them are small, they are
 * moved together all the same.
 */
function* batchesOf(
  replay: DoubleReplay,
  tensor: Tensor,
  downstream: readonly number[],
  elements: readonly number[],
): Generator<ElementBatch> {
  const largest = downstream.reduce((most, at) => Math.max(most, replay.value(at).numel()), tensor.numel());
  const most = Math.max(1, Math.min(MOST_TOGETHER, Math.floor(STACK_ELEMENTS / largest / STEPS)));
  const isVector = tensor.rank < 2;
  const asSlab = tensor.rank > 0 && !(isVector && most > 1);
  const size = asSlab ? tensor.numel() / tensor.shape[0]! : tensor.numel();
  for (let from = 0; from < elements.length;) {
    const index = Math.floor(elements[from]! / size);
    let to = from + 1;
    while (to < elements.length && to - from < most && Math.floor(elements[to]! / size) === index) to++;
    yield { elements: elements.slice(from, to), asSlab };
    from = to;
  }
}

function partOf(count: number, [part, of]: CheckTask["part"]): number[] {
  const from = Math.floor((count * part) / of);
  return Array.from({ length: Math.floor((count * (part + 1)) / of) - from }, (_, i) => from + i);
}

/** Largest gradient of any parameter of the pass: rounding shows against it where a parameter's own gradient is zero. */
function largestGradient({ reader }: DoubleReplay, cotangents: readonly (Tensor | undefined)[]): number {
  let largest = 0;
  cotangents.forEach((cotangent, row) => {
    if (cotangent && !reader.isOp(row)) largest = scaleOf(readElements(cotangent), largest);
  });
  return largest;
}

function largestRoot(replay: DoubleReplay): number {
  return replay.reader.record.roots.reduce((largest, root) => scaleOf(readElements(replay.value(root)), largest), 0);
}
