import type { Cause, CheckRow } from "../../protocol/check.ts";
import { unflatten } from "../../core/element-index.ts";
import { ALL, slopeAlong, waysUphill } from "../difference/directions.ts";
import { compareAlong, type Compared } from "../difference/compare-along.ts";
import type { Sample, Sampler } from "../difference/five-point.ts";
import { Batch } from "../replay/batch.ts";
import { chooseElements, probeCotangents, scaleOf } from "../replay/elements.ts";
import { closePoints, noiseAmong } from "../verdict/noise.ts";
import { PYTHON_SPELLING } from "./python-spelling.ts";
import { departure, LINEAR, linearTolerance, nonlinearText, type Nonlinearity } from "../verdict/linearity.ts";
import { NOISE, SINGLE_EPSILON, type InputCheck } from "../verdict/input-check.ts";
import { worst, worstFirst, type Comparison } from "../verdict/verdict.ts";
import { causeOf } from "../verdict/check-row.ts";
import { emptyEvidence, exactEvidence, unknownEvidence } from "../verdict/evidence.ts";
import { findCause } from "../causes/find-cause.ts";
import { examined } from "./examined-foreign-op.ts";
import type { ForeignOp, Step } from "./foreign-op.ts";
import { ranOtherwise } from "./ran-otherwise.ts";
import { roundingOfForeign } from "./foreign-rounding.ts";

const MOST_ELEMENTS = 48;
const FEWEST_ELEMENTS = 3;
/** Elements of operands and results that one op's samples may write. */
const WORK = 4e7;
/** Evaluations that one element's derivative takes, as a rule. */
const EVALUATIONS = 8;

/**
 * Checks an op that another process runs: its vector-Jacobian product, on the recorded inputs and for a non-uniform
 * cotangent, against finite differences of that op alone; and what it passed back in the run against that.
 */
export async function checkForeignOp(op: ForeignOp): Promise<CheckRow> {
  const weights = probeCotangents(op.output.length, op.node);
  for (let i = 0; i < weights.length; i++) if (Math.abs(op.output[i]!) === Infinity) weights[i] = 0;
  const scaled = LINEAR.map(({ factor }) => weights.map((weight) => factor * weight));
  const [products, again, ...multiples] = await op.products([weights, weights, ...scaled]);
  const unsteady = await unsteadyReason(op, products!, again!);
  if (unsteady !== null) return undecidedForeign(op, unsteady);

  const checks: InputCheck[] = [];
  for (const [place, input] of op.wanted.entries()) {
    checks.push(await checkOperand(op, input, products![place]!, weights));
  }
  const row = await rowOf(op, checks, weights);
  const stale = await ranOtherwise(op);
  if (stale !== null && row.verdict !== "fail") return failing(op, row, stale.cause, stale);
  const tolerance = linearTolerance(op.isCoarse);
  for (const [i, linear] of LINEAR.entries()) {
    const found = op.isFunction ? departure(products!, multiples[i]!, linear, tolerance) : null;
    if (found !== null) return withNonlinearity(op, row, found);
  }
  return row;
}

async function unsteadyReason(
  op: ForeignOp,
  products: readonly Float64Array[],
  again: readonly Float64Array[],
): Promise<string | null> {
  if (!op.isFunction) return null;
  const [, repeated] = await op.forwards([op.operands, op.operands]);
  if (!identical(op.output, repeated!)) {
    return "not deterministic: forward gives another result for the same inputs, so there is nothing to compare with";
  }
  if (op.changed.length > 0) {
    const which = op.changed.map((input) => op.operands[input]!.name).join(" and ");
    return `forward changes argument ${which} in place without mark_dirty: what backward is given is not what forward was called with`;
  }
  return products.every((product, i) => identical(product, again[i]!))
    ? null
    : "not deterministic: backward gives another result for the same gradient";
}

function identical(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]) || value === b[i]);
}

async function checkOperand(
  op: ForeignOp,
  input: number,
  analytic: Float64Array,
  weights: Float64Array,
): Promise<InputCheck> {
  const { values, shape } = op.operands[input]!;
  const count = analytic.length;
  const scale = scaleOf(analytic, NOISE * scaleOf(weights, 0));
  const noise = op.isFunction && count > 0 ? await noiseOf(op, input, weights) : 0;
  const isCoarse = op.isCoarse || noise > 0;
  const epsilon = op.isCoarse ? SINGLE_EPSILON : Number.EPSILON;
  const compared: Compared = {
    scale,
    epsilon: isCoarse ? SINGLE_EPSILON : Number.EPSILON,
    isCoarse,
    isOpaque: op.isFunction,
    roundingOf: (element) => roundingOfForeign(op, input, element, weights, epsilon),
  };
  const take = async (steps: readonly Step[], direction: Float64Array | null): Promise<Sample[]> =>
    (await op.samples(input, steps, weights, direction)).map(({ delta, magnitude }) => ({
      delta,
      rounding: magnitude * epsilon + 2 * noise,
      samePiece: true,
    }));

  const size = Math.max(op.output.length, ...op.operands.map((operand) => operand.values.length));
  const most = Math.max(FEWEST_ELEMENTS, Math.min(MOST_ELEMENTS, Math.floor(WORK / size / EVALUATIONS)));
  const together: Comparison[] = [];
  for (const way of most < count ? waysUphill(values, analytic, op.node) : []) {
    const direction = way.numbers.map((number) => way.factor * number);
    const sampler: Sampler = (steps) =>
      take(
        steps.map((step): Step => [ALL, step]),
        direction,
      );
    const along = { element: ALL, analytic: slopeAlong(way, analytic), magnitude: way.magnitude };
    together.push(await compareAlong(along, sampler, compared));
  }
  const agree = together.length > 0 && together.every(({ verdict }) => verdict === "pass");
  const chosen = chooseElements(analytic, agree ? Math.min(most, FEWEST_ELEMENTS) : most).filter(
    (element) => !isPadding(op, input, element) && Number.isFinite(values[element]!),
  );
  const batch = new Batch<readonly Step[], readonly Sample[]>(async (asked) => {
    const samples = await take(asked.flat(), null);
    let at = 0;
    return asked.map(({ length }) => samples.slice(at, (at += length)));
  });
  const comparisons = await Promise.all(
    chosen.map((element) => {
      const sampler: Sampler = (steps) => batch.ask(steps.map((step): Step => [element, step]));
      const along = { element, analytic: analytic[element]!, magnitude: Math.abs(values[element]!) };
      return compareAlong(along, sampler, compared);
    }),
  );
  const settled = op.isFunction ? comparisons : await withoutKinks(op, input, comparisons, analytic, weights);
  return { input, shape, count, comparisons: settled, together: agree, analytic };
}

/** The row of an embedding that stands for padding has no gradient, and is not meant to have one. */
function isPadding(op: ForeignOp, input: number, element: number): boolean {
  if (op.paddingRow === null) return false;
  const width = op.operands[input]!.shape.at(-1) ?? 1;
  return Math.floor(element / width) === op.paddingRow;
}

async function noiseOf(op: ForeignOp, input: number, weights: Float64Array): Promise<number> {
  const near = closePoints(op.operands[input]!.values).map((values) =>
    op.operands.map((operand, i) => (i === input ? { ...operand, values } : operand)),
  );
  return noiseAmong(await op.forwards(near), { elements: op.output, weights });
}

/** As a share of the element. */
const ASIDE = 1e-7;
/** Where the op's own rule changes by more than this share of its largest element, there is a kink. */
const JUMP = 1e-3;

/**
 * Passes what differs at a kink. Nobody knows the kinks of another framework's op, but its own rule tells: where it is another
 * one on either side of the point, a difference between the two is no fault.
 */
async function withoutKinks(
  op: ForeignOp,
  input: number,
  comparisons: readonly Comparison[],
  analytic: Float64Array,
  weights: Float64Array,
): Promise<Comparison[]> {
  const place = op.wanted.indexOf(input);
  const settled: Comparison[] = [];
  for (const comparison of comparisons) {
    if (comparison.verdict !== "fail" || !Number.isFinite(comparison.analytic)) {
      settled.push(comparison);
      continue;
    }
    const step = ASIDE * Math.max(1, Math.abs(op.operands[input]!.values[comparison.element]!));
    const steps: Step[] = [
      [comparison.element, -step],
      [comparison.element, step],
    ];
    const [below, above] = (await op.productsAt(input, steps, weights, null)).map((products) => products[place]!);
    const jump = above!.reduce((largest, value, i) => Math.max(largest, Math.abs(value - below![i]!)), 0);
    const isKink = jump > JUMP * scaleOf(analytic, 0);
    const reason = "at a kink: the op's own rule is another one on either side of the point";
    settled.push(isKink ? { ...comparison, verdict: "pass", reason } : comparison);
  }
  return settled;
}

async function rowOf(op: ForeignOp, checks: readonly InputCheck[], weights: Float64Array): Promise<CheckRow> {
  const compared = checks.reduce((sum, check) => sum + check.comparisons.length, 0);
  const of = checks.reduce((sum, check) => sum + check.count, 0);
  const common = { ...identityOf(op), compared, of };
  if (compared === 0) {
    const evidence = emptyEvidence();
    const reason = "there are no elements to compare";
    return { ...common, input: null, verdict: "pass", evidence, worst: [], reason };
  }
  const worstOfAll = worst(checks.flatMap((check) => check.comparisons));
  const check = checks.find((candidate) => candidate.comparisons.includes(worstOfAll))!;
  const { relError, analytic, numeric, errorBar, step } = worstOfAll;
  const isWrong = worstOfAll.verdict === "fail";
  const isIntended = isWrong && op.surrogate !== null;
  const explain = ({ input, analytic, comparisons }: InputCheck): Promise<Cause> => {
    const compared = worstFirst(comparisons);
    return findCause(examined(op), { weights, index: input, isNull: op.without.includes(input), compared }, analytic);
  };
  const names = op.operands.map((operand) => operand.name);
  const cause = isWrong && !isIntended ? await causeOf(checks, check, explain, names) : null;
  const reason = isIntended ? `intended: ${op.surrogate}` : worstOfAll.reason;
  const together = checks.every((each) => each.together === true || each.comparisons.length === each.count);
  return {
    ...common,
    input: check.input,
    inputName: op.operands[check.input]!.name,
    verdict: isIntended ? "pass" : worstOfAll.verdict,
    evidence: Float64Array.of(relError, analytic, numeric, errorBar, step),
    worst: worstOfAll.element < 0 ? [] : unflatten(check.shape, worstOfAll.element),
    ...(together && compared < of && { together: true as const }),
    ...(cause && { cause: located(op, cause) }),
    ...(reason !== undefined && { reason }),
  };
}

function identityOf({ node, name, label, site }: Pick<ForeignOp, "node" | "name" | "label" | "site">) {
  return { node, scope: "op" as const, name, label, site };
}

function located({ backwardSite }: ForeignOp, cause: Cause): Cause {
  return backwardSite ? { ...cause, backward: backwardSite } : cause;
}

/** Where what is wrong shows: what was returned, and what should have been. */
interface Mismatch {
  readonly input: number;
  readonly element: number;
  readonly returned: number;
  readonly expected: number;
}

function failing(
  op: ForeignOp,
  row: CheckRow,
  cause: Cause,
  { input, element, returned, expected }: Mismatch,
): CheckRow {
  const operand = op.operands[input]!;
  return {
    ...row,
    input,
    inputName: operand.name,
    verdict: "fail",
    evidence: exactEvidence(returned, expected),
    worst: unflatten(operand.shape, element),
    cause: located(op, cause),
  };
}

/** A backward that is not linear is wrong even where it agrees with the differences for the gradient that was tried. */
function withNonlinearity(op: ForeignOp, row: CheckRow, found: Nonlinearity): CheckRow {
  if (op.surrogate !== null || row.verdict === "inconclusive") return row;
  if (row.verdict === "fail" && row.cause?.kind !== "unknown") return row;
  const cause: Cause = { kind: "unknown", text: nonlinearText(found, PYTHON_SPELLING.surrogate) };
  if (row.verdict === "fail") return { ...row, cause: located(op, cause) };
  return failing(op, row, cause, { ...found, input: op.wanted[found.input]!, expected: found.linear });
}

/** The check row of an op that cannot be compared. */
export function undecidedForeign(op: Pick<ForeignOp, "node" | "name" | "label" | "site">, why: string): CheckRow {
  return {
    ...identityOf(op),
    input: null,
    verdict: "inconclusive",
    evidence: unknownEvidence(),
    worst: [],
    compared: 0,
    of: 0,
    reason: why,
  };
}
