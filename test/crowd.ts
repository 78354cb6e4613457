import { availableParallelism, loadavg } from "node:os";
import type { Context } from "mocha";

/** How many programs share a processor: what waits for its turn does not hang. */
export function crowd(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

/** Timeouts of tests are those of a machine that does little else. */
export const mochaHooks = {
  beforeEach(this: Context): void {
    const test = this.currentTest;
    test?.timeout(test.timeout() * crowd());
  },
};
