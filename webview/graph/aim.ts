import type { CameraWish } from "../state/navigation.ts";
import { firstView, following, wholeView, within, type PaneSize } from "./framing.ts";
import { shownItem, type Box, type Scene } from "./scene.ts";
import type { Hierarchy, Item } from "./group.ts";
import { bringingIntoView, LEAST_SCALE, READABLE, type View } from "./view-box.ts";

/** What the camera is to look at, at one moment. */
export interface Sight {
  readonly scene: Scene;
  readonly size: PaneSize;
  /** The card that stands for the cursor's node. */
  readonly current: Item | null;
  /** The card of what is inspected. */
  readonly selected: Item | null;
  readonly tree: Hierarchy;
}

export interface Aimed {
  readonly view: View;
  readonly framing: "first" | "whole" | "hand";
  /** Whether the wish was fulfilled; else it waits for the layout that it is about. */
  readonly fulfilled: boolean;
  readonly smoothly: boolean;
}

/** A scale at which all of a card's text can be read. */
const CLOSE = 0.9;

/**
 * Where the camera goes from `view`, given what it looked at before (null before the first layout): where it is asked
 * to; else, while nobody has moved it, to the first view or the whole again when these change; and in any case to where
 * the current node is in view, by the least movement.
 */
export function aim(
  view: View,
  framing: Aimed["framing"],
  before: Sight | null,
  now: Sight,
  wish: CameraWish | null,
): Aimed {
  const isNewScene = before?.scene !== now.scene;
  const asked = wish && fulfil(wish, view, before, now);
  if (asked) return { ...asked, fulfilled: true };
  const box = boxOf(now, now.current);
  const isResized = before !== null && (before.size.width !== now.size.width || before.size.height !== now.size.height);
  const hasOtherSize =
    before !== null &&
    isNewScene &&
    (before.scene.width !== now.scene.width || before.scene.height !== now.scene.height);
  if (before === null || (framing !== "hand" && (isResized || hasOtherSize))) {
    const fresh = framing === "whole" ? wholeView(now.scene, now.size) : firstView(now.scene, box, now.size);
    return { view: fresh, framing: framing === "whole" ? "whole" : "first", fulfilled: false, smoothly: false };
  }
  const moved = isNewScene || isResized || before.current !== now.current;
  const kept = before.current === now.current ? keptAt(view, before, now) : box;
  const filled = isMuchLarger(now.size, before.size) ? within(now.scene, view, now.size) : view;
  const next = moved && kept ? following(filled, kept, now.size) : filled;
  return { view: next, framing, fulfilled: false, smoothly: !isResized };
}

/** Whether a pane has grown so that there would be a void beside the drawing: it shows more of it then. A sentence takes less. */
function isMuchLarger(now: PaneSize, before: PaneSize): boolean {
  return now.width > 1.2 * before.width || now.height > 1.2 * before.height;
}

/**
 * What stays in view where nobody has stepped, and only the room changes: the current node, or else, where somebody or a
 * comparison has gone to another, that one. The sentence about a wrong gradient takes room of the drawing just as its node is shown.
 */
function keptAt(view: View, before: Sight, now: Sight): Box | undefined {
  const isSeen = (item: Item | null): boolean => {
    const box = boxOf(before, item);
    return box !== undefined && bringingIntoView(view, box, before.size.width, before.size.height, 0) === view;
  };
  const goesToSelected = !isSeen(now.current) && isSeen(now.selected);
  return boxOf(now, goesToSelected ? now.selected : now.current);
}

function boxOf({ scene }: Sight, item: Item | null): Box | undefined {
  return item === null ? undefined : scene.byItem.get(item);
}

function fulfil(wish: CameraWish, view: View, before: Sight | null, now: Sight): Omit<Aimed, "fulfilled"> | null {
  const { scene, size } = now;
  switch (wish.kind) {
    case "whole":
      return { view: wholeView(scene, size), framing: "whole", smoothly: true };
    case "centre":
      return { view: centredOn(wish.x, wish.y, view.k, size), framing: "hand", smoothly: false };
    case "show": {
      const box = scene.byItem.get(wish.item);
      if (!box) return { view, framing: "hand", smoothly: false };
      const room = Math.min((size.width - 48) / box.width, (size.height - 48) / box.height);
      const k = Math.max(LEAST_SCALE, Math.min(1, room));
      return {
        view: centredOn(box.x + box.width / 2, box.y + box.height / 2, k, size),
        framing: "hand",
        smoothly: true,
      };
    }
    case "reveal": {
      const item = shownItem(scene, now.tree, wish.node);
      const box = item === null ? undefined : scene.byItem.get(item);
      // Behind a closed group: the layout that opens it is on its way.
      if (!box || (item !== wish.node && before?.scene === scene)) return null;
      const close = view.k < READABLE ? { ...view, k: CLOSE } : view;
      return { view: bringingIntoView(close, box, size.width, size.height), framing: "hand", smoothly: true };
    }
    case "hold": {
      if (!before || before.scene === scene) return null;
      const from = before.scene.byItem.get(wish.item);
      const to = scene.byItem.get(wish.item);
      const held =
        from && to ? { ...view, x: view.x + (from.x - to.x) * view.k, y: view.y + (from.y - to.y) * view.k } : view;
      const was = boxOf(before, before.current);
      const is = boxOf(now, now.current);
      // Whoever opens a group beside the current node still sees that afterwards.
      const wasSeen = was !== undefined && following(view, was, before.size) === view;
      return { view: wasSeen && is ? following(held, is, size) : held, framing: "hand", smoothly: false };
    }
    case "zoom":
      return null;
  }
}

function centredOn(x: number, y: number, k: number, { width, height }: PaneSize): View {
  return { k, x: width / 2 - x * k, y: height / 2 - y * k };
}
