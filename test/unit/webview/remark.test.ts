import assert from "node:assert/strict";
import type { NodeId } from "../../../engine/protocol/ids.ts";
import type { RuleAtElement } from "../../../engine/protocol/inspection.ts";
import { remarkOf } from "../../../webview/inspector/remark.ts";

function rule(value: number, local: number, othersCount = 0): RuleAtElement {
  const consumer = 1 as NodeId;
  return {
    position: 0,
    input: 0 as NodeId,
    index: [0],
    value: Float64Array.of(value),
    sum: Float64Array.of(2 * local),
    terms: [{ consumer, consumerIndex: [0], factors: Float64Array.of(2, local, 2 * local) }],
    others: Float64Array.of(0),
    othersCount,
  };
}

describe("what a rule's numbers mean", () => {
  it("says on which side of the kink the element is, and whether the gradient passes", () => {
    assert.equal(remarkOf("x = 0", rule(2.89, 1), "x"), "x = 2.89 > 0: the gradient passes unchanged");
    assert.equal(remarkOf("x = 0", rule(-1, 0), "x"), "x = −1.00 < 0: the gradient stops here");
    assert.equal(remarkOf("x = 0", rule(0, 0), "x"), "x = 0, the kink: the gradient stops here");
    assert.equal(remarkOf("x whole", rule(0.5, 0), "x"), "x = 0.500: the gradient stops here");
  });

  it("says nothing where there is no kink, or no one factor that tells", () => {
    assert.equal(remarkOf(null, rule(1, 1), "x"), null);
    assert.equal(remarkOf("x = 0", rule(1, 0.7), "x"), null);
    assert.equal(remarkOf("x = 0", rule(1, 1, 3), "x"), null);
  });
});
