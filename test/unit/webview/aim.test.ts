import assert from "node:assert/strict";
import { aim, type Sight } from "../../../webview/graph/aim.ts";
import type { Hierarchy } from "../../../webview/graph/group.ts";
import type { Placed, Scene } from "../../../webview/graph/scene.ts";
import type { View } from "../../../webview/graph/view-box.ts";
import { arrangementOf, flowIn } from "../../../webview/layout/arrangement.ts";

/** A chain of `length` cards, one under the other. */
function chain(length: number, gap = 64): Scene {
  const placed = Array.from({ length }, (_, item): Placed => {
    return { item, open: false, depth: 0, x: 0, y: item * gap, width: 192, height: 44 };
  });
  const byItem = new Map(placed.map((one) => [one.item, one]));
  return { width: 192, height: (length - 1) * gap + 44, placed, byItem, edges: [], flow: "down" };
}

const tree = { groups: [], groupOfNode: new Int32Array(100), consumers: {} } as unknown as Hierarchy;
const start: View = { x: 0, y: 0, k: 1 };
const sight = (scene: Scene, current: number, width = 500, height = 300): Sight => ({
  scene,
  current,
  selected: null,
  tree,
  size: { width, height },
});

function sees(view: View, now: Sight): boolean {
  const box = now.scene.byItem.get(now.current ?? -1);
  if (!box) return false;
  const top = box.y * view.k + view.y;
  const left = box.x * view.k + view.x;
  return top >= 0 && left >= 0 && top + 44 * view.k <= now.size.height && left + 192 * view.k <= now.size.width;
}

describe("the camera", () => {
  it("shows a small graph whole at the first stop, and a large one around the current node, with text to be read", () => {
    const small = sight(chain(6), 5);
    assert.ok(aim(start, "first", null, small, null).view.k >= 0.48);
    for (const current of [0, 20, 39]) {
      const large = sight(chain(40), current);
      const { view } = aim(start, "first", null, large, null);
      assert.ok(view.k >= 0.82, String(view.k));
      assert.ok(sees(view, large));
    }
  });

  it("keeps the current node in view at every step and every size, and does not move where it is in view", () => {
    const scene = chain(40);
    for (const [width, height] of [
      [390, 500],
      [640, 300],
      [1200, 60],
      [220, 700],
    ] as const) {
      let before = sight(scene, 39, width, height);
      let view = aim(start, "first", null, before, null).view;
      for (let current = 39; current >= 0; current--) {
        const now = sight(scene, current, width, height);
        const wasSeen = sees(view, now);
        const next = aim(view, "hand", before, now, null).view;
        assert.ok(sees(next, now), `${String(width)} × ${String(height)}, node ${String(current)}`);
        assert.equal(next.k, view.k);
        if (wasSeen) assert.ok(Math.abs(next.y - view.y) <= 32);
        view = next;
        before = now;
      }
    }
  });

  it("frames again when the pane changes its size, unless a hand has moved it: then the current node stays in view", () => {
    const before = sight(chain(40), 39);
    const { view } = aim(start, "first", null, before, null);
    const now = sight(before.scene, 39, 300, 120);
    for (const framing of ["first", "hand"] as const) assert.ok(sees(aim(view, framing, before, now, null).view, now));
    const whole = aim(view, "whole", before, sight(before.scene, 39, 900, 900), null);
    assert.equal(whole.framing, "whole");
    assert.ok(whole.view.y >= 0 && whole.view.y + before.scene.height * whole.view.k <= 900);
  });

  it("leaves no void beside a drawing where its pane grows, and does not move it where a sentence goes", () => {
    const before = sight(chain(6), 5, 300, 300);
    const view: View = { x: 40, y: -100, k: 1 };
    const grown = aim(view, "hand", before, sight(before.scene, 5, 1400, 800), null).view;
    assert.deepEqual(grown, { x: (1400 - 192) / 2, y: (800 - before.scene.height) / 2, k: 1 });
    assert.deepEqual(aim(view, "hand", before, sight(before.scene, 5, 300, 320), null).view.x, 40);
  });

  it("keeps in view what a comparison went to, where the sentence about it takes room of the pane", () => {
    const scene = chain(40);
    const start_ = sight(scene, 39);
    const { view } = aim(start, "first", null, start_, null);
    const shown = { ...start_, selected: 4 };
    const revealed = aim(view, "first", start_, shown, { kind: "reveal", node: 4 });
    const smaller = { ...shown, size: { width: 500, height: 200 } };
    const kept = aim(revealed.view, revealed.framing, shown, smaller, null).view;
    assert.ok(sees(kept, { ...smaller, current: 4 }));
    // A step goes to the current node again.
    const stepped = { ...smaller, current: 38 };
    assert.ok(sees(aim(kept, "hand", smaller, stepped, null).view, stepped));
  });

  it("holds an opened card, but gives way where the current node would leave the view", () => {
    const before = sight(chain(4), 3);
    const { view } = aim(start, "first", null, before, null);
    const grown = sight(chain(4, 80), 3);
    const held = aim(view, "first", before, grown, { kind: "hold", item: 1 });
    assert.ok(held.fulfilled && sees(held.view, grown));
    const shot = sight(chain(4, 200), 3);
    assert.ok(sees(aim(view, "first", before, shot, { kind: "hold", item: 0 }).view, shot));
  });

  it("waits with a hold until its layout is there", () => {
    const now = sight(chain(4), 3);
    assert.equal(aim(start, "hand", now, now, { kind: "hold", item: 1 }).fulfilled, false);
  });
});

describe("the panes", () => {
  it("stand beside each other, above each other, or one at a time", () => {
    assert.equal(arrangementOf(1280, 720), "beside");
    assert.equal(arrangementOf(640, 720), "stacked");
    assert.equal(arrangementOf(390, 844), "tabs");
    assert.equal(arrangementOf(640, 400), "tabs");
    assert.equal(arrangementOf(520, 640, true), "tabs");
  });

  it("flow by their shape, or as was chosen", () => {
    assert.equal(flowIn("auto", 500, 300), "down");
    assert.equal(flowIn("auto", 1400, 300), "right");
    assert.equal(flowIn("down", 1400, 300), "down");
  });
});
