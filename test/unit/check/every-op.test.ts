import assert from "node:assert/strict";
import fc from "fast-check";
import { checkOpsBehind, checkOpsOf, describeCheck, isCalledWrong, type OpCheck } from "../../fuzz/op-checks.ts";
import { programs } from "../../fuzz/programs.ts";
import { casesWithGradients, lossOfRedrawn } from "../../fuzz/redrawn.ts";

const cases = casesWithGradients();

/** A right gradient may be left undecided, next to a jump say. It is never called wrong. */
function assertNoneWrong(checks: readonly OpCheck[]): void {
  const wrong = checks.filter(isCalledWrong);
  assert.deepEqual(wrong.map(describeCheck), []);
}

// Each op of the engine is right. `npm run fuzz` checks them by the ten thousand.
describe("local checks of the engine's own ops", function () {
  this.timeout(60_000);

  it("raise no alarm, whatever the op and its operands", async () => {
    const property = fc.asyncProperty(fc.nat({ max: cases.length - 1 }), fc.nat(), async (index, seed) => {
      const loss = lossOfRedrawn(cases[index]!, seed);
      if (loss !== null) assertNoneWrong(await checkOpsBehind(loss));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("raise no alarm in random programs", async () => {
    const property = fc.asyncProperty(programs, async (program) => {
      assertNoneWrong(await checkOpsOf(program));
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
