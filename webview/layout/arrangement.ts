/** How graph and inspector share the panel: beside each other, one above the other, or one at a time behind tabs. */
export type Arrangement = "beside" | "stacked" | "tabs";

/** Narrower than this, a graph beside an inspector is a slit. */
const BESIDE_WIDTH = 760;
/** Below this there is room for one of the two only; with the training view below them, for more. */
const STACKED = { width: 460, height: 560, heightWithTraining: 700 } as const;

export function arrangementOf(width: number, height: number, withTraining = false): Arrangement {
  if (width >= BESIDE_WIDTH) return "beside";
  const least = withTraining ? STACKED.heightWithTraining : STACKED.height;
  return width >= STACKED.width && height >= least ? "stacked" : "tabs";
}

/** Sizes that dividers can be moved to: the inspector's width in pixels, and the graph's share of the height. */
export const INSPECTOR_WIDTH = { least: 260, most: 720 } as const;
export const GRAPH_SHARE = { least: 0.2, most: 0.85 } as const;

export function clamped(value: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.min(most, Math.max(least, value));
}

/** Which way the forward pass runs in the drawing. */
export type Flow = "down" | "right";
export const FLOW_CHOICES = ["auto", "down", "right"] as const;
export type FlowChoice = (typeof FLOW_CHOICES)[number];

/** Beyond this shape more cards fit side by side than one under the other. */
const WIDE = 3;

/** The way that shows more of a chain in a pane of this shape. A pane without a size yet flows down. */
export function flowIn(choice: FlowChoice, width: number, height: number): Flow {
  if (choice !== "auto") return choice;
  return height > 0 && width / height > WIDE ? "right" : "down";
}
