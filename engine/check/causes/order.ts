import type { Cause } from "../../protocol/check.ts";
import { mostInRow } from "./rearranged.ts";
import { coordinates, explains, flatIndex, largest, type Suspect } from "./suspect.ts";

/** Each element's own place is left out, as where a sum over all before it stands for one that goes up to it. */
export function withoutOwnPlace(suspect: Suspect): Cause | null {
  const { jacobian, upstream, x, y } = suspect;
  const columns = upstream.length;
  if (x.length !== y.length || x.length < 2 || mostInRow(suspect) < 2) return null;
  const small = 1e-6 * largest(jacobian);
  const isThere = x.every((_, e) => Math.abs(jacobian[e * columns + e]!) > small);
  if (!isThere || !explains(suspect, (e, k) => (e === k ? 0 : jacobian[e * columns + k]!))) return null;
  const text =
    "what each element of the result passes to the element at its own place is left out: the sum in backward stops one short";
  return { kind: "missing-term", text };
}

/**
 * A sum that runs along an axis, in the same direction as that of forward, where its transpose belongs, whose other factors are
 * right: y[k] = b[k] Σ a[e] x[e] over e ≤ k needs a[e] Σ b[k] g[k] over k ≥ e.
 */
export function sumsTurned(suspect: Suspect): Cause | null {
  const { jacobian, returned, upstream, shape, outputShape } = suspect;
  if (returned === null || shape.join() !== outputShape.join()) return null;
  for (const [axis, size] of shape.entries()) {
    if (size < 3 || !isOneSided(suspect, axis)) continue;
    // ∂y[k]/∂x[e] = a[e] b[k] as far as it goes: read off the last column and the first row, or the reverse.
    const matches = [0, size - 1].some((start) => {
      const end = size - 1 - start;
      return explains(suspect, (e, k) => {
        const [from, to] = [coordinates(shape, e), coordinates(shape, k)];
        if (from.some((index, other) => other !== axis && index !== to[other])) return 0;
        const isBehind = start === 0 ? to[axis]! <= from[axis]! : to[axis]! >= from[axis]!;
        if (!isBehind) return 0;
        const entry = (row: number, column: number): number => {
          const at = flatIndex(shape, placed(from, axis, row)) * upstream.length;
          return jacobian[at + flatIndex(shape, placed(to, axis, column))]!;
        };
        return (entry(from[axis]!, end) * entry(start, to[axis]!)) / entry(start, end);
      });
    });
    if (!matches) continue;
    const text = `the sum along axis ${axis} runs in the direction of that in forward, where it must run the other way: from the end, as flip, cumsum and flip do`;
    return { kind: "shift", text };
  }
  return null;
}

/** Σ b[k] g[k] with the factor of the element that the sum goes to in place of those that it comes from, or the reverse. */
export function factorOfOtherPlace(suspect: Suspect): Cause | null {
  const { jacobian, upstream, x, y } = suspect;
  const columns = upstream.length;
  if (x.length !== y.length || x.length < 3 || mostInRow(suspect) < 2) return null;
  const own = x.map((_, e) => jacobian[e * columns + e]!);
  const least = 1e-9 * largest(jacobian);
  if (own.some((value) => Math.abs(value) <= least) || own.every((value) => value === own[0])) return null;
  const [comes, goes] = ["the place that the gradient comes from", "the place that it goes to"];
  for (const [factor, used, right] of [
    [(e: number, k: number) => own[e]! / own[k]!, goes, comes],
    [(e: number, k: number) => own[k]! / own[e]!, comes, goes],
  ] as const) {
    if (!explains(suspect, (e, k) => jacobian[e * columns + k]! * factor(e, k))) continue;
    const order = used === goes ? "multiply first, then sum" : "sum first, then multiply";
    const text = `each contribution is multiplied with the factor of ${used}, where that of ${right} belongs: ${order}`;
    return { kind: "shift", text };
  }
  return null;
}

/** Whether elements reach those on one side of them along an axis alone, as in a cumulative sum. */
function isOneSided({ jacobian, upstream, shape }: Suspect, axis: number): boolean {
  const small = 1e-9 * largest(jacobian);
  let [before, after] = [false, false];
  for (let at = 0; at < jacobian.length; at++) {
    if (Math.abs(jacobian[at]!) <= small) continue;
    const from = coordinates(shape, Math.floor(at / upstream.length))[axis]!;
    const to = coordinates(shape, at % upstream.length)[axis]!;
    before ||= to < from;
    after ||= to > from;
  }
  return before !== after;
}

function placed(index: readonly number[], axis: number, at: number): readonly number[] {
  return index.map((own, i) => (i === axis ? at : own));
}

/** Elements get what belongs to others: every row of what backward computes is a row of the right matrix, of another element. */
export function rowsOfOthers(suspect: Suspect): Cause | null {
  const found = mapped(suspect, true);
  if (found === null) return null;
  const { name, shape } = suspect;
  const at = (flat: number): string => `[${coordinates(shape, flat).join(", ")}]`;
  const text = `the gradient goes to the wrong elements: ${at(found.at)} of ${name} gets what belongs to ${at(found.from)}${found.count > 1 ? `, and ${found.count - 1} more likewise` : ""}`;
  return { kind: "shift", text };
}

/** The gradient from above is read at the wrong elements. */
export function columnsOfOthers(suspect: Suspect): Cause | null {
  const found = mapped(suspect, false);
  if (found === null) return null;
  const { outputShape } = suspect;
  const at = (flat: number): string =>
    outputShape.length === 0 ? `${flat}` : `[${coordinates(outputShape, flat).join(", ")}]`;
  const text = `the gradient from above is taken at the wrong elements: that at ${at(found.at)} is used as that at ${at(found.from)}${found.count > 1 ? `, and ${found.count - 1} more likewise` : ""}`;
  return { kind: "shift", text };
}

/** The first row or column that is not in its place, and how many are not; null unless each is a right one of some place. */
function mapped(
  suspect: Suspect,
  isOfRows: boolean,
): { readonly at: number; readonly from: number; readonly count: number } | null {
  const { jacobian, returned, known, upstream, x, tolerance } = suspect;
  if (returned === null || known.includes(0)) return null;
  const [rows, columns] = [x.length, upstream.length];
  const [lines, length] = isOfRows ? [rows, columns] : [columns, rows];
  if (lines < 3 || length < 3 || lines > 256) return null;
  const small = tolerance * Math.max(largest(jacobian), largest(returned));
  const at = (line: number, i: number): number => (isOfRows ? line * columns + i : i * columns + line);
  const isSame = (matrix: Float64Array, line: number, other: number): boolean => {
    for (let i = 0; i < length; i++) {
      if (!(Math.abs(matrix[at(line, i)]! - jacobian[at(other, i)]!) <= small)) return false;
    }
    return true;
  };
  const all = Array.from({ length: lines }, (_, line) => line);
  // Rows that are alike, or all zero, tell nothing of where they belong.
  const isTold = (line: number): boolean =>
    all.every((other) => other === line || !isSame(jacobian, line, other)) &&
    Array.from({ length }, (_, i) => Math.abs(jacobian[at(line, i)]!)).filter((value) => value > small).length > 1;
  if (!all.every(isTold)) return null;
  const sources = all.map((line) =>
    isSame(returned, line, line) ? line : all.find((other) => isSame(returned, line, other)),
  );
  if (sources.includes(undefined)) return null;
  const moved = all.filter((line) => sources[line] !== line);
  return moved.length === 0 ? null : { at: moved[0]!, from: sources[moved[0]!]!, count: moved.length };
}

/** Elements depend on each other along an axis in backward, along which forward keeps them apart. */
export function mixedAlong(suspect: Suspect): Cause | null {
  const { jacobian, returned, shape, outputShape, tolerance } = suspect;
  if (returned === null || shape.length < 2 || shape.join() !== outputShape.join()) return null;
  const small = 10 * tolerance * Math.max(largest(jacobian), largest(returned));
  const [right, used] = [axesOf(suspect, jacobian, small), axesOf(suspect, returned, small)];
  if (right === null || used === null) return null;
  const [wrong] = used.filter((axis) => !right.includes(axis));
  if (wrong === undefined || right.length === 0) return null;
  const text = `backward lets elements depend on each other along axis ${wrong}, forward along axis ${right.join(" and ")} alone: a sum or mean in backward runs over the wrong axis`;
  return { kind: "missing-reduction", text };
}

/** Axes along which elements reach others; null where some reach others that are apart along several. */
function axesOf({ shape, upstream, known }: Suspect, matrix: Float64Array, small: number): number[] | null {
  const axes = new Set<number>();
  for (let at = 0; at < matrix.length; at++) {
    if (known[at] === 0 || Math.abs(matrix[at]!) <= small) continue;
    const from = coordinates(shape, Math.floor(at / upstream.length));
    const to = coordinates(shape, at % upstream.length);
    const apart = shape.flatMap((_, axis) => (from[axis] === to[axis] ? [] : [axis]));
    if (apart.length > 1) return null;
    if (apart.length === 1) axes.add(apart[0]!);
  }
  return [...axes];
}
