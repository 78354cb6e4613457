import type { Cause, CheckRow } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";
import { fromNumbers } from "../core/creation.ts";
import { readElements } from "../core/elements.ts";
import { isFloating, type Tensor } from "../core/tensor.ts";
import { rowOf } from "./verdict/check-row.ts";
import { compareAlong, type Compared } from "./difference/compare-along.ts";
import { compareElements } from "./difference/compare-elements.ts";
import { uphill } from "./difference/directions.ts";
import type { DoubleReplay } from "./replay/double-replay.ts";
import { chooseElements, concatenated, probeCotangents, scaleOf } from "./replay/elements.ts";
import type { Sample } from "./difference/five-point.ts";
import type { Comparison } from "./verdict/verdict.ts";
import { NOISE, SINGLE_EPSILON, type InputCheck } from "./verdict/input-check.ts";
import { difference, glance, samePieces } from "./replay/sampling.ts";
import { entryOf, wholeOf, type Stack } from "./replay/stack.ts";

/** Elements of one operand that are compared by themselves. */
const MOST_ELEMENTS = 12;

/** A cause that no hypothesis is tried for: what was recorded of a backward shows only in its result. */
const CAUSE: Cause = {
  kind: "unknown",
  text: "what backward computes is not differentiated rightly: its own derivative, through the graph it leaves, is not that of the numbers it returns; compute it from what saveForBackward kept, inputs and outputs, without detach or noGrad",
};

/**
 * Checks an op's backward as a function to be differentiated again: the derivative of its vector-Jacobian product, by the
 * operands and by the cotangent, through the graph that it leaves, against finite differences of the product alone.
 */
export async function checkSecondOrder(replay: DoubleReplay, row: number): Promise<CheckRow> {
  const { reader } = replay;
  const rows = reader.inputs(row);
  const inputs = rows.map((input) => replay.recorded(input));
  const wanted = (index: number): boolean => isFloating(inputs[index]!.dtype) && reader.requiresGrad(rows[index]!);
  const [output] = (await replay.apply(row, [inputs])) as [Tensor];
  const cotangent = probe(output, row);
  const probes = inputs.map((input, i) => (wanted(i) ? probe(input, row + 1 + i) : null));
  const base = await productsAt(replay, row, inputs, output, cotangent, wanted);
  const weights = concatenated(probes.flatMap((one) => (one ? [readElements(one)] : [])));
  // A product may be small because terms cancelled in it: what these were, at most, is where rounding begins.
  const unit = scaleOf(weights, 0) * scaleOf(readElements(cotangent), 0);
  const least = NOISE * base.reduce((sum, product, i) => sum + Math.abs(product * weights[i]!), unit);
  const exact = await replay.secondDerivative(row, inputs, cotangent, probes);
  const pieces = replay.piecesAt(row, inputs, output);
  const epsilon = replay.coarse.has(row) ? SINGLE_EPSILON : Number.EPSILON;

  const checks: InputCheck[] = [];
  for (const [index, operand] of [...inputs, cotangent].entries()) {
    const isCotangent = index === inputs.length;
    if (!isCotangent && !wanted(index)) continue;
    const derivative = isCotangent ? exact.cotangent : exact.inputs[index];
    const analytic = derivative ? readElements(derivative) : new Float64Array(operand.numel());
    const scale = scaleOf(analytic, least);
    const sample = async (stackOf: () => Stack): Promise<Sample[]> => {
      const values = wholeOf(stackOf(), operand);
      const samples: Sample[] = [];
      for (let k = 0; k < values.shape[0]!; k++) {
        samples.push(
          await replay.scoped(async () => {
            const there = inputs.map((input, i) => (i === index ? entryOf(values, k) : input));
            const [result] = isCotangent ? [output] : ((await replay.apply(row, [there])) as [Tensor]);
            const given = isCotangent ? entryOf(values, k) : cotangent;
            const products = await productsAt(replay, row, there, result, given, wanted);
            const { delta, magnitude } = difference(base, weights, products);
            const moved = replay.piecesAt(row, there, result);
            const samePiece = pieces === null || moved === null || samePieces(readElements(pieces), glance(moved));
            // A rule is some ops, each of which rounds.
            return { delta, rounding: 8 * epsilon * (magnitude + unit), samePiece };
          }),
        );
      }
      return samples;
    };
    const compared: Compared = { scale, epsilon, isCoarse: replay.coarse.has(row) };
    const isLarge = analytic.length > MOST_ELEMENTS;
    const together: Comparison[] = [];
    for (const direction of isLarge ? uphill(operand, analytic, row) : []) {
      together.push(await compareAlong(direction, (steps) => sample(() => direction.at(steps)), compared));
    }
    const chosen = chooseElements(analytic, MOST_ELEMENTS);
    const comparisons = await compareElements(operand, analytic, chosen, output.numel(), sample, compared);
    // As in a check of first order: a Function cannot tell its kinks.
    if (!replay.isFunction(row)) comparisons.push(...together.filter(({ verdict }) => verdict === "fail"));
    const agree = together.length > 0 && together.every(({ verdict }) => verdict === "pass");
    checks.push({ input: index, shape: operand.shape, count: analytic.length, comparisons, together: agree, analytic });
  }
  const found = await rowOf(replay, row as NodeId, checks, () => Promise.resolve(CAUSE), null);
  return { ...found, order: 2 };
}

function probe(like: Tensor, seed: number): Tensor {
  return fromNumbers(probeCotangents(like.numel(), seed), like.shape, "float64");
}

/** The cotangents of all operands that are wanted, one behind the other. */
async function productsAt(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  output: Tensor,
  cotangent: Tensor,
  wanted: (index: number) => boolean,
): Promise<Float64Array> {
  const products = await replay.product(row, inputs, output, cotangent, wanted);
  return concatenated(
    inputs.flatMap((input, i) => {
      if (!wanted(i)) return [];
      const product = products[i];
      return [product ? readElements(product) : new Float64Array(input.numel())];
    }),
  );
}
