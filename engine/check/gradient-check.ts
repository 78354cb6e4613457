import path from "node:path";
import type { CheckMode, CheckRow } from "../protocol/check.ts";
import { readElements } from "../core/elements.ts";
import type { Tensor } from "../core/tensor.ts";
import type { CheckTask } from "./check-task.ts";
import { compareAlong, type Compared } from "./difference/compare-along.ts";
import { affineRoute, derivativesThrough } from "./difference/affine-route.ts";
import { compareElements } from "./difference/compare-elements.ts";
import { randomDirections } from "./difference/directions.ts";
import { chooseElements, scaleOf } from "./replay/elements.ts";
import type { Sample } from "./difference/five-point.ts";
import { findNotFinite, reachedRow } from "./verdict/not-finite.ts";
import { rowOf, undecided } from "./verdict/check-row.ts";
import type { DoubleReplay } from "./replay/double-replay.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { opNameOf } from "../recording/node-names.ts";
import { NOISE, SINGLE_EPSILON } from "./verdict/input-check.ts";
import { gradientChanged } from "./verdict/precision.ts";
import { inTurn } from "./replay/in-turn.ts";
import { glance } from "./replay/sampling.ts";
import { roundingOfRoots } from "./difference/rounding.ts";
import { sampleRoots } from "./replay/stacked-pass.ts";
import type { Stack } from "./replay/stack.ts";
import { unsteadyAmong } from "./verdict/unsteady.ts";
import { agreesWith, compare, type Comparison } from "./verdict/verdict.ts";

/** Work that one gradient's check may take, in elements computed. */
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

/**
 * Checks a gradient through the whole pass, of a parameter or of an op's result: what the rules give in float64, against
 * finite differences of the loss. Only what depends on the tensor is computed again.
 */
export async function checkGradient(
  replay: DoubleReplay,
  { kind, row, part }: CheckTask,
  cotangents: readonly (Tensor | undefined)[],
  mode: CheckMode,
): Promise<CheckRow> {
  await replay.forward();
  const downstream = replay.downstream(row);
  const missing = downstream.find((at) => replay.missing.has(at));
  if (missing !== undefined) {
    const name = opNameOf(replay.reader, missing);
    return undecided(
      replay.reader,
      { kind, row },
      `${name} depends on it, and cannot be run again: ${replay.missing.get(missing)!}`,
    );
  }
  const tensor = replay.value(row);
  const gradient = cotangents[row];
  const analytic = gradient ? readElements(gradient) : new Float64Array(tensor.numel());
  const scale = scaleOf(
    analytic,
    Math.max(NOISE * largestGradient(replay, cotangents), LOSS_NOISE * largestRoot(replay)),
  );
  const isCoarse = downstream.some((at) => replay.coarse.has(at));
  const epsilon = isCoarse ? SINGLE_EPSILON : Number.EPSILON;
  const alone = inTurn();
  let rounding: Promise<number> | null = null;
  const roundingOf = (): Promise<number> =>
    (rounding ??= alone(() => roundingOfRoots(replay, row, downstream, epsilon)));
  const compared: Compared = { scale, epsilon, isCoarse, roundingOf };
  const sample = (stackOf: () => Stack): Promise<Sample[]> =>
    alone(() => replay.scoped(() => sampleRoots(replay, row, downstream, stackOf())));
  let comparisons: Comparison[] = [];
  if (mode === "directional") {
    for (const direction of randomDirections(tensor, analytic, row, DIRECTIONS)) {
      comparisons.push(await compareAlong(direction, (steps) => sample(() => direction.at(steps)), compared));
    }
  } else {
    const chosen = mode === "full" ? partOf(analytic.length, part) : sampleOf(replay, gradient ?? tensor, downstream);
    const largest = downstream.reduce((most, at) => Math.max(most, replay.value(at).numel()), 0);
    const settled = await settledByRoute(replay, row, downstream, chosen, analytic, cotangents, compared);
    const open = chosen.filter((element) => !settled.has(element));
    const moved = await compareElements(tensor, analytic, open, largest, sample, compared);
    comparisons = [...settled.values(), ...moved];
  }
  const check = { input: 0, shape: tensor.shape, count: analytic.length, comparisons, analytic };
  const lost = gradient ? await gradientChanged(replay, row, downstream, gradient) : null;
  const found = await rowOf(replay, row, [check], null, lost);
  const notFinite = await findNotFinite(replay);
  if (notFinite !== null) {
    const isLossFinite = replay.reader.roots.every((root) => readElements(replay.value(root)).every(Number.isFinite));
    const reached = reachedRow(replay.reader, row, notFinite, found);
    // A value that is not finite decides nothing.
    if (reached.verdict === "fail" || found.verdict !== "pass" || !isLossFinite) return reached;
  }
  const left = found.verdict === "pass" ? leftOut(replay.reader) : null;
  if (left !== null) return { ...found, verdict: "inconclusive", reason: left };
  if (found.verdict !== "inconclusive") return found;
  const unsteady = await unsteadyAmong(replay, downstream);
  return unsteady === null ? found : { ...found, reason: `not deterministic: ${unsteady}` };
}

/**
 * What a custom Function's forward computed is a constant to a backward that is recorded, in the pass and in its replay
 * alike, though the program computes it anew from other inputs; so is what that backward detached. Pass and replay then
 * agree on a derivative that leaves it out.
 * @returns the reason; null where a pass has none such.
 */
function leftOut(pass: ReadablePass): string | null {
  const cut = pass.cuts.find(({ kind }) => kind === "forward" || kind === "backward");
  if (cut === undefined) return null;
  const site = pass.siteAt(cut.site);
  const where = site === null ? "" : ` (${path.basename(site.file)}:${site.line})`;
  return cut.kind === "forward"
    ? `a Function's forward computed what its backward read${where}: the derivative through that is missing in this pass, and in its comparison too; ` +
        "save inputs and outputs alone, and compute the rest again in backward"
    : `the backward of ${cut.by ?? "a Function"} cut off what its gradient depends on${where}, and that gradient is differentiated here: the derivative through it is missing in this pass, and in its comparison too; ` +
        "compute it from what saveForBackward kept, without detach or noGrad";
}

/**
 * The elements that agree with finite differences by a smaller value that follows, where there is one. Those that do not
 * are moved themselves.
 */
async function settledByRoute(
  replay: DoubleReplay,
  row: number,
  downstream: readonly number[],
  elements: readonly number[],
  analytic: Float64Array,
  cotangents: readonly (Tensor | undefined)[],
  { scale, epsilon, isCoarse }: Compared,
): Promise<ReadonlyMap<number, Comparison>> {
  const settled = new Map<number, Comparison>();
  const route = affineRoute(replay, row, downstream);
  const last = route.at(-1);
  const cotangent = last === undefined ? undefined : cotangents[last];
  // A part of a tensor, or a sample, may have fewer elements than the value that would tell of them.
  if (last === undefined || !cotangent || elements.length < cotangent.numel()) return settled;
  const behind = readElements(cotangent);
  const ofResult = { analytic: behind, scale: scaleOf(behind, NOISE * scale), epsilon };
  const derivatives = await derivativesThrough(replay, row, route, elements, ofResult);
  elements.forEach((element, i) => {
    const derivative = derivatives[i];
    if (!derivative || !agreesWith(analytic[element]!, scale)(derivative.value, derivative.errorBar)) return;
    settled.set(element, compare(element, analytic[element]!, derivative, scale, isCoarse));
  });
  return settled;
}

/** As many elements as can be afforded. */
function sampleOf(replay: DoubleReplay, gradient: Tensor, downstream: readonly number[]): number[] {
  const work = downstream.reduce((sum, at) => sum + replay.value(at).numel() + OVERHEAD, 1);
  const most = Math.max(FEWEST_ELEMENTS, Math.min(MOST_ELEMENTS, Math.floor(WORK / work / EVALUATIONS)));
  return chooseElements(glance(gradient), most);
}

function partOf(count: number, [part, of]: CheckTask["part"]): number[] {
  const from = Math.floor((count * part) / of);
  const elements: number[] = [];
  for (let element = from; element < Math.floor((count * (part + 1)) / of); element++) elements.push(element);
  return elements;
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
  return replay.reader.roots.reduce((largest, root) => scaleOf(readElements(replay.value(root)), largest), 0);
}
