import type { PassView } from "./pass-view.ts";
import { numbersBehind } from "./provenance.ts";

/** How a softmax and a sigmoid that are written out are called: by their formulas, which need no translation. */
const WRITTEN_SOFTMAX = "exp(x) / Σ exp(x)";
const WRITTEN_SIGMOID = "1 / (1 + exp(−x))";

/** What to call a row that makes scores into probabilities, by one op or written out; null of every other row. */
export function probabilityName(view: PassView, row: number): string | null {
  if (view.is(row, "softmax", "sigmoid")) return view.name(row);
  if (view.is(row, "power"))
    return view.number(row) === -1 && isOneMore(view, view.inputs(row)[0]!) ? WRITTEN_SIGMOID : null;
  if (!view.is(row, "divide")) return null;
  const [above, below] = view.inputs(row);
  if (below === undefined) return view.isNumberFirst(row) && isOneMore(view, above!) ? WRITTEN_SIGMOID : null;
  const exponential = onlyBehind(view, above!);
  if (exponential === null || !view.is(exponential, "exponential")) return null;
  if (isOneMore(view, below, exponential)) return WRITTEN_SIGMOID;
  const sum = onlyBehind(view, below);
  if (sum === null || !view.is(sum, "sum")) return null;
  const summed = onlyBehind(view, view.inputs(sum)[0]!);
  return summed !== null && isSame(view, summed, exponential) ? WRITTEN_SOFTMAX : null;
}

/** Whether a row is a positive number and an exponential, of what another is the exponential of where that is given. */
function isOneMore(view: PassView, row: number, like?: number): boolean {
  const inputs = view.inputs(row);
  if (!view.is(row, "add") || inputs.length !== 1 || !(view.number(row) > 0)) return false;
  const exponential = inputs[0]!;
  return view.is(exponential, "exponential") && (like === undefined || isSame(view, exponential, like));
}

function onlyBehind(view: PassView, row: number): number | null {
  const behind = numbersBehind(view, row);
  return behind.length === 1 ? behind[0]! : null;
}

/** How many ops that were written twice are looked through. */
const MOST_STEPS = 4;

/** Whether two rows are one, or the same ops of the same rows, written twice. */
function isSame(view: PassView, one: number, other: number, steps = MOST_STEPS): boolean {
  if (one === other) return true;
  if (steps === 0 || !view.isOp(one) || !view.isOp(other) || view.name(one) !== view.name(other)) return false;
  const [from, to] = [view.inputs(one), view.inputs(other)];
  return (
    Object.is(view.number(one), view.number(other)) &&
    from.length > 0 &&
    from.length === to.length &&
    from.every((input, i) => isSame(view, input, to[i]!, steps - 1))
  );
}
