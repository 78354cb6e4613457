import { withGradMode } from "../autograd/grad-mode.ts";
import type { CheckRow } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";
import { readElements, type Tensor } from "../tensor/tensor.ts";
import { chooseElements } from "./elements.ts";
import { fivePointDerivative, type Sample, type Sampler } from "./five-point.ts";
import { rowOf } from "./check-row.ts";
import type { DoubleReplay } from "./double-replay.ts";
import { moved, NOISE, scaleOf, SINGLE_EPSILON } from "./local-check.ts";
import { precisionLost } from "./precision.ts";
import { sampleAgainst } from "./sampling.ts";
import { compare, confirm, type Comparison } from "./verdict.ts";

/** Work that one parameter's check may take, in elements computed. */
const WORK = 6e7;
/** What running an op costs besides its elements: long chains of small ops are sampled more thinly. */
const OVERHEAD = 3000;
const MOST_ELEMENTS = 64;
const FEWEST_ELEMENTS = 4;
const EVALUATIONS = 8;
/** A change of the loss by less than this share of it is lost in its rounding. */
const LOSS_NOISE = 1e-4;

/**
 * Checks a parameter through the whole pass: the gradient that the rules give in float64, against finite differences of
 * the loss. Only what depends on the parameter is computed again.
 */
export async function checkParameter(
  replay: DoubleReplay,
  row: number,
  cotangents: readonly (Tensor | undefined)[],
): Promise<CheckRow> {
  await replay.forward();
  const parameter = replay.value(row);
  const gradient = cotangents[row];
  const analytic = gradient ? readElements(gradient) : new Float64Array(parameter.numel());
  const values = readElements(parameter);
  const scale = scaleOf(
    analytic,
    Math.max(NOISE * largestGradient(replay, cotangents), LOSS_NOISE * largestRoot(replay)),
  );
  const downstream = replay.downstream(row);
  const isCoarse = downstream.some((at) => replay.coarse.has(at));
  const work = downstream.reduce((sum, at) => sum + replay.value(at).numel() + OVERHEAD, 1);
  const most = Math.max(FEWEST_ELEMENTS, Math.min(MOST_ELEMENTS, Math.floor(WORK / work / EVALUATIONS)));
  const comparisons: Comparison[] = [];
  for (const element of chooseElements(gradient ?? parameter, most)) {
    const at = values[element]!;
    const sampler: Sampler = (steps) =>
      replay.scoped(() =>
        sampleRoots(
          replay,
          row,
          downstream,
          steps.map((step) => moved(parameter, element, at + step)),
        ),
      );
    const derivative = await fivePointDerivative(sampler, Math.abs(at), isCoarse ? SINGLE_EPSILON : Number.EPSILON);
    const compared = compare(element, analytic[element]!, derivative, scale, isCoarse);
    comparisons.push(await confirm(compared, derivative, sampler));
  }
  const check = { input: 0, shape: parameter.shape, count: values.length, comparisons, analytic };
  const lost = gradient ? precisionLost("gradient", replay.reader.gradient(row), gradient) : null;
  return rowOf(replay, row as NodeId, [check], null, lost);
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

function staysOnPiece(replay: DoubleReplay, row: number, inputs: readonly Tensor[], output: Tensor): boolean {
  const pieces = replay.reader.op(row)?.pieces;
  if (pieces === undefined) return true;
  const attributes = replay.reader.attributes(row);
  return withGradMode(false, () => {
    const base = readElements(
      pieces(
        replay.reader.tape.inputs(row).map((input) => replay.value(input)),
        attributes,
        replay.value(row),
      ),
    );
    const there = readElements(pieces(inputs, attributes, output));
    return base.every((piece, i) => piece === there[i]);
  });
}
