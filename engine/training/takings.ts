import type { Origin } from "../core/origin.ts";
import { roleOf } from "../ops/role.ts";
import type { PassView } from "./pass-view.ts";

/** How the examples of a batch were taken out of a larger set. */
export interface Taking {
  readonly at: Origin;
  readonly from: Origin;
  /** How many examples were taken, and of how many. */
  readonly length: number;
  readonly size: number;
  /** Which they are, where that is known. */
  readonly which: string | null;
  /** Whether they stand in another order than in the set, as far as is known. */
  readonly isMixed: boolean;
}

/** How far back a constant's making is followed. */
const MOST_STEPS = 8;

/** How a constant was taken out of a set along the first axis; null where it was not, or where it is a part of a series. */
export function takingOf(origin: Origin | null): Taking | null {
  let found: Taking | null = null;
  for (let at = origin, steps = 0; at !== null && steps < MOST_STEPS; at = at.inputs[0] ?? null, steps++) {
    // A stretch of time is taken along another axis: what goes on from pass to pass. What a set was made of does not.
    if (isStretchOfTime(at) && at.epoch === origin!.epoch) return null;
    found ??= takenAt(at);
  }
  return found;
}

function isStretchOfTime({ op, attributes, inputs, shape }: Origin): boolean {
  const { dim, start } = attributes;
  const [from] = inputs;
  if (typeof dim === "number" && dim > 0 && typeof start === "number") return true;
  // A slice along several axes is not told apart.
  return op === "slice" && from !== undefined && typeof start !== "number" && attributes["at"] === undefined
    ? from.shape.length === shape.length && from.shape.some((size, i) => i > 0 && size !== shape[i])
    : false;
}

function takenAt(at: Origin): Taking | null {
  const { op, attributes, inputs, shape } = at;
  const [from, index] = inputs;
  if (!from) return null;
  const length = shape[0] ?? 0;
  const { dim, start, first } = attributes;
  if (dim === 0 && typeof start === "number" && shape.length === from.shape.length) {
    const size = from.shape[0] ?? 0;
    return length < size ? { at, from, length, size, which: `${start}+${length}`, isMixed: false } : null;
  }
  if ((op === "indexSelect" || op === "index") && index && index.shape.length === 1 && (dim ?? 0) === 0) {
    const size = from.shape[0] ?? 0;
    const which = typeof first === "number" ? `${first}+${length}` : null;
    return { at, from, length, size, which, isMixed: which === null };
  }
  if (roleOf(op) === "join" && inputs.length > 1) {
    const rows = inputs.map((one) => one.attributes["at"]);
    const set = from.inputs[0];
    if (!set || !rows.every((row) => typeof row === "number") || inputs.some((one) => one.inputs[0] !== set))
      return null;
    const isMixed = rows.some((row, i) => i > 0 && row !== rows[i - 1]! + 1);
    return { at, from: set, length: rows.length, size: set.shape[0] ?? 0, which: rows.join(), isMixed };
  }
  return null;
}

/** The batch of a pass, where its inputs and its targets are the same examples of two sets of one size. */
export interface BatchSample {
  readonly which: string;
  readonly length: number;
  readonly size: number;
  /** How many passes had run when it was taken. */
  readonly epoch: number;
  readonly at: Origin;
}

/** Finds the one batch that a pass works on; null where there are several, or other parts of the set. */
export function batchOf(view: PassView, targets: readonly number[]): BatchSample | null {
  const takings = new Map<number, Taking>();
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row)) continue;
    const taking = takingOf(view.context.origin(row));
    if (taking) takings.set(row, taking);
  }
  const all = [...takings.values()];
  const [first] = all;
  if (!first || first.which === null || !targets.some((row) => takings.has(row))) return null;
  const isOne = all.every(
    ({ which, size, length }) => which === first.which && size === first.size && length === first.length,
  );
  if (!isOne || new Set(all.map(({ from }) => from)).size < 2) return null;
  const { which, length, size, at } = first;
  return { which, length, size, epoch: at.epoch, at };
}
