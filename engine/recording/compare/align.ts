import { NodeKind } from "../../protocol/graph.ts";
import type { PassStructure } from "../pass-structure.ts";

/** A row of the first pass and its partner in the second; -1 where there is none. */
export type RowPair = readonly [first: number, second: number];

/** Gaps of up to so many pairs of rows are aligned by their longest common subsequence; larger ones first come, first served. */
const LARGEST_TABLE = 4_000_000;

/**
 * Finds for every row of two passes its partner in the other, in the order of both. Passes of one structure are paired row by
 * row; else rows that say who they are (module, variable, op) are paired first, and what lies between them by op, shape and line.
 */
export function alignRows(first: PassStructure, second: PassStructure): RowPair[] {
  if (isSameStructure(first, second)) return Array.from({ length: first.rows }, (_, row) => [row, row] as const);
  const pairs: RowPair[] = [];
  let [a, b] = [0, 0];
  for (const [anchorA, anchorB] of [...anchors(first, second), [first.rows, second.rows] as const]) {
    pairs.push(...alignGap(first, second, a, anchorA, b, anchorB));
    if (anchorA < first.rows) pairs.push([anchorA, anchorB]);
    [a, b] = [anchorA + 1, anchorB + 1];
  }
  return pairs;
}

/** The same ops, wired the same way. */
function isSameStructure(first: PassStructure, second: PassStructure): boolean {
  if (first === second) return true;
  if (first.rows !== second.rows || first.inputs.length !== second.inputs.length) return false;
  for (let row = 0; row < first.rows; row++) {
    if (opName(first, row) !== opName(second, row)) return false;
    if (first.inputStart[row] !== second.inputStart[row]) return false;
  }
  return first.inputs.every((input, edge) => input === second.inputs[edge]);
}

/** Pairs of rows whose names are unique in both passes, as many as are in the same order in both. */
function anchors(first: PassStructure, second: PassStructure): RowPair[] {
  const inSecond = uniqueRows(second);
  const candidates = [...uniqueRows(first)].flatMap(([name, row]): RowPair[] => {
    const partner = row < 0 ? undefined : inSecond.get(name);
    return partner === undefined || partner < 0 ? [] : [[row, partner]];
  });
  return longestIncreasing(candidates.sort(([a], [b]) => a - b));
}

/** The row of each name; -1 for names that several rows have. */
function uniqueRows(pass: PassStructure): Map<string, number> {
  const rows = new Map<string, number>();
  for (let row = 0; row < pass.rows; row++) {
    const name = identityOf(pass, row);
    if (name !== null) rows.set(name, rows.has(name) ? -1 : row);
  }
  return rows;
}

/** Who a row is, by module, call, variable and op; null for one that no name tells from others. */
function identityOf(pass: PassStructure, row: number): string | null {
  const label = pass.labels[pass.label[row]!]!;
  const scope = pass.scopes[pass.scope[row]!];
  if (label === "" && scope === undefined) return null;
  return JSON.stringify([opName(pass, row), scope?.path, scope?.call, label]);
}

/** The longest subsequence whose second rows ascend as the first do. */
function longestIncreasing(pairs: readonly RowPair[]): RowPair[] {
  // ends[n]: the pair with the smallest second row that ends such a sequence of n + 1 pairs.
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, second], i) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![1] < second) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[i] = ends[low - 1]!;
    ends[low] = i;
  });
  const found: RowPair[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) found.push(pairs[i]!);
  return found.reverse();
}

/** Aligns the rows from `a` to `endA` with those from `b` to `endB`. */
function alignGap(
  first: PassStructure,
  second: PassStructure,
  a: number,
  endA: number,
  b: number,
  endB: number,
): RowPair[] {
  const keysA = Array.from({ length: endA - a }, (_, i) => kindOf(first, a + i));
  const keysB = Array.from({ length: endB - b }, (_, i) => kindOf(second, b + i));
  const matches = matchingKeys(keysA, keysB);
  const pairs: RowPair[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...matches, [keysA.length, keysB.length] as const]) {
    for (; i < nextI; i++) pairs.push([a + i, -1]);
    for (; j < nextJ; j++) pairs.push([-1, b + j]);
    if (nextI < keysA.length) pairs.push([a + i++, b + j++]);
  }
  return pairs;
}

/** What makes two rows of unnamed ops partners: op, sizes and line, the last by the text around it alone. */
function kindOf(pass: PassStructure, row: number): string {
  const shape = pass.shapes.subarray(pass.shapeStart[row], pass.shapeStart[row + 1]).join();
  const site = pass.sites[pass.site[row]!];
  const name = pass.nodeKind[row] === NodeKind.constant ? pass.labels[pass.label[row]!] : "";
  return `${opName(pass, row)} ${shape} ${site?.within ?? ""} ${name}`;
}

/** Places of equal keys, ascending in both: what both begin and end with, and as many as can be found between. */
function matchingKeys(a: readonly string[], b: readonly string[]): RowPair[] {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const [middleA, middleB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const isSmall = middleA.length * middleB.length <= LARGEST_TABLE;
  const middle = (isSmall ? commonSubsequence : firstComeMatches)(middleA, middleB);
  return [
    ...Array.from({ length: head }, (_, i) => [i, i] as const),
    ...middle.map(([i, j]) => [head + i, head + j] as const),
    ...Array.from({ length: tail }, (_, i) => [a.length - tail + i, b.length - tail + i] as const),
  ];
}

function commonSubsequence(a: readonly string[], b: readonly string[]): RowPair[] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const matches: RowPair[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) matches.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return matches;
}

/** Pairs each row with the next one of its kind. */
function firstComeMatches(a: readonly string[], b: readonly string[]): RowPair[] {
  const places = new Map<string, number[]>();
  b.forEach((key, j) => {
    const list = places.get(key);
    if (list) list.push(j);
    else places.set(key, [j]);
  });
  const matches: RowPair[] = [];
  let from = 0;
  a.forEach((key, i) => {
    const list = places.get(key);
    while (list !== undefined && list.length > 0 && list[0]! < from) list.shift();
    const j = list?.shift();
    if (j === undefined) return;
    matches.push([i, j]);
    from = j + 1;
  });
  return matches;
}

function opName(pass: PassStructure, row: number): string {
  return pass.ops[pass.op[row]!]!.name;
}
