import type { BreakpointId } from "../../protocol/breakpoints.ts";
import type { Place } from "./places.ts";

/** A place of a pass where breakpoints stop, in the user thread's terms: a row, and in which half of the pass. */
export interface Hit {
  readonly phase: "forward" | "backward";
  readonly row: number;
  readonly ids: readonly BreakpointId[];
  /** What happened, for breakpoints on health: "gradient norm 1.2e4 is above 1000". */
  readonly text: string;
  /** Which hit this is, of the breakpoint that has been hit most often. */
  readonly count: number;
}

/** A place where a breakpoint stops, and which hit of it that is. */
export interface CountedPlace {
  readonly place: Place;
  readonly count: number;
}

/** Gathers where breakpoints stop in a pass: one hit for each place, whichever of them stop there. */
export class HitCollector {
  readonly #found = new Map<string, { place: Place; ids: BreakpointId[]; texts: string[]; count: number }>();

  add(id: BreakpointId, { place, count }: CountedPlace): void {
    const key = `${place.phase} ${place.row}`;
    const known = this.#found.get(key) ?? { place, ids: [], texts: [], count };
    known.ids.push(id);
    known.count = Math.max(known.count, count);
    if (place.text) known.texts.push(place.text);
    this.#found.set(key, known);
  }

  /** All hits, in the order in which the pass ran. */
  hits(): Hit[] {
    return [...this.#found.values()]
      .map(({ place: { phase, row }, ids, texts, count }) => ({ phase, row, ids, text: texts.join("; "), count }))
      .sort(inOrder);
  }
}

function inOrder(a: Hit, b: Hit): number {
  if (a.phase !== b.phase) return a.phase === "forward" ? -1 : 1;
  return a.phase === "forward" ? a.row - b.row : b.row - a.row;
}
