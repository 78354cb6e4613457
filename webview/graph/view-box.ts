import { intersects, type Box, type DrawnEdge, type Placed, type Scene } from "./scene.ts";

/** How much of a card is drawn, by zoom: a block of colour; op, label and number in two sizes; everything. */
export type Detail = "blocks" | "large" | "medium" | "full";

/** From this scale on a card's op, label and number can be read: their smallest text is 9 pixels high, and a little to spare. */
export const READABLE = 0.485;
/** From these scales on they are written smaller, so that more of them fits; and then all of a card's text. */
const MEDIUM = 0.64;
const WHOLE_TEXT = 0.825;

export function detailAt(k: number): Detail {
  return k < READABLE ? "blocks" : k < MEDIUM ? "large" : k < WHOLE_TEXT ? "medium" : "full";
}

export interface View {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** What part of the drawing a page of `width` × `height` shows. */
export function visibleBox(view: View, width: number, height: number): Box {
  return { x: -view.x / view.k, y: -view.y / view.k, width: width / view.k, height: height / view.k };
}

export function grown(box: Box, by: number): Box {
  return {
    x: box.x - box.width * by,
    y: box.y - box.height * by,
    width: box.width * (1 + 2 * by),
    height: box.height * (1 + 2 * by),
  };
}

export function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

export function placedIn(scene: Scene, box: Box): Placed[] {
  return scene.placed.filter((one) => intersects(one, box));
}

export function edgesIn(scene: Scene, box: Box): DrawnEdge[] {
  return scene.edges.filter((one) => intersects(one.box, box));
}

/** A drawing is never smaller than this, whatever the pane: one that has no room yet has no scale of its own. */
export const LEAST_SCALE = 0.02;

/** The view in which the whole drawing is seen, not larger than life. */
export function fitted(bounds: Box, width: number, height: number, margin = 24): View {
  const k = Math.min(
    1,
    (width - 2 * margin) / Math.max(1, bounds.width),
    (height - 2 * margin) / Math.max(1, bounds.height),
  );
  const scale = Math.max(LEAST_SCALE, k);
  return {
    k: scale,
    x: (width - bounds.width * scale) / 2 - bounds.x * scale,
    y: (height - bounds.height * scale) / 2 - bounds.y * scale,
  };
}

/** The nearest view of the same zoom that shows a box, with a margin in pixels; the same view when it does already. */
export function bringingIntoView(view: View, box: Box, width: number, height: number, margin = 40): View {
  const shift = (start: number, size: number, room: number): number => {
    const from = start;
    const to = start + size;
    if (size > room - 2 * margin) return (room - size) / 2 - from;
    if (from < margin) return margin - from;
    if (to > room - margin) return room - margin - to;
    return 0;
  };
  const dx = shift(box.x * view.k + view.x, box.width * view.k, width);
  const dy = shift(box.y * view.k + view.y, box.height * view.k, height);
  return dx === 0 && dy === 0 ? view : { ...view, x: view.x + dx, y: view.y + dy };
}

/** What is under a point of the drawing: the innermost card or frame, and whether it is the chevron that opens it. */
export function hitAt(
  scene: Scene,
  x: number,
  y: number,
): { readonly placed: Placed; readonly chevron: boolean } | null {
  let best: Placed | null = null;
  for (const one of scene.placed) {
    if (x < one.x || y < one.y || x > one.x + one.width || y > one.y + one.height) continue;
    if (!best || one.depth > best.depth) best = one;
  }
  if (!best) return null;
  const chevron = best.item < 0 && x - best.x < 24 && y - best.y < 26;
  return { placed: best, chevron };
}
