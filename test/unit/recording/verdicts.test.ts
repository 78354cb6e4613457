import assert from "node:assert/strict";
import { unknownEvidence } from "../../../engine/check/verdict/evidence.ts";
import type { CheckRow, Verdict } from "../../../engine/protocol/check.ts";
import type { NodeId } from "../../../engine/protocol/ids.ts";
import { Verdicts } from "../../../engine/recording/verdicts.ts";

describe("what comparisons have found in a pass", () => {
  const row = (verdict: Verdict, more: Partial<CheckRow> = {}): CheckRow => ({
    node: 3 as NodeId,
    scope: "op",
    name: "mul",
    label: "",
    input: null,
    site: null,
    verdict,
    evidence: unknownEvidence(),
    worst: [],
    compared: 1,
    of: 1,
    ...more,
  });

  it("keeps an op's own derivative and that of its backward apart, and lets the worse one speak", () => {
    const found = new Verdicts([row("fail"), row("pass", { order: 2 })]);
    assert.equal(found.of(3)!.verdict, "fail");
    assert.deepEqual(found.tally(), { pass: 1, fail: 1, inconclusive: 0 });
    found.learn([row("pass"), row("inconclusive", { order: 2 })]);
    assert.equal(found.of(3)!.order, 2);
    assert.deepEqual([...found.byNode()], [[3, "inconclusive"]]);
  });
});
