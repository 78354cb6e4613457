import type { PassReport } from "../protocol/report.ts";
import { formatPass } from "./format-pass.ts";

/**
 * Prints the passes of a run in the order of their numbers. One that ran within another ends, and is reported, before it:
 * it waits for that one.
 */
export class PassPrinter {
  readonly #write: (text: string) => void;
  readonly #waiting = new Map<number, PassReport>();
  #before: PassReport | null = null;
  #next = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  take(report: PassReport): void {
    this.#waiting.set(report.index, report);
    for (let next = this.#waiting.get(this.#next); next; next = this.#waiting.get(this.#next)) this.#print(next);
  }

  /** Prints those whose outer pass never ended. */
  end(): void {
    for (const report of [...this.#waiting.values()].sort((a, b) => a.index - b.index)) this.#print(report);
  }

  #print(report: PassReport): void {
    this.#waiting.delete(report.index);
    this.#write(formatPass(report, this.#before));
    this.#before = report;
    this.#next = report.index + 1;
  }
}
