import assert from "node:assert/strict";
import { positionText } from "../../../engine/recording/cursor-text.ts";

describe("Words for the cursor", () => {
  it("count the step that is about to run, and those of the whole pass at its end", () => {
    const at = (position: number): string => positionText({ position, forwardSteps: 3, backwardSteps: 2 });
    assert.equal(at(0), "forward 1 of 3");
    assert.equal(at(3), "backward 1 of 2");
    assert.equal(at(5), "end of the pass, 2 backward steps");
    assert.equal(positionText({ position: 1, forwardSteps: 0, backwardSteps: 1 }), "end of the pass, 1 backward step");
  });
});
