import { setTimeout } from "node:timers/promises";
import type { PythonProcess } from "../../recorders/pytorch/python-process.ts";

/** How long a script that is to be ended may take to its next pass, and then by an interrupt to its end. */
const NEXT_PASS_MILLISECONDS = 2_000;
const INTERRUPTED_MILLISECONDS = 5_000;

/** Whether a script stands still, after a pass or at its end: its tensors can be read then, and go with it. */
export class Standstill {
  #reached = Promise.withResolvers<void>();

  reach(): void {
    this.#reached.resolve();
  }

  leave(): void {
    this.#reached = Promise.withResolvers();
  }

  /** Brings a running script to a standstill. @returns false where it does not come to one in time */
  async bring(process: PythonProcess): Promise<boolean> {
    process.stopOn({ kind: "every" });
    if (await this.#within(NEXT_PASS_MILLISECONDS)) return true;
    return this.interrupt(process);
  }

  /** Interrupts a running script. @returns false where it does not come to its end in time */
  async interrupt(process: PythonProcess): Promise<boolean> {
    return process.interrupt() && this.#within(INTERRUPTED_MILLISECONDS);
  }

  #within(milliseconds: number): Promise<boolean> {
    const over = setTimeout(milliseconds, false, { ref: false });
    return Promise.race([this.#reached.promise.then(() => true), over]);
  }
}
