import type { BreakpointHit } from "../../protocol/engine.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { cursorAt } from "../../recording/moves.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import type { Hit } from "./hit.ts";

/** A position of a pass that breakpoints stop at. */
export interface BreakpointPlace {
  readonly cursor: Cursor;
  readonly hit: BreakpointHit;
}

/** Where breakpoints stop in a pass, as positions of the cursor. */
export class BreakpointPlaces {
  readonly #pass: ReadablePass;
  readonly #places: readonly BreakpointPlace[];

  constructor(pass: ReadablePass, hits: readonly Hit[]) {
    this.#pass = pass;
    this.#places = hits
      .map(({ phase, row, ids, text, count }) => ({
        cursor: cursorAt(pass, positionOf(pass, phase, row)),
        hit: { ids, text, count },
      }))
      .sort((a, b) => a.cursor.position - b.cursor.position);
  }

  get pass(): PassId {
    return this.#pass.id;
  }

  get first(): BreakpointPlace | null {
    return this.#places[0] ?? null;
  }

  after(from: Cursor): BreakpointPlace | null {
    if (from.pass !== this.#pass.id) return null;
    return this.#places.find(({ cursor }) => cursor.position > from.position) ?? null;
  }

  before(from: Cursor): BreakpointPlace | null {
    if (from.pass !== this.#pass.id) return null;
    return this.#places.findLast(({ cursor }) => cursor.position < from.position) ?? null;
  }
}

/** Where a row is about to be computed, or where its gradient is complete. */
function positionOf(pass: ReadablePass, phase: Hit["phase"], row: number): number {
  const forward = pass.schedule.forwardOrder.length;
  if (phase === "forward") {
    const at = pass.schedule.forwardOrder.findIndex((candidate) => candidate >= row);
    return at < 0 ? forward : at;
  }
  const step = pass.schedule.stepOf(row);
  return forward + (step >= 0 ? step : Math.max(0, pass.schedule.completeAt[row] ?? 0));
}
