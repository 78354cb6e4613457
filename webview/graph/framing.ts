import type { Box, Scene } from "./scene.ts";
import { bringingIntoView, fitted, LEAST_SCALE, READABLE, type View } from "./view-box.ts";

/** The size of the pane that a drawing is shown in, in pixels. */
export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** A graph that is not shown whole is first shown at this scale: all of a card's text, and some of its surroundings. */
const SURROUNDINGS = 0.9;
const MARGIN = 12;
/** What is kept free around the current node, for the edges that lead away from it. */
const ROOM = 32;

/** The whole drawing, as large as it can be shown. */
export function wholeView(scene: Scene, { width, height }: PaneSize): View {
  return fitted({ x: 0, y: 0, width: scene.width, height: scene.height }, width, height, MARGIN);
}

/** The first view of a pass: the whole where it can be read, else the current node with what is around it. */
export function firstView(scene: Scene, current: Box | undefined, size: PaneSize): View {
  const whole = wholeView(scene, size);
  if (whole.k >= READABLE || !current) return whole;
  const room = Math.min((size.width - 2 * MARGIN) / current.width, (size.height - 2 * MARGIN) / current.height);
  const k = Math.max(LEAST_SCALE, Math.min(SURROUNDINGS, room));
  return within(
    scene,
    {
      k,
      x: size.width / 2 - (current.x + current.width / 2) * k,
      y: size.height / 2 - (current.y + current.height / 2) * k,
    },
    size,
  );
}

/** The nearest view that shows the current node, with room around it where the pane is large enough. */
export function following(view: View, current: Box, { width, height }: PaneSize): View {
  const margin = Math.max(
    2,
    Math.min(ROOM, (height - current.height * view.k) / 2, (width - current.width * view.k) / 2),
  );
  return bringingIntoView(view, current, width, height, margin);
}

/** Moves a view so that no more is empty than must be: beyond the drawing's ends there is nothing to see. */
export function within(scene: Scene, view: View, { width, height }: PaneSize): View {
  const along = (offset: number, length: number, room: number): number => {
    const drawn = length * view.k;
    if (drawn + 2 * MARGIN <= room) return (room - drawn) / 2;
    return Math.min(MARGIN, Math.max(room - MARGIN - drawn, offset));
  };
  return { k: view.k, x: along(view.x, scene.width, width), y: along(view.y, scene.height, height) };
}
