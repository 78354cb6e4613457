import type { Origin } from "../../core/origin.ts";
import { elementCount } from "../../core/shape.ts";
import { roleOf } from "../../ops/role.ts";
import type { PassView } from "../pass-view.ts";
import type { Found, Rule } from "../rule.ts";
import { stepsOf } from "../provenance.ts";
import { describeShape } from "../wording.ts";

/** A reshape that puts axes into another order without moving the numbers. */
export const scrambledAxes: Rule = {
  name: "scrambled-axes",
  severity: "error",
  title: "view or reshape stands where axes should change places",
  looksAt: "the shapes before and after each view and reshape, also of data on its way into the graph",
  threshold:
    "an axis has its size at another place afterwards, where its neighbours in memory are others: [T, N, H] viewed as [N, T, H]; or the last states of a recurrent layer, [layers · directions, N, H], seen with pieces of the axis of N joined to other axes, whatever the sizes",
  source:
    "PyTorch, Tensor.view: it shares the same data and only changes how it is read, permute changes the order of axes",
  why: "The numbers stay in their order, so what is now called an example, a time or a channel is a mixture of several.",
  fix: "Use permute or transpose to change the order of axes; view only to split and join neighbours.",
  *inPass({ view, terms }): Iterable<Found> {
    for (const { kind, prediction, target, row } of terms) {
      const classes = kind === "cross-entropy" || kind === "nll" ? joinedClasses(view, prediction) : null;
      if (classes !== null) yield found(view, view.callSite(classes.at), classes, classes.at);
      const joined = target === null ? null : joinedOtherwise(view, prediction, target);
      if (joined === null) continue;
      yield {
        text: `The targets ${describeShape(joined.target.inputs[0]!.shape)} are joined to ${describeShape(joined.target.shape)} here, and the predictions from ${describeShape(joined.from)}: the axes stand the other way round, so each prediction is compared with the target of another. Leave out the transposition, or transpose both.`,
        site: view.context.siteOf(joined.target),
        related: [
          { text: "the predictions are joined here", site: view.callSite(joined.at) },
          { text: "they are compared here", site: view.callSite(row) },
        ],
        row,
      };
    }
    for (let row = 0; row < view.rows; row++) {
      if (view.is(row, "reshape")) {
        // Heads of attention may have, by chance, the sizes that changed places would have.
        if (view.isInnerStep(row)) continue;
        if (view.consumers(row).some((consumer) => view.is(consumer, "reshape"))) continue;
        const from = startOf(view, row);
        const moved =
          movedAxis(view.shape(from), view.shape(row)) ??
          resplit(view, row) ??
          mergedHeads(view, from, row) ??
          mixedState(view, from, row);
        if (moved !== null) yield found(view, view.callSite(row), moved, row);
        continue;
      }
      const origin = view.context.origin(row);
      if (origin === null || view.isLive(row)) continue;
      for (const at of chainOf(origin)) {
        if (roleOf(at.op) !== "reshape" || at.inputs.length === 0) continue;
        const moved = movedAxis(at.inputs[0]!.shape, at.shape);
        if (moved !== null) yield found(view, view.context.siteOf(at), moved, row);
      }
    }
  },
};

/** Predictions and targets that were joined to one axis from two that stand the other way round. */
function joinedOtherwise(
  view: PassView,
  prediction: number,
  target: number,
): { readonly at: number; readonly from: readonly number[]; readonly target: Origin } | null {
  const at = view.arrangement(prediction).find((row) => view.is(row, "reshape"));
  if (at === undefined || view.isLive(target)) return null;
  const from = view.shape(view.inputs(at)[0]!);
  const [a, b] = from;
  if (a === undefined || b === undefined || a === b || view.shape(at)[0] !== a * b) return null;
  // An axis of one has no order.
  if (a === 1 || b === 1) return null;
  const step = stepsOf(view.context.origin(target)).find(({ op }) => roleOf(op) === "reshape");
  const before = step?.inputs[0]?.shape;
  if (!step || before?.length !== 2 || step.shape.length !== 1) return null;
  return before[0] === b && before[1] === a ? { at, from, target: step } : null;
}

/** Scores [N, C, H, W] seen as [N·H·W, C]: the classes are not last in memory, so each row holds scores of several pixels. */
function joinedClasses(view: PassView, prediction: number): (Moved & { readonly at: number }) | null {
  const at = view.arrangement(prediction).find((row) => view.is(row, "reshape"));
  if (at === undefined || view.shape(at).length !== 2) return null;
  const [before, after] = [view.shape(startOf(view, at)), view.shape(at)];
  const size = after[1]!;
  const isSecond = before.length >= 3 && before[1] === size && before.at(-1) !== size;
  return isSecond && size > 1 ? { at, from: before, to: after, size } : null;
}

interface Moved {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly size: number;
}

function found(_: PassView, site: Found["site"], { from, to, size }: Moved, row: number): Found {
  return {
    text: `${describeShape(from)} is seen as ${describeShape(to)} here: the axis of size ${size} gets another place, but view and reshape leave the numbers in their order, so entries of one are mixed with those of others. Use permute or transpose to change the order of axes.`,
    site,
    evidence: { size },
    row,
  };
}

/** Where a run of reshapes began. */
function startOf(view: PassView, row: number): number {
  let at = view.inputs(row)[0]!;
  while (view.is(at, "reshape") || (view.is(at, "convert") && view.inputs(at).length === 1)) at = view.inputs(at)[0]!;
  return at;
}

function chainOf(origin: Origin): Origin[] {
  const found: Origin[] = [];
  const seen = new Set<Origin>();
  const stack = [origin];
  for (let at = stack.pop(); at && found.length < 64; at = stack.pop()) {
    if (seen.has(at) || at.live) continue;
    seen.add(at);
    found.push(at);
    stack.push(...at.inputs);
  }
  return found;
}

/** An axis whose size is there afterwards as well, but with other axes after it; null where none is. */
export function movedAxis(before: readonly number[], after: readonly number[]): Moved | null {
  const strides = (shape: readonly number[]): number[] =>
    shape.map((_, i) => shape.slice(i + 1).reduce((all, size) => all * size, 1));
  const [from, to] = [strides(before), strides(after)];
  const lost = (
    shape: readonly number[],
    own: readonly number[],
    other: readonly number[],
    others: readonly number[],
  ): number[] =>
    shape.flatMap((size, i) =>
      size > 1 && !other.some((one, j) => one === size && others[j] === own[i]) ? [size] : [],
    );
  const gone = lost(before, from, after, to);
  const come = lost(after, to, before, from);
  // One axis alone may have its size again by chance; that two change places, or one wanders past others, is meant.
  const size = gone.find((one) => come.includes(one) && before.filter((other) => other === one).length === 1);
  if (size === undefined) return null;
  const swapped = gone.filter((one) => come.includes(one)).length;
  const isWhole = swapped >= 2 || wanders(before, after, size);
  return isWhole ? { from: before, to: after, size } : null;
}

/** Whether the sizes on both sides of an axis are those that had been on one side. */
function wanders(before: readonly number[], after: readonly number[], size: number): boolean {
  const product = (list: readonly number[]): number => list.reduce((all, one) => all * one, 1);
  const [i, j] = [before.indexOf(size), after.indexOf(size)];
  // With what stays first in both taken off.
  let common = 0;
  while (common < i && common < j && before[common] === after[common]) common++;
  const [ahead, behind] = [product(before.slice(common, i)), product(after.slice(common, j))];
  return (ahead === 1) !== (behind === 1) || after.length > before.length;
}

/** Finds heads of attention, [N, H, T, D], that are joined to [N, T, H·D] without changing places first. */
function mergedHeads(view: PassView, from: number, row: number): Moved | null {
  const [before, after] = [view.shape(from), view.shape(row)];
  if (before.length !== 4 || after.length !== 3 || !view.is(from, "product")) return null;
  const [examples, heads, times, width] = before as [number, number, number, number];
  if (heads < 2 || after[0] !== examples || after[1] !== times || after[2] !== heads * width) return null;
  const parted = view
    .arrangement(view.inputs(from)[1]!)
    .find((one) => view.is(one, "permute") && view.is(view.inputs(one)[0]!, "reshape"));
  if (parted === undefined) return null;
  const whole = view.shape(view.inputs(parted)[0]!);
  return whole[1] === times && whole[2] === heads ? { from: before, to: after, size: heads } : null;
}

/**
 * Finds the last states of a recurrent layer, [S, N, H], seen in a way that cuts the examples into pieces: the layer says which
 * axis is which, where N and H are equal, too.
 */
function mixedState(view: PassView, from: number, row: number): Moved | null {
  const [before, after] = [view.shape(from), view.shape(row)];
  if (!isLastState(view, from)) return null;
  const [states, examples, width] = before as [number, number, number];
  if (states < 2 || examples < 2) return null;
  const [inner, outer] = [width, examples * width];
  const bounds = new Set(after.map((_, i) => elementCount(after.slice(i))));
  const isCut = [...bounds].some((bound) => bound > inner && bound < outer);
  // Groups of examples, each of them whole, may have an axis of their own.
  return isCut && !(bounds.has(inner) && bounds.has(outer)) ? { from: before, to: after, size: examples } : null;
}

/** Whether a row is what a recurrent layer ends with, or that of some of its layers: as large as what it begins with. */
function isLastState(view: PassView, row: number): boolean {
  if (view.shape(row).length !== 3) return false;
  const keepsLast = (of: number, input: number): boolean =>
    String(view.shape(of).slice(-2)) === String(view.shape(input).slice(-2));
  let at = row;
  // Layers and directions may have been told apart, and some of them taken.
  while (
    ((view.is(at, "part") && view.attribute(at, "dim") === 0) || view.is(at, "reshape")) &&
    keepsLast(at, view.inputs(at)[0]!)
  )
    at = view.inputs(at)[0]!;
  const shape = view.shape(at);
  // One of several results of a layer.
  if (view.isOp(at) && view.name(at) === "output") at = view.inputs(at)[0]!;
  if (!view.is(at, "recurrent-cell") || shape.length !== 3) return false;
  const [sequence, ...others] = view.inputs(at);
  const [first, second] = shape;
  const isAsBegun = others.some((other) => !view.isParameter(other) && String(view.shape(other)) === String(shape));
  // The outputs of all times have their size by chance where there are as many times, or examples, as layers.
  const [times, examples] = view.shape(sequence!);
  return isAsBegun && !(times === first && examples === second);
}

/** Axes that were joined for a layer, and split again the other way round. */
function resplit(view: PassView, row: number): Moved | null {
  const after = view.shape(row);
  const joined = view.inputs(row)[0]!;
  const size = view.shape(joined)[0];
  if (after.length < 2 || size === undefined || after[0]! * after[1]! !== size) return null;
  let at = joined;
  for (let steps = 0; steps < 12; steps++) {
    if (view.is(at, "reshape")) {
      const before = view.shape(view.inputs(at)[0]!);
      const swapped = before.length >= 2 && before[0] === after[1] && before[1] === after[0] && before[0] !== before[1];
      return swapped && before[0]! * before[1]! === size ? { from: before, to: after, size: before[0]! } : null;
    }
    const keepsRows = view.is(
      at,
      "linear",
      "rectifier",
      "activation",
      "tanh",
      "sigmoid",
      "layer-norm",
      "softmax",
      "log-softmax",
      "batch-norm",
      "add",
      "multiply",
    );
    if (!keepsRows || view.shape(at)[0] !== size) return null;
    at = view.inputs(at).find((input) => view.isOp(input) && view.shape(input)[0] === size) ?? -1;
    if (at < 0) return null;
  }
  return null;
}
