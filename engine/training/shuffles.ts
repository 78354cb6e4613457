import type { Origin } from "../core/origin.ts";
import { roleOf } from "../ops/role.ts";
import type { Site } from "../protocol/site.ts";
import type { PassView } from "./pass-view.ts";
import { stepsOf } from "./provenance.ts";

/** Inputs that were put into an order drawn at random, while the targets stayed in theirs. */
export interface LoneShuffle {
  /** Where the inputs were picked. */
  readonly at: Origin;
  /** The targets as they were before. */
  readonly targets: Origin;
}

/** An array that was put into an order drawn at random before it was a tensor, and another that was not. */
export interface ShuffledArray {
  readonly moved: Site;
  readonly variable: string;
  /** The call that made a tensor of the targets, and what they are called. */
  readonly targets: Origin;
  readonly kept: string;
}

/**
 * Finds arrays of a Python script of which the inputs were put into an order drawn at random, and the targets, which were there
 * before, were not: of all inputs and all targets of the pass, as the source says; null where anything about that is not known.
 */
export function arrayShuffledAlone(view: PassView, targets: readonly number[]): ShuffledArray | null {
  const [first] = targets;
  const examples = first === undefined ? undefined : view.shape(first)[0];
  if (examples === undefined || examples < 2) return null;
  let moved: Origin | null = null;
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row) || targets.includes(row) || view.shape(row)[0] !== examples) continue;
    const made = arrayOf(view.context.origin(row));
    if (made === null || (moved && moved.attributes["variable"] !== made.attributes["variable"])) return null;
    moved = made;
  }
  const place = moved === null ? null : placeOf(moved, view.context.siteOf(moved));
  if (moved === null || place === null) return null;
  const kept = String(moved.attributes["kept"]).split(" ");
  const made = targets.map((target) => arrayOf(view.context.origin(target)));
  const [set] = made;
  const areKept = made.every(
    (one) => one !== null && one.shape[0] === moved.shape[0] && kept.includes(String(one.attributes["variable"])),
  );
  if (!set || !areKept || !targets.every((target) => tellsApart(view.numbers(target)))) return null;
  return {
    moved: place,
    variable: String(moved.attributes["variable"]),
    targets: set,
    kept: String(set.attributes["variable"]),
  };
}

/** The call that made a tensor of an array, where a constant comes from one alone, and from nothing that puts it into an order. */
function arrayOf(origin: Origin | null): Origin | null {
  const made = stepsOf(origin).filter(({ attributes }) => attributes["variable"] !== undefined);
  return made.length === 1 ? made[0]! : null;
}

function placeOf({ attributes }: Origin, site: Site | null): Site | null {
  const { moved } = attributes;
  if (!Array.isArray(moved) || site === null) return null;
  const [line, column, endLine, endColumn] = moved as readonly number[];
  return { ...site, line: line!, column: column!, endLine: endLine!, endColumn: endColumn! };
}

/** How far back a constant's making is followed. */
const MOST_STEPS = 24;
/** Steps of one operand that change the order of examples, or what stands on the first axis. */
const REORDERING: ReadonlySet<string> = new Set(
  `flip roll sort argsort topk unique max min argmax argmin permute transpose t movedim rot90 fft unfold gather
  maskedSelect nonzero unknown`.split(/\s+/u),
);
/** Steps that make data out of what a script has. */
const DATA: ReadonlySet<string> = new Set(["tensor", "fromNumpy", "asTensor"]);

/**
 * Finds targets that were there before an order of examples was drawn, and kept their own, while all inputs of the pass were
 * put into the one drawn; null where anything about that is not known.
 */
export function shuffledAlone(view: PassView, targets: readonly number[]): LoneShuffle | null {
  const [first] = targets;
  const examples = first === undefined ? undefined : view.shape(first)[0];
  if (examples === undefined || examples < 2) return null;
  let found: Shuffle | null = null;
  for (let row = 0; row < view.rows; row++) {
    if (view.isOp(row) || view.isLive(row) || targets.includes(row) || view.shape(row)[0] !== examples) continue;
    const shuffle = shuffleOf(view.context.origin(row));
    if (shuffle === null || (found && (found.index !== shuffle.index || found.rows !== shuffle.rows))) return null;
    found = shuffle;
  }
  if (found === null) return null;
  const shuffle = found;
  const kept = targets.map((target) => keptOrder(view.context.origin(target), shuffle));
  const [set] = kept;
  return set && targets.every((target) => tellsApart(view.numbers(target))) && kept.every((one) => one !== null)
    ? { at: shuffle.at, targets: set }
    : null;
}

/** Whether targets say something of their examples: not one answer for all, and not just which place each has in the batch. */
function tellsApart(numbers: Float64Array | null): boolean {
  return numbers !== null && new Set(numbers).size > 1 && !numbers.every((one, i) => one === i);
}

interface Shuffle {
  readonly at: Origin;
  readonly index: Origin;
  /** When the order was drawn. */
  readonly drawn: number;
  readonly size: number;
  /** Which rows of the set were stacked afterwards, one by one. */
  readonly rows: string;
}

/** The last step that put a constant into an order drawn at random, with nothing behind it that might undo that. */
function shuffleOf(origin: Origin | null): Shuffle | null {
  let rows = "";
  for (let at = origin, steps = 0; at !== null && steps < MOST_STEPS; steps++) {
    const [from, index] = at.inputs;
    if (from && index && isPicking(at)) {
      const drawn = stepsOf(index).find(({ op, inputs }) => op === "randperm" && inputs.length === 0)?.order;
      const size = from.shape[0];
      return drawn === undefined || size === undefined ? null : { at, index, drawn, size, rows };
    }
    const step = stepBack(at);
    if (step === null || (step.rows !== "" && rows !== "")) return null;
    rows ||= step.rows;
    at = step.from;
  }
  return null;
}

/** What targets were taken from, in their order, before another was drawn; null where they were not. */
function keptOrder(origin: Origin | null, { at: shuffled, drawn, size, rows }: Shuffle): Origin | null {
  let own = "";
  const behind = new Set(stepsOf(shuffled.inputs[0]!));
  for (let at = origin, steps = 0; at !== null && steps < MOST_STEPS; steps++) {
    if (at.order === undefined) return null;
    if (at.order < drawn) {
      // Labels that are the same whatever the inputs are have no order to lose.
      const isData = stepsOf(at).some((step) => DATA.has(step.op) || behind.has(step));
      return at.shape[0] === size && own === rows && isData ? at : null;
    }
    const step = stepBack(at);
    if (step === null || (step.rows !== "" && own !== "")) return null;
    own ||= step.rows;
    at = step.from;
  }
  return null;
}

function isPicking({ op, shape, inputs }: Origin): boolean {
  return (
    (op === "index" || op === "indexSelect") && inputs.length === 2 && inputs[1]!.shape.length === 1 && shape.length > 0
  );
}

/** What a step that leaves examples in their order was given. */
function stepBack(at: Origin): { readonly from: Origin; readonly rows: string } | null {
  const [from] = at.inputs;
  if (!from || at.live || at.fromGraph) return null;
  if (roleOf(at.op) === "join") {
    const set = from.inputs[0];
    const picked = at.inputs.map(({ attributes, inputs }) => (inputs[0] === set ? attributes["at"] : undefined));
    return set && picked.every((one) => typeof one === "number") ? { from: set, rows: picked.join() } : null;
  }
  if (at.inputs.length !== 1 || REORDERING.has(at.op)) return null;
  // A stretch of the set, or as many examples as before.
  const { start, dim } = at.attributes;
  const isStretch = dim === 0 && typeof start === "number";
  return isStretch || at.shape[0] === from.shape[0] ? { from, rows: "" } : null;
}
