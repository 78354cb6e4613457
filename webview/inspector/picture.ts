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
  picture.cells.forEach((cell, i) => {
    // What finite differences did not compare is left open.
    const open = Number.isNaN(cell) && (picture.plane === "numeric" || picture.plane === "difference");
    const [red, green, blue] = Number.isFinite(cell) ? signedColor(cell, picture.scale, ends) : alarm;
    image.data.set([red, green, blue, open ? 0 : 255], i * 4);
  });
  context.putImageData(image, 0, 0);
}
