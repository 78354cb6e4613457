import { signal } from "@preact/signals";
import type { Item } from "../graph/group.ts";

/** What the inspector shows. Null: the cursor's node, whichever that is. */
export type Selection =
  { readonly kind: "node"; readonly node: number } | { readonly kind: "group"; readonly group: number } | null;

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** Keys of the open groups. */
export const expanded = signal<ReadonlySet<string>>(new Set());
/** Which instance each repetition shows, by the group's key. */
export const instances = signal<ReadonlyMap<string, number>>(new Map());
export const selection = signal<Selection>(null);
/** Where the drawing stands on the page: screen = drawing × k + (x, y). */
export const viewport = signal<Viewport>({ x: 0, y: 0, k: 1 });
/**
 * Who chose the viewport: the panel, which may choose again when the pane changes its size; somebody who asked for the
 * whole; or somebody's hand, which is not overruled but where the current node would be out of view.
 */
export const framing = signal<"first" | "whole" | "hand">("first");

/** What the camera is asked to do when it next can: now, or once a layout has arrived. */
export type CameraWish =
  /** Keep this card where it is on the screen. */
  | { readonly kind: "hold"; readonly item: Item }
  /** Bring what stands for a node into view. */
  | { readonly kind: "reveal"; readonly node: number }
  /** Bring an item to the middle. */
  | { readonly kind: "show"; readonly item: Item }
  | { readonly kind: "whole" }
  | { readonly kind: "zoom"; readonly by: number }
  /** In the drawing's coordinates. */
  | { readonly kind: "centre"; readonly x: number; readonly y: number };
export const cameraWish = signal<CameraWish | null>(null);
/** The node that the last step before the end showed, so that the inspector does not empty at the end. */
export const lastNode = signal(-1);
/** Selections visited, and where in that list we stand. */
export const places = signal<{ readonly list: readonly Selection[]; readonly at: number }>({ list: [], at: -1 });

const MOST_PLACES = 50;

export function forgetPlaces(): void {
  places.value = { list: [], at: -1 };
}

/** Adds a place after the current one; what was ahead of it is forgotten, as in a browser. */
export function visited(
  history: { readonly list: readonly Selection[]; readonly at: number },
  place: Selection,
): { readonly list: readonly Selection[]; readonly at: number } {
  if (JSON.stringify(history.list[history.at]) === JSON.stringify(place)) return history;
  const list = [...history.list.slice(0, history.at + 1), place].slice(-MOST_PLACES);
  return { list, at: list.length - 1 };
}

export function toggled<T>(set: ReadonlySet<T>, member: T, on = !set.has(member)): ReadonlySet<T> {
  if (set.has(member) === on) return set;
  const next = new Set(set);
  if (on) next.add(member);
  else next.delete(member);
  return next;
}
