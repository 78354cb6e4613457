import type { Item } from "./hierarchy.ts";

/** What buttons and keys outside the drawing can ask of it. */
export interface GraphControls {
  fit(): void;
  /** Brings an item to the middle. */
  show(item: Item | null): void;
  zoomBy(factor: number): void;
  /** In the drawing's coordinates. */
  centreOn(x: number, y: number): void;
  size(): { readonly width: number; readonly height: number };
}

let controls: GraphControls | null = null;

export function setGraphControls(to: GraphControls): void {
  controls = to;
}

export function graphControls(): GraphControls | null {
  return controls;
}
