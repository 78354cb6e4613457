import { signal } from "@preact/signals";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Plane } from "../../engine/protocol/inspection.ts";
import type { OverlayName } from "../graph/overlay.ts";
import type { ThemeKind } from "../ui/color-scale.ts";

export const lensOpen = signal(false);
export const overlayName = signal<OverlayName>("gradient norm");
export const searchText = signal("");
/** Which hit of the search is shown; −1 before the first. */
export const hitIndex = signal(-1);
export const helpOpen = signal(false);
export const playing = signal(false);
/** Steps a second while playing, as a multiple of two. */
export const speed = signal(1);
export const inspectorWidth = signal(340);
/** Null: open where there is room. */
export const parametersOpen = signal<boolean | null>(null);
export const theme = signal<ThemeKind>("dark");
export const reducedMotion = signal(false);

/** Which tensor of the node the heat map shows. */
export const tensor = signal<"gradient" | "value" | "accumulated">("gradient");
export const tab = signal<"analytic" | "numeric" | "difference">("analytic");
/** Axes of the heat map, the slice through the others, and its window; null for the engine's choice. */
export const axes = signal<readonly [number, number] | null>(null);
export const slice = signal<readonly number[] | null>(null);
export const window_ = signal<readonly [number, number, number, number] | null>(null);
/** The chosen element; null for the first. */
export const element = signal<readonly number[] | null>(null);
export const tableOpen = signal(false);
export const logHistogram = signal(false);
/** Edges of the tape that a hovered contribution came along. */
export const litEdges = signal<readonly number[]>([]);
/** Shown for some seconds. */
export const toast = signal<Failure | null>(null);
/** Said to screen readers once. */
export const announcement = signal("");

/** The plane of the engine that the chosen tensor and tab mean. */
export function planeOf(which: "gradient" | "value" | "accumulated", shownTab: string): Plane {
  if (which !== "gradient" || shownTab === "analytic") return which;
  return shownTab === "numeric" ? "numeric" : "difference";
}
