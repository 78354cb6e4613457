import type { Cursor } from "./cursor.ts";
import type { JobId, PassId } from "./ids.ts";

/** What can be asked of a run whose program can be run again. Every method may reject with a {@link Failure}. */
export interface Rerunning {
  /**
   * Shows a pass of the training log. One that is kept is shown at once; for one that was released the file is run again, with the
   * same random numbers, and stops there: the program then stands in that pass. What it prints on the way is left out; what it
   * does besides, such as writing files, it does again. Rejected, with everything as it was before, where the two runs part: with the
   * pass, the numbers, and which clocks the file has read. Not while the program runs.
   */
  goToPass(job: JobId, pass: PassId): Promise<Cursor>;
  cancelGoTo(job: JobId): Promise<void>;
}
