import type { PassId } from "../../protocol/ids.ts";
import type { RankColumns } from "../../protocol/ranks.ts";
import { alignRows, type RowPair } from "../../recording/compare/align.ts";
import type { RankNumbers, RankPromise } from "../../recording/ranks/rank-reports.ts";
import { odd } from "../../recording/ranks/relations.ts";
import type { PassStructure } from "../../recording/pass-structure.ts";
import type { Rows } from "./rank-rows.ts";

/** A rank whose numbers can be asked for. */
export interface RankOfStrip {
  /** Null where it does not have the pass, or cannot answer. */
  rows(pass: PassId): Promise<Rows | null>;
  structure(pass: PassId): Promise<PassStructure>;
}

/**
 * What ranks that stand still have at the rows of a pass of the shown one. No tensor of the others crosses, and no column unless
 * their pass has another structure.
 * @param promiseOf what the ranks promise each other of a parameter of the shown rank's pass
 */
export async function readStrip(
  ranks: readonly (RankOfStrip | null)[],
  shown: number,
  pass: PassId,
  promiseOf: (row: number) => RankPromise | null,
): Promise<readonly RankColumns[]> {
  const told = await Promise.all(ranks.map(async (rank) => (await rank?.rows(pass)) ?? null));
  const base = told[shown];
  if (!base) return ranks.map((_, rank) => nothing(rank, 0));
  const columns = await Promise.all(
    told.map(async (own, rank) => {
      if (!own) return nothing(rank, base.rows);
      return placed(rank, own, own.key === base.key ? null : await pairs(ranks[shown]!, ranks[rank]!, pass), base.rows);
    }),
  );
  markOdd(told, base, columns, promiseOf);
  return columns;
}

async function pairs(shown: RankOfStrip, other: RankOfStrip, pass: PassId): Promise<readonly RowPair[]> {
  return alignRows(await shown.structure(pass), await other.structure(pass));
}

function nothing(rank: number, rows: number): RankColumns {
  return { rank, gradient: new Float64Array(rows).fill(NaN), wrong: new Uint8Array(rows) };
}

/** @param rows pairs of rows; null where each is its own partner */
function placed(rank: number, { norms, bad }: Rows, rows: readonly RowPair[] | null, count: number): RankColumns {
  if (!rows) return { rank, gradient: norms.slice(), wrong: Uint8Array.from(bad, (n) => (n > 0 ? 1 : 0)) };
  const columns = nothing(rank, count);
  for (const [own, other] of rows) {
    if (own < 0 || other < 0) continue;
    columns.gradient[own] = norms[other]!;
    columns.wrong[own] = bad[other]! > 0 ? 1 : 0;
  }
  return columns;
}

/** Marks parameters that the ranks promise to keep equal, and whose value or reduced gradient is another on some. */
function markOdd(
  told: readonly (Rows | null)[],
  base: Rows,
  columns: readonly RankColumns[],
  promiseOf: (row: number) => RankPromise | null,
): void {
  const alike = told.map((one) => (one?.key === base.key ? one : null));
  for (const [index, row] of base.parameters.entries()) {
    const promise = promiseOf(row);
    if (promise === null || promise === "shard") continue;
    for (const plane of promise === "reduced" ? [0, 1] : [0]) {
      const numbers = new Map<number, RankNumbers | null>();
      for (const [rank, one] of alike.entries()) if (one) numbers.set(rank, numbersAt(one.compared, 2 * index + plane));
      for (const rank of odd(numbers)) columns[rank]!.wrong[row] ||= 2;
    }
  }
}

function numbersAt(compared: Float64Array, place: number): RankNumbers | null {
  const [first, second, norm, notFinite] = compared.subarray(4 * place, 4 * place + 4) as unknown as RankNumbers;
  return Number.isNaN(first) ? null : [first, second, norm, notFinite];
}
