import assert from "node:assert/strict";
import fc from "fast-check";
import { checkProgram, programs, type Outcome } from "../../fuzz/programs.ts";

describe("random programs", () => {
  it("have the gradients that finite differences give, with broadcasting, views, writes in place and reuse", () => {
    const counts: Record<Outcome["kind"], number> = { agrees: 0, wrong: 0, refused: 0, unclear: 0 };
    fc.assert(
      fc.property(programs, (program) => {
        const outcome = checkProgram(program);
        counts[outcome.kind]++;
        assert.notEqual(outcome.kind, "wrong", JSON.stringify(outcome));
      }),
      { numRuns: 300 },
    );
    // A test that decides little would be no test.
    assert.ok(counts.agrees > 200, JSON.stringify(counts));
  }).timeout(60_000);
});
