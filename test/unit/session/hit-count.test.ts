import assert from "node:assert/strict";
import { HitCount } from "../../../engine/session/breakpoints/hit-count.ts";
import type { PassId } from "../../../engine/protocol/ids.ts";

const [first, second] = [0 as PassId, 1 as PassId];

describe("the count of a breakpoint's hits", () => {
  it("is not moved by a look at a pass that was looked at before, whatever comes between", () => {
    const hits = new HitCount();
    hits.begin(first);
    assert.deepEqual([hits.add(), hits.add()], [1, 2]);
    hits.begin(second);
    const again = hits.from(first);
    assert.equal(again.add(), 1);
    // The next pass is looked at while somebody still looks at the first.
    assert.equal(hits.add(), 3);
    assert.equal(again.add(), 2);
    assert.equal(hits.add(), 4);
  });

  it("goes on from where the newest pass was counted to anew", () => {
    const hits = new HitCount();
    hits.begin(first);
    hits.add();
    hits.add();
    const again = hits.from(first);
    again.add();
    hits.follow(again);
    assert.equal(hits.add(), 2);
  });
});
