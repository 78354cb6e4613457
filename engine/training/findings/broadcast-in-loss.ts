import { elementCount } from "../../core/shape.ts";
import type { PassView } from "../pass-view.ts";
import type { ExaminedPass, Found, Rule } from "../rule.ts";
import { describeShape, readingRow } from "../wording.ts";

/** Each prediction is compared with the targets of all examples. */
export const broadcastInLoss: Rule = {
  name: "broadcast-in-loss",
  severity: "error",
  title: "prediction and target broadcast against each other",
  looksAt: "the shapes of the two operands of each op between the prediction and the loss",
  threshold: "both are repeated, and their numbers of axes differ: [N, 1] and [N] make [N, N]",
  source: "PyTorch warns of it in mse_loss: using a target size that is different to the input size",
  why: "Every prediction is compared with every target, so the best the model can do is to predict their mean.",
  fix: "Bring both to one shape: squeeze(1) the prediction, or unsqueeze(1) the target.",
  *inPass(examined): Iterable<Found> {
    const { view, terms } = examined;
    for (const row of lossTail(examined)) {
      // A loss that is one op has had its operands brought to one shape by others.
      const whole = terms.find((term) => term.row === row && term.named !== null && term.target !== null);
      const [a, b] = whole && view.pass.foreign ? [whole.prediction, whole.target!] : view.inputs(row);
      if (a === undefined || b === undefined) continue;
      if (!whole && view.inputs(row).length !== 2) continue;
      if (!whole && !view.is(row, "add", "subtract", "multiply", "divide", "power", "extreme")) continue;
      const compared = whole && view.pass.foreign ? view.inputs(row)[0]! : row;
      if (isCrossed(view, a, b, compared)) {
        yield {
          text:
            `${readingRow(view, a)} and ${readingRow(view, b)} broadcast to ${describeShape(view.shape(compared))} here: each example is compared with all ${view.shape(compared).at(-1)!} others, ` +
            `and the best the model can do is to predict the mean of the targets. Give both one shape, with squeeze or unsqueeze.`,
          site: view.callSite(row),
          evidence: {
            elements: elementCount(view.shape(compared)),
            expected: Math.max(elementCount(view.shape(a)), elementCount(view.shape(b))),
          },
          row,
          ...squeezed(view, a, b, row),
        };
        continue;
      }
      const total = totalTimesMask(view, row);
      if (total !== null) {
        yield {
          text:
            `${view.name(total)} has summed over every element before the mask is applied: the one number ${readingRow(view, total)} is multiplied with a mask of ${describeShape(view.shape(row))}, ` +
            `so the mask picks nothing out. Sum along the axes of one example only, then apply the mask.`,
          site: view.callSite(total),
          related: [{ text: "the mask is applied here", site: view.callSite(row) }],
          evidence: { elements: elementCount(view.shape(row)) },
          row,
        };
      }
    }
  },
};

/** Rows from the loss back through sums, differences and functions of single elements. */
function lossTail({ view, terms }: ExaminedPass): number[] {
  const stop = new Set<number>();
  for (const { prediction, target } of terms) {
    stop.add(prediction);
    if (target !== null) stop.add(target);
  }
  const found = new Set<number>();
  const stack: number[] = [...view.pass.roots];
  while (stack.length > 0) {
    const row = stack.pop()!;
    if (found.has(row) || !view.isOp(row) || !isTail(view, row)) continue;
    found.add(row);
    for (const input of view.inputs(row)) if (!stop.has(input)) stack.push(input);
  }
  for (const { row } of terms) found.add(row);
  return [...found].sort((a, b) => a - b);
}

function isTail(view: PassView, row: number): boolean {
  return !view.is(
    row,
    "linear",
    "convolution",
    "product",
    "lookup",
    "batch-norm",
    "layer-norm",
    "recurrent-cell",
    "softmax",
    "log-softmax",
  );
}

/** Whether both are repeated along an axis of the other, and nobody put an axis in to have it so. */
function isCrossed(view: PassView, a: number, b: number, row: number): boolean {
  const [first, second, result] = [view.shape(a), view.shape(b), view.shape(row)];
  if (first.length === second.length) return false;
  const size = elementCount(result);
  const [m, n] = [elementCount(first), elementCount(second)];
  if (m <= 1 || n <= 1 || size <= m || size <= n) return false;
  // An outer difference that is meant has its axes put in on both sides.
  return first.length > 0 && second.length > 0;
}

/** A sum or mean over all elements that is then multiplied with a mask of many. */
function totalTimesMask(view: PassView, row: number): number | null {
  if (!view.is(row, "multiply")) return null;
  const [a, b] = view.inputs(row) as [number, number];
  const [scalar, mask] = view.shape(a).length === 0 ? [a, b] : [b, a];
  if (view.shape(scalar).length !== 0 || view.shape(mask).length === 0 || view.isLive(mask) || !view.isLive(scalar))
    return null;
  let total = scalar;
  while (view.isOp(total) && !view.is(total, "sum", "mean") && view.inputs(total).length === 1)
    total = view.inputs(total)[0]!;
  if (!view.is(total, "sum", "mean") || elementCount(view.shape(view.inputs(total)[0]!)) < 2) return null;
  const values = view.numbers(mask);
  if (values === null || elementCount(view.shape(mask)) < 2) return null;
  const isMask = values.every((value) => value === 0 || value === 1) && values.includes(0) && values.includes(1);
  return isMask ? total : null;
}

/** What to write for [N, 1] against [N]: the first without its last axis. */
function squeezed(view: PassView, a: number, b: number, row: number): Pick<Found, "remedy"> {
  const call = view.callSite(row);
  const wide = view.shape(a).length > view.shape(b).length ? 0 : 1;
  const shape = view.shape(wide === 0 ? a : b);
  const other = view.shape(wide === 0 ? b : a);
  if (!call || shape.length !== other.length + 1 || shape.at(-1) !== 1) return {};
  const axis = shape.length - 1;
  const text = `.squeeze(${axis})`;
  return {
    remedy: {
      text: `Write ${text} after the ${wide === 0 ? "first" : "second"} of the two.`,
      changes: [{ kind: "append-to-operand", call, operand: wide, text }],
    },
  };
}
