import { withGradMode } from "../autograd/grad-mode.ts";
import type { CheckMode, CheckRow } from "../protocol/check.ts";
import { fromNumbers } from "../tensor/creation.ts";
import { readElements, type Tensor } from "../tensor/tensor.ts";
import type { CheckTask } from "./check-job.ts";
import { chooseElements, probeCotangent } from "./elements.ts";
import { fivePointDerivative, type Sample, type Sampler } from "./five-point.ts";
import { rowOf } from "./check-row.ts";
import type { DoubleReplay } from "./double-replay.ts";
import { moved, NOISE, scaleOf, SINGLE_EPSILON } from "./local-check.ts";
import { precisionLost } from "./precision.ts";
import { sampleAgainst, samePieces } from "./sampling.ts";
import { compare, confirm, type Comparison } from "./verdict.ts";

/** Work that one parameter's check may take, in elements computed. */
const WORK = 6e7;
/** What running an op costs besides its elements: long chains of small ops are sampled more thinly. */
const OVERHEAD = 3000;
const MOST_ELEMENTS = 64;
const FEWEST_ELEMENTS = 4;
const EVALUATIONS = 8;
/** How many of them a directional check takes. */
const DIRECTIONS = 4;
/** A change of the loss by less than this share of it is lost in its rounding. */
const LOSS_NOISE = 1e-4;

/** What {@link checkParameter} compares: one element, or a direction in which all of them change. */
interface Direction {
  /** -1 where all elements change. */
  readonly element: number;
  readonly analytic: number;
  /** Magnitude of the parameter along it. */
  readonly magnitude: number;
  readonly at: (step: number) => Tensor;
}

/**
 * Checks a parameter through the whole pass: the gradient that the rules give in float64, against finite differences of
 * the loss. Only what depends on the parameter is computed again.
 */
export async function checkParameter(
  replay: DoubleReplay,
  { row, part }: Pick<CheckTask, "row" | "part">,
  cotangents: readonly (Tensor | undefined)[],
  mode: CheckMode,
): Promise<CheckRow> {
  await replay.forward();
  const parameter = replay.value(row);
  const gradient = cotangents[row];
  const analytic = gradient ? readElements(gradient) : new Float64Array(parameter.numel());
  const scale = scaleOf(
    analytic,
    Math.max(NOISE * largestGradient(replay, cotangents), LOSS_NOISE * largestRoot(replay)),
  );
  const downstream = replay.downstream(row);
  const isCoarse = downstream.some((at) => replay.coarse.has(at));
  const epsilon = isCoarse ? SINGLE_EPSILON : Number.EPSILON;
  const directions =
    mode === "directional"
      ? randomDirections(parameter, analytic, row)
      : elementsOf(
          parameter,
          analytic,
          mode === "full" ? partOf(analytic.length, part) : sampleOf(replay, gradient ?? parameter, downstream),
        );
  const comparisons: Comparison[] = [];
  for (const { element, analytic: slope, magnitude, at } of directions) {
    const sampler: Sampler = (steps) =>
      replay.scoped(() =>
        sampleRoots(
          replay,
          row,
          downstream,
          steps.map((step) => at(step)),
        ),
      );
    const derivative = await fivePointDerivative(sampler, magnitude, epsilon);
    const compared = compare(element, slope, derivative, scale, isCoarse);
    comparisons.push(await confirm(compared, derivative, sampler));
  }
  const check = { input: 0, shape: parameter.shape, count: analytic.length, comparisons, analytic };
  const lost = gradient ? precisionLost("gradient", replay.reader.gradient(row), gradient) : null;
  return rowOf(replay, row, [check], null, lost);
}

/** As many elements as can be afforded. */
function sampleOf(replay: DoubleReplay, gradient: Tensor, downstream: readonly number[]): number[] {
  const work = downstream.reduce((sum, at) => sum + replay.value(at).numel() + OVERHEAD, 1);
  const most = Math.max(FEWEST_ELEMENTS, Math.min(MOST_ELEMENTS, Math.floor(WORK / work / EVALUATIONS)));
  return chooseElements(gradient, most);
}

function partOf(count: number, [part, of]: CheckTask["part"]): number[] {
  const from = Math.floor((count * part) / of);
  return Array.from({ length: Math.floor((count * (part + 1)) / of) - from }, (_, i) => from + i);
}

function* elementsOf(parameter: Tensor, analytic: Float64Array, elements: readonly number[]): Generator<Direction> {
  const values = readElements(parameter);
  for (const element of elements) {
    const value = values[element]!;
    yield {
      element,
      analytic: analytic[element]!,
      magnitude: Math.abs(value),
      at: (step) => moved(parameter, element, value + step),
    };
  }
}

/** Directions of unit length in which every element changes, the same ones in every run. */
function* randomDirections(parameter: Tensor, analytic: Float64Array, seed: number): Generator<Direction> {
  const values = readElements(parameter);
  if (values.length === 0) return;
  for (let n = 0; n < DIRECTIONS; n++) {
    const direction = values.map((_, i) => probeCotangent(i, seed + n * 7919));
    const length = Math.sqrt(direction.reduce((sum, d) => sum + d * d, 0));
    const unit = direction.map((d) => d / length);
    yield {
      element: -1,
      analytic: analytic.reduce((sum, g, i) => sum + g * unit[i]!, 0),
      magnitude: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      at: (step) =>
        fromNumbers(
          values.map((value, i) => value + step * unit[i]!),
          parameter.shape,
          "float64",
        ),
    };
  }
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

/** The roots for several values of one leaf, in step: each op runs for all of them before the next. */
async function sampleRoots(
  replay: DoubleReplay,
  row: number,
  downstream: readonly number[],
  leaves: readonly Tensor[],
): Promise<Sample[]> {
  const { reader } = replay;
  const changed = leaves.map((leaf) => new Map([[row, leaf]]));
  const samePiece = leaves.map(() => true);
  for (const at of downstream) {
    const rows = reader.tape.inputs(at);
    const batch = changed.map((values) => rows.map((input) => values.get(input) ?? replay.value(input)));
    const results = await replay.apply(at, batch);
    results.forEach((result, i) => {
      changed[i]!.set(at, result);
      samePiece[i] &&= staysOnPiece(replay, at, batch[i]!, result);
    });
  }
  return changed.map((values, i) => {
    let delta = 0;
    let rounding = 0;
    for (const root of reader.record.roots) {
      const result = values.get(root);
      if (result === undefined) continue;
      const base = {
        elements: readElements(replay.value(root)),
        weights: readElements(replay.rootCotangent(root)),
        pieces: null,
        epsilon: downstream.some((at) => replay.coarse.has(at)) ? SINGLE_EPSILON : Number.EPSILON,
      };
      const sample = sampleAgainst(base, result, null);
      delta += sample.delta;
      // The loss has passed through a chain of sums, each of which rounds.
      rounding += 16 * sample.rounding;
    }
    return { delta, rounding, samePiece: samePiece[i]! };
  });
}

/** Whether an op with kinks is still on the pieces that it is on in the replay. */
function staysOnPiece(replay: DoubleReplay, row: number, inputs: readonly Tensor[], output: Tensor): boolean {
  const pieces = replay.reader.op(row)?.pieces;
  const base = replay.pieces(row);
  if (pieces === undefined || base === null) return true;
  return withGradMode(false, () => samePieces(base, pieces(inputs, replay.reader.attributes(row), output)));
}
