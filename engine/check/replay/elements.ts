/**
 * Which elements of a gradient to compare when there are too many for all: the largest and the smallest, where a wrong
 * rule shows and where a missing one does, and the rest spread evenly.
 */
export function chooseElements(values: Float64Array, most: number): number[] {
  const count = values.length;
  if (count <= most) return Array.from(values.keys());
  const extremes = Math.max(1, Math.floor(most / 4));
  const largest = first(values, extremes, (a, b) => Math.abs(a) > Math.abs(b));
  if (most === 1) return largest;
  const chosen = new Set([...largest, ...first(values, extremes, (a, b) => Math.abs(a) < Math.abs(b))]);
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

/** Arrays one behind the other. */
export function concatenated(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The largest finite magnitude; at least `least`, where what is smaller is the rounding of sums that cancel. */
export function scaleOf(values: Float64Array, least: number): number {
  let largest = least;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return largest;
}

/**
 * Numbers of both signs between 0.25 and 1.25, to weight elements with that are neither alike nor zero: all-ones would
 * hide errors in sums and normalisations. Always the same ones for a seed.
 */
export function probeCotangents(count: number, seed: number): Float64Array {
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let bits = Math.imul(i + 1 + Math.imul(seed + 1, 7919), 0x9e3779b1);
    bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
    bits ^= bits >>> 13;
    const size = 0.25 + (bits >>> 1) / 2 ** 31;
    weights[i] = (bits & 1) === 0 ? size : -size;
  }
  return weights;
}
