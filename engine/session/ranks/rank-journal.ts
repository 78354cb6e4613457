import type { PythonProcess } from "../../recorders/pytorch/python-process.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { RankNotes } from "../../recording/file/rank-file.ts";
import type { RankIdentity, RankReport } from "../../recording/ranks/rank-reports.ts";
import type { RankRecord } from "../recording/recording-task.ts";
import { askRows } from "./rank-rows.ts";

/** Reports of a rank that are kept for its recording, as text. The first violation is what matters, so the first are kept. */
const MOST_CHARACTERS = 16 * 2 ** 20;

/** What one of several ranks tells, kept for its recording. */
export class RankJournal implements RankRecord {
  readonly identity: RankIdentity;
  readonly #process: () => PythonProcess;
  readonly #reports: RankReport[] = [];
  #characters = 0;
  #dropped = 0;

  /**
   * @param keeps false where nobody will ask for the reports
   * @param process the script, where it stands still; throws a Failure where it does not
   */
  constructor(identity: RankIdentity, keeps: boolean, process: () => PythonProcess) {
    this.identity = identity;
    if (!keeps) this.#characters = Infinity;
    this.#process = process;
  }

  take(report: RankReport): void {
    if (this.#characters <= MOST_CHARACTERS) this.#characters += JSON.stringify(report).length;
    // Once something is dropped, nothing after it is kept: it would be held against another pass.
    if (this.#characters > MOST_CHARACTERS) this.#dropped++;
    else this.#reports.push(report);
  }

  async notes(passes: readonly PassId[]): Promise<RankNotes> {
    const rows = await Promise.all(passes.map(async (pass) => ({ pass, rows: await askRows(this.#process, pass) })));
    return {
      reports: [...this.#reports],
      dropped: this.#dropped,
      passes: rows.flatMap(({ pass, rows }) => (rows ? [{ pass, ...rows }] : [])),
    };
  }
}
