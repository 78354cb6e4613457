import { signal } from "@preact/signals";
import type { CheckMode } from "../../engine/protocol/check.ts";
import type { CursorMove } from "../../engine/protocol/cursor.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { Plane } from "../../engine/protocol/inspection.ts";
import type { OverlayName } from "../graph/overlay.ts";
import type { PaneSize } from "../graph/framing.ts";
import type { CardFonts } from "../graph/node-card.tsx";
import { TextRuler } from "../ui/text-ruler.ts";
import type { FlowChoice } from "../layout/arrangement.ts";
import type { ThemeKind } from "../ui/color-scale.ts";

/** Null: open where a pass is made of scalars only. */
export const lensOpen = signal<boolean | null>(null);
export const overlayName = signal<OverlayName>("gradient norm");
export const searchText = signal("");
/** Which hit of the search is shown; −1 before the first. */
export const hitIndex = signal(-1);
export const findingsOpen = signal(false);
/** The finding that was asked for last, by its key; empty where none was. */
export const shownFinding = signal("");
export const helpOpen = signal(false);
export const playing = signal(false);
/** Steps a second while playing, as a multiple of two. */
export const speed = signal(1);
/** Sizes of the panes before anybody has moved a divider. */
export const FIRST_SIZES = { inspectorWidth: 340, graphShare: 0.56 } as const;
export const inspectorWidth = signal<number>(FIRST_SIZES.inspectorWidth);
/** The graph's share of the height where it stands above the inspector. */
export const graphShare = signal<number>(FIRST_SIZES.graphShare);
export const flowChoice = signal<FlowChoice>("auto");
/** Which pane is in front where only one has room. */
export const shownPane = signal<"graph" | "inspector">("graph");
/** Sizes in pixels: of the page, and of the part of the graph's pane that the drawing has. */
export const pageSize = signal<PaneSize>({ width: 0, height: 0 });
export const drawingSize = signal<PaneSize>({ width: 0, height: 0 });
/** Whether parameters, legend and map stand beside the drawing. Null: where there is room. */
export const sideOpen = signal<boolean | null>(null);
/** Fonts of the editor, as names, and what measures text in them: drawings and pictures need them written out. */
export const fonts = signal<CardFonts>({ sans: "sans-serif", mono: "monospace", ruler: new TextRuler() });
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
/** Nodes that a term of a formula stands for, while it is pointed at. */
export const litNodes = signal<readonly number[]>([]);
/** Shown for some seconds. */
export const toast = signal<Failure | null>(null);
/** Whether a move of the cursor is on its way, and what was wished for meanwhile. */
export const cursorMoving = signal(false);
export const pendingMove = signal<CursorMove | null>(null);
/** Number of the last job asked of the engine. */
export const lastJob = signal(0);
/** How the pass that comes is to be compared with finite differences; null where nobody asked. */
export const wantedComparison = signal<CheckMode | null>(null);
/** Said to screen readers once. */
export const announcement = signal("");

/** The plane of the engine that the chosen tensor and tab mean. */
export function planeOf(which: "gradient" | "value" | "accumulated", shownTab: string): Plane {
  if (which !== "gradient" || shownTab === "analytic") return which;
  return shownTab === "numeric" ? "numeric" : "difference";
}
