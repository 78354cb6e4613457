import type { PassId } from "../../protocol/ids.ts";
import { numbersOf } from "../../recorders/pytorch/python-columns.ts";
import type { PythonProcess } from "../../recorders/pytorch/python-process.ts";
import type { RankRows } from "../../recording/file/rank-file.ts";

/** A pass in a few numbers for each row, as the recorder makes them. */
export type Rows = Omit<RankRows, "pass">;

/**
 * Asks a script that stands still for them; null where it runs, has gone, or has released the pass.
 * @param process the script; throws where it does not stand still
 */
export async function askRows(process: () => PythonProcess, pass: PassId): Promise<Rows | null> {
  try {
    const { header, bytes } = await process().ask("strip", { pass });
    const { rows, key, parameters } = header as unknown as Rows;
    const numbers = numbersOf(bytes);
    return {
      ...{ rows, key, parameters: [...parameters] },
      norms: numbers.subarray(0, rows),
      bad: numbers.subarray(rows, 2 * rows),
      compared: numbers.subarray(2 * rows),
    };
  } catch {
    return null;
  }
}
