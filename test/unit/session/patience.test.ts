import assert from "node:assert/strict";
import { patience } from "../../../engine/session/patience.ts";

describe("the second of an expression", () => {
  it("is one of the clock on a machine that does little else, or does not say what it does", () => {
    assert.equal(patience(1.5, 2), 1);
    assert.equal(patience(0, 16), 1);
  });

  it("is longer by as many programs as share a processor, and three times as long at most", () => {
    assert.equal(patience(4, 2), 2);
    assert.equal(patience(64, 2), 3);
  });
});
