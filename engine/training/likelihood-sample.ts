import type { Site } from "../protocol/site.ts";
import type { PassView } from "./pass-view.ts";
import { numbersBehind } from "./provenance.ts";

/** The logarithms of picked probabilities, as a loss that is nothing else takes them. */
export interface LikelihoodSample {
  readonly row: number;
  readonly site: Site | null;
  /** −1 where a smaller loss makes what was picked more likely, as it should be. */
  readonly sign: number;
  /** What each is weighed with, by its name: "advantage"; null where they are not weighed. */
  readonly reward: string | null;
}

/** Words for what should become more, whatever is minimised. */
const REWARD = /reward|advantage|returns?$|^adv/iu;

/**
 * Looks at the loss, or at the scalars that it is the sum of, where other terms are beside it.
 * @returns null where the loss is another, or where the weights may as well be costs
 */
export function likelihoodOf(view: PassView): LikelihoodSample | null {
  if (view.pass.roots.length !== 1) return null;
  const root: number = view.pass.roots[0]!;
  for (const { row, sign } of scalarsOf(view, root, 1)) {
    const found = likelihoodIn(view, row, sign);
    // Beside other terms only what is weighed by a reward is the policy's.
    // The minus is missing where the loss is put together, not where the probabilities are picked.
    if (found && (row === root || found.reward !== null)) return { ...found, site: view.callSite(row) ?? found.site };
  }
  return null;
}

/** The scalars that a scalar is the sum of, each with its sign; itself where it is no sum. */
function* scalarsOf(
  view: PassView,
  row: number,
  sign: number,
): Iterable<{ readonly row: number; readonly sign: number }> {
  const inputs = view.inputs(row);
  if (view.is(row, "add", "subtract") && view.shape(row).length === 0 && inputs.length === 2) {
    yield* scalarsOf(view, inputs[0]!, sign);
    yield* scalarsOf(view, inputs[1]!, view.is(row, "subtract") ? -sign : sign);
  } else yield { row, sign };
}

function likelihoodIn(view: PassView, from: number, outer: number): LikelihoodSample | null {
  let row = from;
  let sign = outer;
  let reward: string | null = null;
  for (let steps = 0; steps < 16; steps++) {
    const inputs = view.inputs(row);
    if (view.is(row, "mean", "sum", "reshape", "convert")) row = inputs[0]!;
    else if (view.is(row, "negate")) {
      sign = -sign;
      row = inputs[0]!;
    } else if (view.is(row, "multiply", "divide") && inputs.length === 1 && !view.isNumberFirst(row)) {
      sign *= Math.sign(view.number(row));
      row = inputs[0]!;
    } else if (view.is(row, "multiply") && inputs.length === 2 && reward === null) {
      const weights = inputs.find((input) => !view.isLive(input));
      const logs = inputs.find((input) => view.isLive(input));
      if (weights === undefined || logs === undefined) return null;
      const named = nearestName(view, weights);
      if (named === null || !REWARD.test(named.name)) return null;
      reward = named.name;
      sign *= named.sign;
      row = logs;
    } else break;
  }
  if (!view.is(row, "pick")) return null;
  const logs = numbersBehind(view, row);
  if (logs.length === 0 || !logs.every((one) => isLogSoftmax(view, one))) return null;
  return { row, site: view.callSite(row), sign, reward };
}

/** Logarithms of probabilities; also written out, as scores less the logarithm of the sum of their exponentials. */
function isLogSoftmax(view: PassView, row: number): boolean {
  if (view.is(row, "log-softmax")) return true;
  const [scores, total] = view.inputs(row);
  if (!view.is(row, "subtract") || scores === undefined || total === undefined) return false;
  return view.sources(total).some((one) => view.is(one, "log-sum-exp") && view.inputs(one)[0] === scores);
}

/** The nearest variable that a constant was made of, and with which sign it was; null where none has a name. */
function nearestName(view: PassView, row: number): { readonly name: string; readonly sign: number } | null {
  const own = view.pass.label(row);
  if (own !== "") return { name: own, sign: 1 };
  let sign = 1;
  for (let at = view.context.origin(row), steps = 0; at && steps < 8; at = at.inputs[0] ?? null, steps++) {
    if (at.label !== "") return { name: at.label, sign };
    if (at.op === "neg" || (at.op === "mul.number" && Number(at.attributes["value"]) < 0)) sign = -sign;
  }
  return null;
}
