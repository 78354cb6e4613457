import type { Cause, CheckRow } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";
import { isAffine } from "../ops/op.ts";
import { fromNumbers } from "../core/creation.ts";
import { elementCount } from "../core/shape.ts";
import { isFloating, type Tensor } from "../core/tensor.ts";
import { compareAlong, type Compared } from "./difference/compare-along.ts";
import { roundingOfOp } from "./difference/rounding.ts";
import { compareElements } from "./difference/compare-elements.ts";
import { uphill } from "./difference/directions.ts";
import { chooseElements, probeCotangents, scaleOf } from "./replay/elements.ts";
import type { Sample } from "./difference/five-point.ts";
import { operandNamesOf, rowOf, undecided } from "./verdict/check-row.ts";
import { replayedOp } from "./causes/replayed-op.ts";
import { findCause } from "./causes/find-cause.ts";
import { comesFrom, findNotFinite, isReached, notFiniteRow } from "./verdict/not-finite.ts";
import { findStale } from "./verdict/stale.ts";
import { precisionLostAt } from "./verdict/precision.ts";
import { findNonlinear, withNonlinearity } from "./verdict/linearity.ts";
import { noiseOf } from "./verdict/noise.ts";
import { findUnsteady } from "./verdict/unsteady.ts";
import type { DoubleReplay } from "./replay/double-replay.ts";
import { inTurn } from "./replay/in-turn.ts";
import { glance, samplesAgainst, type BasePoint } from "./replay/sampling.ts";
import type { Stack } from "./replay/stack.ts";
import { applyToStacks, type OpPoint } from "./replay/stacked-op.ts";
import { worstFirst, type Comparison } from "./verdict/verdict.ts";
import { NOISE, SINGLE_EPSILON, type InputCheck } from "./verdict/input-check.ts";

/** Work that one op's check may take, in floating-point operations of the op. */
const WORK = 4e7;
const MOST_ELEMENTS = 48;
const FEWEST_ELEMENTS = 3;
/** How many inputs are compared of an op that joins more. */
const MOST_INPUTS = 64;
/** Of the runs that a custom Function's share allows, those for differences: kinks, doubts and causes take the rest. */
const SHARE_OF_DIFFERENCES = 1 / 4;
/** Evaluations that one element's derivative takes, as a rule. */
const EVALUATIONS = 8;

/**
 * Checks one op by itself: its vector-Jacobian product, on the recorded inputs and for a non-uniform cotangent, against
 * finite differences of that op alone. Whatever surrounds it, the op is right or it is not.
 */
export async function checkOp(replay: DoubleReplay, row: number): Promise<CheckRow> {
  const { reader } = replay;
  const inputs = reader.inputs(row).map((input) => replay.recorded(input));
  const checked = await checkOpAt(replay, row, inputs);
  const isUndecided = checked.verdict === "inconclusive" && checked.compared === 0;
  const found = (isUndecided ? null : await findStale(replay, row)) ?? checked;
  const notFinite = found.verdict === "fail" ? null : await findNotFinite(replay);
  if (notFinite === null) return found;
  if (notFinite.row === row) return notFiniteRow(reader, notFinite, found);
  return found.verdict === "inconclusive" && isReached(reader, row)
    ? { ...found, reason: comesFrom(reader, notFinite) }
    : found;
}

/** The same on any inputs. */
export async function checkOpAt(replay: DoubleReplay, row: number, inputs: readonly Tensor[]): Promise<CheckRow> {
  const { reader } = replay;
  const rows = reader.inputs(row);
  const [output] = (await replay.apply(row, [inputs])) as [Tensor];
  const count = elementCount(output.shape);
  const elements = glance(output);
  const weights = probeCotangents(count, row);
  // What a mask of -Infinity makes does not change, whatever is added to it; no gradient comes back from there either.
  for (let i = 0; i < count; i++) if (Math.abs(elements[i]!) === Infinity) weights[i] = 0;
  const cotangent = fromNumbers(weights, output.shape, "float64");
  const wanted = (index: number): boolean => isFloating(inputs[index]!.dtype) && reader.requiresGrad(rows[index]!);
  const products = await replay.product(row, inputs, output, cotangent, wanted);

  const pieces = replay.piecesAt(row, inputs, output);
  const point = { inputs, output, pieces: pieces && glance(pieces) };
  const base: BasePoint = { elements, weights };
  const flops = Math.max(count, ...inputs.map((input) => input.numel()), flopsOf(replay, row, inputs, output));
  const differentiated = inputs.flatMap((_, index) => (wanted(index) ? [index] : []));
  const runs = (replay.runsLeft(row) * SHARE_OF_DIFFERENCES) / differentiated.length;
  const most = Math.max(
    FEWEST_ELEMENTS,
    Math.min(MOST_ELEMENTS, Math.floor(Math.min(WORK / flops, runs) / EVALUATIONS)),
  );

  const checks: InputCheck[] = [];
  // Each takes the whole op. One rule of ours serves all parts of what is joined; a custom Function may err in any.
  for (const index of replay.isFunction(row) ? differentiated : spread(differentiated, MOST_INPUTS)) {
    const product = products[index] ?? zeros(inputs[index]!);
    checks.push(await checkInput(replay, row, point, index, product, base, most));
  }
  const unsteady = await findUnsteady(replay, row, inputs, output, cotangent, products);
  if (unsteady !== null) return undecided(reader, { kind: "op", row: row as NodeId }, unsteady);
  const names = operandNamesOf(reader, row);
  const checked = await rowOf(
    replay,
    row as NodeId,
    checks,
    ({ input, analytic, comparisons }) =>
      findCause(
        replayedOp(replay, row, inputs, output, names),
        { weights, index: input, isNull: products[input] === null, compared: worstFirst(comparisons) },
        analytic,
      ),
    await precisionLostAt(replay, row),
  );
  if (checked.verdict === "fail" && replay.drawing.has(row)) {
    const text =
      "backward draws random numbers of its own: they are not those that forward drew; keep the mask or noise of forward on ctx, and use that";
    return { ...checked, cause: { kind: "random", text, ...backwardOf(checked) } };
  }
  const nonlinear = await findNonlinear(replay, row, inputs, output, cotangent, products);
  return nonlinear ? withNonlinearity(checked, nonlinear, replay) : checked;
}

function backwardOf({ cause }: CheckRow): Pick<Cause, "backward"> {
  return cause?.backward ? { backward: cause.backward } : {};
}

async function checkInput(
  replay: DoubleReplay,
  row: number,
  point: OpPoint,
  index: number,
  product: Tensor,
  base: BasePoint,
  most: number,
): Promise<InputCheck> {
  const { inputs, output } = point;
  const input = inputs[index]!;
  const analytic = glance(product);
  const count = analytic.length;
  const scale = scaleOf(analytic, NOISE * scaleOf(base.weights, 0));
  const isOpaque = replay.isFunction(row);
  const noise = isOpaque && count > 0 ? await noiseOf(replay, row, inputs, index, base) : 0;
  const isCoarse = replay.coarse.has(row) || noise > 0;
  const epsilon = isCoarse ? SINGLE_EPSILON : Number.EPSILON;
  const from: BasePoint = { ...base, noise: 2 * noise, epsilon: replay.coarse.has(row) ? epsilon : Number.EPSILON };
  const alone = inTurn();
  const sampleNow = (stackOf: () => Stack): Promise<Sample[]> =>
    replay.scoped(async () => {
      const stack = stackOf();
      const samePiece = Array<boolean>(stack.values.shape[0]!).fill(true);
      const operands = inputs.map((_, i) => (i === index ? stack : null));
      const results = await applyToStacks(replay, row, point, operands, samePiece);
      return samplesAgainst(from, output.shape, results).map((one, k) => ({ ...one, samePiece: samePiece[k]! }));
    });
  const sample = (stackOf: () => Stack): Promise<Sample[]> => alone(() => sampleNow(stackOf));
  const op = replay.reader.op(row);
  const compared: Compared = {
    scale,
    epsilon,
    isCoarse,
    isOpaque,
    ...(op !== undefined &&
      isAffine(op) && { isAffine: true, resultScale: scaleOf(glance(input), scaleOf(base.elements, 0)) }),
    roundingOf: (element) =>
      alone(() => roundingOfOp(replay, row, inputs, index, element, { ...base, epsilon: from.epsilon ?? epsilon })),
  };
  // Where not every element can have its turn, all of them have one together first. That leaves little to be found in
  // single ones, and of an op whose kinks are known, nothing but an example.
  const together: Comparison[] = [];
  for (const direction of most < count ? uphill(input, analytic, row) : []) {
    together.push(await compareAlong(direction, (steps) => sample(() => direction.at(steps)), compared));
  }
  const agree = together.length > 0 && together.every(({ verdict }) => verdict === "pass");
  const afterwards = isOpaque ? FEWEST_ELEMENTS : 1;
  const chosen = chooseElements(analytic, agree ? Math.min(most, afterwards) : most);
  const comparisons = await compareElements(input, analytic, chosen, output.numel(), sample, compared);
  // A function that cannot tell its pieces may have crossed any number of kinks on such a way.
  if (!isOpaque) comparisons.push(...together.filter(({ verdict }) => verdict === "fail"));
  return { input: index, shape: input.shape, count, comparisons, together: agree, analytic };
}

function flopsOf(replay: DoubleReplay, row: number, inputs: readonly Tensor[], output: Tensor): number {
  return replay.reader.op(row)?.flops?.(inputs, replay.reader.attributes(row), output) ?? 0;
}

/** At most so many of a list, with the first and the last, evenly apart. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]!);
}

function zeros(like: Tensor): Tensor {
  return fromNumbers(new Float64Array(like.numel()), like.shape, "float64");
}
