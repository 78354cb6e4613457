import type { Cause } from "../../protocol/check.ts";
import { roundedText } from "../../recording/number-text.ts";
import { coordinates, count, differing, formatIndex, largest, outOf, type Suspect } from "./suspect.ts";

/** Below this share of the elements a difference is in few of them. */
const FEW = 0.2;
const MOST_NAMED = 4;
/** Off by less than this share everywhere. */
const SMALL = 0.02;

/** Elements at some indices along an axis, all others being right. */
export interface Block {
  readonly axis: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly elements: readonly number[];
}

/** The part of an input along one axis that holds all that is wrong, and where most is. */
export function wrongBlock(suspect: Suspect): Block | null {
  const { shape, isSample } = suspect;
  const off = differing(suspect);
  if (off.length === 0 || isSample) return null;
  let best: Block | null = null;
  for (let axis = 0; axis < shape.length; axis++) {
    const at = off.map((flat) => coordinates(shape, flat)[axis]!);
    const [from, to] = [Math.min(...at), Math.max(...at) + 1];
    if (to - from >= shape[axis]!) continue;
    const elements = Array.from(
      { length: shape.reduce((product, size) => product * size, 1) },
      (_, flat) => flat,
    ).filter((flat) => {
      const index = coordinates(shape, flat)[axis]!;
      return index >= from && index < to;
    });
    if (off.length < 0.5 * elements.length || elements.length < 2) continue;
    if (best === null || elements.length < best.elements.length) best = { axis, from, to, elements };
  }
  return best;
}

/** "columns 4 to 7 of gates (the second of 4 blocks)". */
export function blockText({ name, shape, isPart }: Suspect, { axis, from, to }: Block): string {
  const size = shape[axis]!;
  const width = to - from;
  const isLast = axis === shape.length - 1;
  const noun = shape.length === 1 ? "element" : isLast ? "column" : axis === shape.length - 2 ? "row" : null;
  if (isPart) return someOf(noun, name, axis);
  const range = width === 1 ? `${from}` : `${from} to ${to - 1}`;
  const where = noun ? `${noun}${width === 1 ? "" : "s"} ${range}` : `indices ${range} along axis ${axis}`;
  const blocks = size / width;
  const isBlock = Number.isInteger(blocks) && from % width === 0 && blocks <= 12;
  return `${where} of ${name}${isBlock ? ` (block ${from / width + 1} of ${blocks})` : ""}`;
}

/** Which indices a part has says nothing of the whole. */
function someOf(noun: "element" | "column" | "row" | null, name: string, axis: number): string {
  switch (noun) {
    case "element":
      return `some elements of ${name}`;
    case "column":
      return `some columns of ${name}`;
    case "row":
      return `some rows of ${name}`;
    case null:
      return `some indices of ${name} along axis ${axis}`;
  }
}

/** An error in a few elements, or a small one in all: no cause, but where to look. */
export function extent(suspect: Suspect): Cause | null {
  const { given, truth } = suspect;
  const off = differing(suspect);
  if (off.length === 0) return null;
  const size = largest(truth);
  const shares = off.map((i) => given[i]! / truth[i]!).filter(Number.isFinite);
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  if (off.length <= Math.max(1, FEW * given.length) && given.length > 4) {
    const named = off.slice(0, MOST_NAMED).map((i) => formatIndex(suspect, i));
    const where = `${named.join(", ")}${off.length > MOST_NAMED ? ", …" : ""}${edgeOf(suspect, off)}`;
    const ratio = shares.length === 0 ? "" : `; there backward returns ${spread(least, most)} the gradient`;
    return {
      kind: "partial",
      text: `only some elements are wrong: ${count(off.length)} of ${outOf(suspect)}, at ${where}; the others are right${ratio}`,
    };
  }
  const isSmall = off.every(
    (i) => Math.abs(given[i]! - truth[i]!) <= SMALL * Math.max(Math.abs(truth[i]!), SMALL * size),
  );
  if (!isSmall || shares.length === 0) return null;
  const percent = (100 * Math.max(...shares.map((share) => Math.abs(share - 1)))).toPrecision(2);
  return {
    kind: "scale",
    text: `a small relative error: backward returns ${spread(least, most)} the gradient, off by up to ${percent} %, as a rounded constant, an approximation, or an epsilon that is not in both forward and backward would make it`,
  };
}

/** Where the wrong elements are all those at an end of an axis. */
function edgeOf({ shape }: Suspect, off: readonly number[]): string {
  for (let axis = 0; axis < shape.length; axis++) {
    const at = new Set(off.map((flat) => coordinates(shape, flat)[axis]!));
    if (at.size !== 1 || off.length < 2 || shape[axis]! < 3) continue;
    const [only] = at;
    if (only === 0) return ` (the first along axis ${axis})`;
    if (only === shape[axis]! - 1) return ` (the last along axis ${axis})`;
  }
  return "";
}

export function spread(least: number, most: number): string {
  const text = (value: number): string => roundedText(value, 4);
  return text(least) === text(most) ? `${text(least)} times` : `${text(least)} to ${text(most)} times`;
}

/** What is known where no cause is. */
export function whatIsKnown(suspect: Suspect): string {
  const { given, truth, name } = suspect;
  const all = outOf(suspect);
  const off = differing(suspect);
  const shares = off.map((i) => given[i]! / truth[i]!).filter(Number.isFinite);
  if (shares.length === 0) return `${count(off.length)} of ${all} of the gradient of ${name} are wrong`;
  const sorted = shares.sort((a, b) => a - b);
  const range = spread(sorted[0]!, sorted.at(-1));
  return `${count(off.length)} of ${all} of the gradient of ${name} are wrong: ${range} what they must be, ${roundedText(sorted[sorted.length >> 1]!)} in the middle`;
}
