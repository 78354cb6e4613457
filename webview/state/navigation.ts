import { signal } from "@preact/signals";

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
/** What is to be selected in the next pass that arrives, by its key. */
export const wantedSelection = signal<string | null>(null);
/** Where the drawing stands on the page: screen = drawing × k + (x, y). */
export const viewport = signal<Viewport>({ x: 0, y: 0, k: 1 });
/** The file whose graph the viewport was made for; null when the next graph chooses its own. */
export const viewportFile = signal<string | null>(null);
/** Selections visited, and where in that list we stand. */
export const places = signal<{ readonly list: readonly Selection[]; readonly at: number }>({ list: [], at: -1 });

const MOST_PLACES = 50;

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

/** Counts the nodes asked into view. */
export const revealed = signal(0);
