import { readElements } from "../tensor/tensor.ts";
import type { View } from "../tensor/view.ts";

/**
 * Which elements of a gradient to compare when there are too many for all: the largest and the smallest, where a wrong
 * rule shows and where a missing one does, and the rest spread evenly.
 */
export function chooseElements(gradient: View, most: number): number[] {
  const values = readElements(gradient);
  const count = values.length;
  if (count <= most) return Array.from(values.keys());
  const extremes = Math.max(1, Math.floor(most / 4));
  const chosen = new Set([
    ...first(values, extremes, (a, b) => Math.abs(a) > Math.abs(b)),
    ...first(values, extremes, (a, b) => Math.abs(a) < Math.abs(b)),
  ]);
  // A step that shares no factor with the count visits every element, and no row or column twice in a row.
  let stride = Math.floor(count * 0.6180339887498949);
  while (divisor(stride, count) !== 1) stride++;
  for (let at = stride % count; chosen.size < most; at = (at + stride) % count) {
    if (chosen.has(at)) chosen.add((at + 1) % count);
    else chosen.add(at);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Where the `most` values stand that come before all others. In one pass: there may be millions of them. */
function first(values: Float64Array, most: number, isBefore: (a: number, b: number) => boolean): number[] {
  const found: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (found.length === most && !isBefore(values[at]!, values[found[most - 1]!]!)) continue;
    let place = found.length;
    while (place > 0 && isBefore(values[at]!, values[found[place - 1]!]!)) place--;
    found.splice(place, 0, at);
    if (found.length > most) found.pop();
  }
  return found;
}

/** Greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** The largest magnitude, NaN left out; at least `least`, where what is smaller is the rounding of sums that cancel. */
export function scaleOf(values: Float64Array, least: number): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value) || 0), least);
}

/** A cotangent that is neither uniform nor zero anywhere: all-ones would hide errors in sums and normalisations. */
export function probeCotangent(index: number, seed: number): number {
  return 0.5 + 0.4 * Math.cos(1.7 * index + 0.9 * seed + 0.3) * (index % 2 === 0 ? 1 : -2.5);
}
