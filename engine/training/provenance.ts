import type { Origin } from "../core/origin.ts";
import type { PassView } from "./pass-view.ts";

/**
 * The rows that a row's numbers come from when views, copies, clamps, and sums and products with constant numbers are looked
 * through: what the values are, wherever they stand and however they are scaled.
 */
export function numbersBehind(view: PassView, row: number): number[] {
  const found: number[] = [];
  const seen = new Set<number>();
  const stack = [row];
  while (stack.length > 0) {
    const at = stack.pop()!;
    if (seen.has(at)) continue;
    seen.add(at);
    const [source] = view.sources(at);
    for (const one of source === at ? [at] : view.sources(at)) {
      if (isScaling(view, one)) stack.push(view.inputs(one)[0]!);
      else if (one === at || !seen.has(one)) found.push(one);
    }
  }
  return [...new Set(found)];
}

/** Whether a row is its one operand with a constant number added or multiplied, or cut off at constants. */
function isScaling(view: PassView, row: number): boolean {
  if (view.inputs(row).length !== 1) return false;
  switch (view.role(row)) {
    case "add":
    case "subtract":
    case "multiply":
    case "divide":
      return !view.isNumberFirst(row);
    case "clamp":
      return true;
    default:
      return false;
  }
}

/** Where `axis` of a row's result lies in what it was arranged from, as far back as `until`; −1 where it is mixed or lost. */
export function axisBefore(view: PassView, row: number, axis: number, until: number): number {
  let at = axis;
  for (const step of view.arrangement(row)) {
    if (step === until) return at;
    at = axisOfInput(view, step, at);
    if (at < 0) return -1;
  }
  return -1;
}

/** Where an axis of a view's result is in its input; −1 where it is mixed with others or new. */
export function axisOfInput(view: PassView, row: number, axis: number): number {
  const [input] = view.inputs(row);
  if (input === undefined) return -1;
  const [from, to] = [view.shape(input), view.shape(row)];
  switch (view.role(row)) {
    case "permute": {
      const dims = view.attribute(row, "dims");
      return Array.isArray(dims) ? Number(dims[axis]) : -1;
    }
    case "convert":
      return axis;
    case "part": {
      if (from.length === to.length) return axis;
      const dim = view.attribute(row, "dim");
      return typeof dim === "number" && from.length === to.length + 1 ? (axis >= dim ? axis + 1 : axis) : -1;
    }
    case "reshape": {
      // An axis is kept where the sizes before it have one product, and its own size is the same.
      const before = product(to.slice(0, axis));
      let size = 1;
      for (let i = 0; i < from.length; i++) {
        if (size === before && from[i] === to[axis]) return i;
        size *= from[i]!;
      }
      return -1;
    }
    default:
      return from.length === to.length && view.role(row) !== "join" && view.role(row) !== "pick" ? axis : -1;
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

/** How far back a constant's making is followed. */
const MOST_STEPS = 64;

/** Every step by which a constant was made, the newest first. */
export function stepsOf(origin: Origin | null): readonly Origin[] {
  const found = new Set<Origin>();
  const queue = origin === null ? [] : [origin];
  for (let at = queue.shift(); at && found.size < MOST_STEPS; at = queue.shift()) {
    if (found.has(at)) continue;
    found.add(at);
    queue.push(...at.inputs);
  }
  return [...found];
}
