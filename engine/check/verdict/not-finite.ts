import { EVIDENCE, type CheckRow } from "../../protocol/check.ts";
import { opNameOf } from "../../recording/node-names.ts";
import { roundedText } from "../../recording/number-text.ts";
import { unflatten } from "../../core/element-index.ts";
import { sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import type { View } from "../../core/view.ts";
import { replayContribution } from "../../reading/rule-replay.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { unknownEvidence } from "./evidence.ts";

/** Where a run first made NaN or an infinity that reaches its loss or a gradient. */
export interface NotFinite {
  /** The op that made it. */
  readonly row: number;
  /** Which operand it is of, in a gradient; null in a value. */
  readonly input: number | null;
  readonly shape: readonly number[];
  /** Flat index into that operand, or into the op's result. */
  readonly element: number;
  readonly value: number;
  readonly text: string;
}

/** What is known of each replay, for all rows ask. */
const known = new WeakMap<DoubleReplay, Promise<NotFinite | null>>();

/**
 * Where the first number of the recorded run is not finite, if its loss or one of its gradients is not: that is wrong,
 * whatever finite differences in float64 say. What a mask of -Infinity hides reaches neither.
 */
export function findNotFinite(replay: DoubleReplay): Promise<NotFinite | null> {
  let found = known.get(replay);
  if (found === undefined) {
    found = replay.scoped(() => Promise.resolve(search(replay)));
    known.set(replay, found);
  }
  return found;
}

function search(replay: DoubleReplay): NotFinite | null {
  const { reader } = replay;
  for (const root of reader.roots) {
    if (badIn(reader.value(root)) >= 0) return madeInForward(replay, root);
  }
  const { backwardOrder } = reader.schedule;
  const rows = Array.from({ length: reader.rows }, (_, row) => row);
  if (!rows.some((row) => isBadGradient(reader, row))) return null;
  for (const row of backwardOrder) {
    if (isBadGradient(reader, row)) continue;
    const start = reader.inputStart(row);
    for (const [index, input] of reader.inputs(row).entries()) {
      if (!isBadGradient(reader, input)) continue;
      const contribution = replayContribution(reader, start + index);
      if (contribution === null) continue;
      const elements = readElements(contribution);
      const element = elements.findIndex((value) => !Number.isFinite(value));
      if (element < 0) continue;
      const shape = reader.shape(input);
      const value = elements[element]!;
      const text = whyInBackward(reader, row, index, element, value);
      return { row, input: index, shape, element, value, text };
    }
  }
  return null;
}

function isBadGradient(reader: ReadablePass, row: number): boolean {
  const gradient = reader.gradient(row);
  return gradient !== null && badIn(gradient) >= 0;
}

/** The first element that is no finite number, NaN before an infinity; -1 where all are. */
function badIn(view: View): number {
  const elements = readElements(view);
  const isNaNAt = elements.findIndex(Number.isNaN);
  return isNaNAt >= 0 ? isNaNAt : elements.findIndex((value) => !Number.isFinite(value));
}

/** Follows what is not finite from a value to where it was made. */
function madeInForward(replay: DoubleReplay, root: number): NotFinite | null {
  const { reader } = replay;
  let row = root;
  for (;;) {
    if (!reader.isOp(row)) return givenBy(reader, row);
    const element = badIn(reader.value(row));
    const value = readElements(reader.value(row))[element]!;
    const inputs = reader.inputs(row);
    const bad = inputs.filter((input) => badIn(reader.value(input)) >= 0);
    // NaN comes from NaN before it comes from an infinity; and from one that an op made before one that is meant.
    const carriers = bad.filter((input) => hasNaN(reader, input));
    const next = carriers[0] ?? bad.find((input) => isMade(reader, input));
    if (next === undefined) {
      const text = whyInForward(replay, row, element, value);
      return { row, input: null, shape: reader.shape(row), element, value, text };
    }
    row = next;
  }
}

function hasNaN(reader: ReadablePass, row: number): boolean {
  return readElements(reader.value(row)).some(Number.isNaN);
}

/** Whether an op behind a row turned finite numbers into infinite ones; a fill with -Infinity is meant. */
function isMade(reader: ReadablePass, row: number): boolean {
  if (!reader.isOp(row)) return false;
  const bad = reader.inputs(row).filter((input) => badIn(reader.value(input)) >= 0);
  if (bad.length > 0) return bad.some((input) => isMade(reader, input));
  const attributes = Object.values(reader.attributes(row));
  return !attributes.some((value) => typeof value === "number" && !Number.isFinite(value));
}

/** Data or a parameter that is not finite itself: the first op that takes it is where that shows. */
function givenBy(reader: ReadablePass, leaf: number): NotFinite | null {
  const [edge] = reader.schedule.edgesTo(leaf);
  if (edge === undefined) return null;
  const element = badIn(reader.value(leaf));
  const value = readElements(reader.value(leaf))[element]!;
  const shape = reader.shape(leaf);
  const name = reader.label(leaf) || "a constant";
  const text = `${name} holds ${roundedText(value)} at ${place(shape, element)}: it was not finite before any op ran`;
  return { row: reader.schedule.edgeOwner[edge]!, input: null, shape, element, value, text };
}

function whyInForward(replay: DoubleReplay, row: number, element: number, value: number): string {
  const { reader } = replay;
  const op = opNameOf(reader, row);
  const at = place(reader.shape(row), element);
  const inputs = reader.inputs(row);
  const operands = inputs.map((input) => ({ shape: reader.shape(input), values: readElements(reader.value(input)) }));
  if (reader.op(row)?.elementwise) {
    const numbers = operands.map(({ shape, values }) => values[alike(shape, reader.shape(row), element)]!);
    const extra = Object.values(reader.attributes(row)).filter((attribute) => typeof attribute === "number");
    const call = `${op}(${[...numbers, ...extra].map((value) => roundedText(value, 6)).join(", ")})`;
    const isTooLarge = numbers.every(Number.isFinite) && isFiniteInDouble(replay, row, element);
    return `${call} is ${roundedText(value)} at ${at}${isTooLarge ? ": it is too large for float32" : ""}`;
  }
  const hidden = operands.some(({ values }) => values.includes(-Infinity));
  if (hidden && Number.isNaN(value)) {
    return `${op} is NaN at ${at}: everything that it is taken over is -Inf, as in a row that a mask hides whole`;
  }
  const infinite = operands.some(({ values }) => values.some((one) => Math.abs(one) === Infinity));
  if (infinite) return `${op} is ${roundedText(value)} at ${at}: infinities meet in it`;
  return `${op} is ${roundedText(value)} at ${at}, of operands that are finite${isFiniteInDouble(replay, row, element) ? ": it is too large for float32" : ""}`;
}

/** Whether the same has a finite result in float64. */
function isFiniteInDouble(replay: DoubleReplay, row: number, element: number): boolean {
  try {
    return Number.isFinite(readElements(replay.value(row))[element]);
  } catch {
    // A Function on the way could not be run again.
    return false;
  }
}

function whyInBackward(reader: ReadablePass, row: number, index: number, element: number, value: number): string {
  const op = opNameOf(reader, row);
  const input = reader.inputs(row)[index]!;
  const shape = reader.shape(input);
  const at = place(shape, element);
  if (reader.op(row) === undefined)
    return `its backward returns ${roundedText(value)} at ${at}, for a gradient from above that is finite`;
  const x = readElements(reader.value(input))[element]!;
  const isAlike = sameShape(shape, reader.shape(row));
  const gradient = reader.gradient(row);
  const g = isAlike && gradient !== null ? readElements(gradient)[element]! : null;
  const where = `where its input is ${roundedText(x, 6)} (at ${at})`;
  if (!reader.op(row)?.elementwise || g === null) return `the derivative of ${op} is ${roundedText(value)} ${where}`;
  if (g !== 0) return `the derivative of ${op} is infinite ${where}: its gradient is ${roundedText(value)}`;
  const branch = notTaken(reader, row, element);
  const zero = `an infinite derivative times zero: that of ${op} is infinite ${where}, and 0 comes from above; 0 times infinity is NaN`;
  if (branch === null) return `${zero}; keep its input away from there, with clamp or a small epsilon`;
  return `${zero}. It is the branch not taken: ${branch} has no use for this element, and its gradient is lost all the same; make the input of ${op} safe before it, not its result after it`;
}

/** The selection that passes back nothing for an element, although something comes to it. */
function notTaken(reader: ReadablePass, row: number, element: number): string | null {
  let at = row;
  // Through ops of the same shape that only pass the zero on.
  for (;;) {
    const edges = [...reader.schedule.edgesTo(at)];
    if (edges.length !== 1) return null;
    const consumer = reader.schedule.edgeOwner[edges[0]!]!;
    if (!sameShape(reader.shape(consumer), reader.shape(row))) return null;
    const gradient = reader.gradient(consumer);
    if (gradient === null) return null;
    if (readElements(gradient)[element] === 0) {
      at = consumer;
      continue;
    }
    const selects = reader.inputs(consumer).some((input) => reader.dtype(input) === "bool");
    const site = reader.site(consumer);
    return selects ? `${opNameOf(reader, consumer)}${site ? ` in line ${site.line}` : ""}` : null;
  }
}

/** The element of an operand that stands at an element of a result, broadcast as it may be. */
function alike(shape: readonly number[], outputShape: readonly number[], element: number): number {
  const index = unflatten(outputShape, element).slice(outputShape.length - shape.length);
  return index.reduce((flat, i, axis) => flat * shape[axis]! + (shape[axis] === 1 ? 0 : i), 0);
}

function place(shape: readonly number[], element: number): string {
  return shape.length === 0 ? "its only element" : `[${unflatten(shape, element).join(", ")}]`;
}

/** The failure of the op that made what is not finite. */
export function notFiniteRow(reader: ReadablePass, found: NotFinite, of: CheckRow): CheckRow {
  const evidence = unknownEvidence();
  evidence[EVIDENCE.analytic] = found.value;
  const { reason: _, ...rest } = of;
  return {
    ...rest,
    verdict: "fail",
    evidence,
    worst: unflatten(found.shape, found.element),
    input: reader.inputs(found.row).length > 1 ? found.input : null,
    cause: { kind: "not-finite", text: found.text },
  };
}

/**
 * The check row of a parameter in a run that is not finite: a failure where its gradient is not, and else nothing that can be
 * known. It shows what the run holds, and no difference: one of losses that are not finite would speak of elements that are right.
 */
export function reachedRow(reader: ReadablePass, row: number, found: NotFinite, of: CheckRow): CheckRow {
  const gradient = reader.gradient(row);
  const element = gradient === null ? -1 : badIn(gradient);
  const reason = comesFrom(reader, found);
  const { cause: _, ...rest } = of;
  const evidence = unknownEvidence();
  if (gradient === null || element < 0) {
    evidence[EVIDENCE.analytic] = of.evidence[EVIDENCE.analytic]!;
    return { ...rest, verdict: "inconclusive", evidence, reason };
  }
  evidence[EVIDENCE.analytic] = readElements(gradient)[element]!;
  return { ...rest, verdict: "fail", evidence, worst: unflatten(reader.shape(row), element), reason };
}

/** Whether a row's value or gradient in the run is not finite. */
export function isReached(reader: ReadablePass, row: number): boolean {
  return badIn(reader.value(row)) >= 0 || isBadGradient(reader, row);
}

/** Where what is not finite comes from, for rows that only have it passed to them. */
export function comesFrom(reader: ReadablePass, { row, value }: NotFinite): string {
  const site = reader.site(row);
  return `${roundedText(value)} reaches it: ${opNameOf(reader, row)}${site ? ` in line ${site.line}` : ""} made the first number that is not finite`;
}
