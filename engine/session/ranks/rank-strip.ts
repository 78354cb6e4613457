import type { PassId } from "../../protocol/ids.ts";
import type { RankColumns } from "../../protocol/ranks.ts";
import { numbersOf } from "../../recorders/pytorch/python-columns.ts";
import { alignRows, type RowPair } from "../../recording/compare/align.ts";
import type { RankNumbers, RankPromise } from "../../recording/ranks/rank-reports.ts";
import { odd } from "../../recording/ranks/relations.ts";
import type { PythonRun } from "../python/python-run.ts";

/** As the recorder tells it: of each row a norm and a count, of each parameter four numbers of its value and of its `.grad`. */
interface Told {
  readonly rows: number;
  /** Equal for passes of the same ops, wired the same way. */
  readonly key: number;
  readonly parameters: readonly number[];
  readonly norms: Float64Array;
  readonly bad: Float64Array;
  readonly compared: Float64Array;
}

/**
 * What ranks that stand still have at the rows of a pass of the shown one. Of the others no tensor crosses, and no column unless their
 * pass has another structure.
 * @param promiseOf what the ranks promise each other of a parameter of the shown rank's pass
 */
export async function readStrip(
  runs: readonly (PythonRun | null)[],
  shown: number,
  pass: PassId,
  promiseOf: (row: number) => RankPromise | null,
): Promise<readonly RankColumns[]> {
  const told = await Promise.all(runs.map((run) => ask(run, pass)));
  const base = told[shown];
  if (!base) return runs.map((_, rank) => nothing(rank, 0));
  const columns = await Promise.all(
    told.map(async (own, rank) => {
      if (!own) return nothing(rank, base.rows);
      return placed(rank, own, own.key === base.key ? null : await pairs(runs[shown]!, runs[rank]!, pass), base.rows);
    }),
  );
  markOdd(told, base, columns, promiseOf);
  return columns;
}

async function ask(run: PythonRun | null, pass: PassId): Promise<Told | null> {
  try {
    const { header, bytes } = await run!.process.ask("strip", { pass });
    const { rows, key, parameters } = header as unknown as Told;
    const numbers = numbersOf(bytes);
    return {
      ...{ rows, key, parameters },
      norms: numbers.subarray(0, rows),
      bad: numbers.subarray(rows, 2 * rows),
      compared: numbers.subarray(2 * rows),
    };
  } catch {
    // It runs, has gone, or has released the pass.
    return null;
  }
}

async function pairs(shown: PythonRun, other: PythonRun, pass: PassId): Promise<readonly RowPair[]> {
  const [first, second] = await Promise.all([shown.recording.pass(pass), other.recording.pass(pass)]);
  return alignRows(first.structure, second.structure);
}

function nothing(rank: number, rows: number): RankColumns {
  return { rank, gradient: new Float64Array(rows).fill(NaN), wrong: new Uint8Array(rows) };
}

/** @param rows pairs of rows; null where each is its own partner */
function placed(rank: number, { norms, bad }: Told, rows: readonly RowPair[] | null, count: number): RankColumns {
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
  told: readonly (Told | null)[],
  base: Told,
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
