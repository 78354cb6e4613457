import { availableParallelism, loadavg } from "node:os";
import type { Context, Runnable, Suite } from "mocha";

/** How many programs share a processor: what waits for its turn does not hang. */
export function crowd(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

/** The declared types of mocha leave this method out. */
interface Hooked {
  getHooks(name: "beforeAll" | "beforeEach" | "afterEach" | "afterAll"): readonly Runnable[];
}

function extendHooks(suite: Suite): void {
  const hooked = suite as unknown as Hooked;
  for (const name of ["beforeAll", "beforeEach", "afterEach", "afterAll"] as const) {
    for (const hook of hooked.getHooks(name)) hook.timeout(hook.timeout() * crowd());
  }
  for (const nested of suite.suites) extendHooks(nested);
}

/** Timeouts of tests and of hooks are those of a machine that does little else. */
export const mochaHooks = {
  beforeAll(this: Context): void {
    const root = this.test?.parent;
    if (root) extendHooks(root);
  },
  beforeEach(this: Context): void {
    const test = this.currentTest;
    test?.timeout(test.timeout() * crowd());
  },
};
