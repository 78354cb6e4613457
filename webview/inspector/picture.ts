import type { HeatMap } from "../../engine/protocol/inspection.ts";
import { parseColor, SIGNED_SCALE, signedColor } from "../ui/color-scale.ts";

/** Draws the cells of a heat map, one pixel each, in the colours of a kind of theme. */
export function paint(canvas: HTMLCanvasElement, picture: HeatMap, kind: keyof typeof SIGNED_SCALE): void {
  canvas.width = Math.max(1, picture.columns);
  canvas.height = Math.max(1, picture.rows);
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(canvas.width, canvas.height);
  const [negative, zero, positive] = SIGNED_SCALE[kind];
  const ends = [parseColor(negative), parseColor(zero), parseColor(positive)] as const;
  const alarm = parseColor("#E5484D");
  const { data } = image;
  let at = 0;
  for (const cell of picture.cells) {
    // What finite differences did not compare is left open.
    const open = Number.isNaN(cell) && (picture.plane === "numeric" || picture.plane === "difference");
    const [red, green, blue] = Number.isFinite(cell) ? signedColor(cell, picture.scale, ends) : alarm;
    data[at++] = red;
    data[at++] = green;
    data[at++] = blue;
    data[at++] = open ? 0 : 255;
  }
  context.putImageData(image, 0, 0);
}

/** Leaves nothing drawn. */
export function clear(canvas: HTMLCanvasElement): void {
  canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
}
