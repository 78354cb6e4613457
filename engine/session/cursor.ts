import type { Cursor, CursorMove } from "../protocol/cursor.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { PassReader } from "./pass-reader.ts";

/**
 * The one cursor of a session. Pure: a move gives another cursor; whoever owns the session keeps the latest and tells
 * everybody.
 */
export function cursorAt(reader: PassReader, position: number, term: number | null = null): Cursor {
  const forwardSteps = reader.forwardOrder.length;
  const backwardSteps = reader.backwardOrder.length;
  const head = forwardSteps + (reader.record.failed ? reader.record.steps : backwardSteps);
  const clamped = Math.max(0, Math.min(head, position));
  return {
    pass: reader.id,
    position: clamped,
    forwardSteps,
    backwardSteps,
    head,
    node: nodeAt(reader, clamped),
    term,
  };
}

/** Where a stop begins: before the first vector-Jacobian product. */
export function cursorAtStart(reader: PassReader): Cursor {
  return cursorAt(reader, reader.forwardOrder.length);
}

function nodeAt(reader: PassReader, position: number): NodeId | null {
  const forward = reader.forwardOrder.length;
  const row = position < forward ? reader.forwardOrder[position] : reader.backwardOrder[position - forward];
  return row === undefined ? null : (row as NodeId);
}

/** How many vector-Jacobian products have run at a cursor; -1 in the forward pass, where no gradient is there yet. */
export function backwardStepsRun(cursor: Cursor): number {
  return Math.max(-1, cursor.position - cursor.forwardSteps);
}

export function moveCursor(reader: PassReader, from: Cursor, move: CursorMove): Cursor {
  if ("to" in move) {
    switch (move.to) {
      case "start":
        return cursorAt(reader, from.forwardSteps);
      case "end":
        return cursorAt(reader, from.head);
      case "forward-start":
        return cursorAt(reader, 0);
    }
  }
  if ("by" in move) {
    // Back from a term is before the product that it belongs to.
    if (move.by < 0 && from.term !== null) return cursorAt(reader, from.position + move.by + 1);
    return cursorAt(reader, from.position + move.by);
  }
  if ("into" in move) return intoTerm(reader, from, move.into === "next" ? 1 : -1);
  if ("position" in move) return cursorAt(reader, move.position);
  if ("node" in move) return cursorAt(reader, positionOf(reader, move.node));
  if ("line" in move) {
    const step = move.line === "next" ? 1 : -1;
    return walk(reader, from, step, (position) => lineAt(reader, position) !== lineAt(reader, from.position));
  }
  const step = move.out === "next" ? 1 : -1;
  const path = scopeAt(reader, from.position);
  return walk(reader, from, step, (position) => {
    const there = scopeAt(reader, position);
    return there !== path && !there.startsWith(`${path}.`);
  });
}

function intoTerm(reader: PassReader, from: Cursor, step: 1 | -1): Cursor {
  const terms = from.position < from.head ? termsAt(reader, from.position) : [];
  // Before the first term stands the product as a whole.
  const next = (from.term === null ? -1 : terms.indexOf(from.term)) + step;
  const inside = terms.length > 1 && next >= 0 && next < terms.length;
  if (inside) return cursorAt(reader, from.position, terms[next]);
  return moveCursor(reader, from, { by: step });
}

/** Inputs that get a cotangent from the product at a position; none in the forward pass. */
function termsAt(reader: PassReader, position: number): number[] {
  const row = reader.backwardOrder[position - reader.forwardOrder.length];
  if (row === undefined) return [];
  return reader.tape.inputs(row).flatMap((input, place) => (reader.tape.requiresGrad(input) ? [place] : []));
}

/** Walks until `stop` holds, or to the end. */
function walk(reader: PassReader, from: Cursor, step: 1 | -1, stop: (position: number) => boolean): Cursor {
  let position = from.position + step;
  while (position > 0 && position < from.head && !stop(position)) position += step;
  return cursorAt(reader, position);
}

/** Where a node is current: in the backward pass if it takes part there; for a leaf, once its gradient is complete. */
function positionOf(reader: PassReader, node: NodeId): number {
  const row = reader.row(node);
  const forward = reader.forwardOrder.length;
  const step = reader.stepOf(row);
  if (step >= 0) return forward + step;
  const complete = reader.completeAt[row]!;
  if (complete >= 0) return forward + complete;
  const at = reader.forwardOrder.findIndex((candidate) => candidate >= row);
  return at < 0 ? forward : at;
}

function lineAt(reader: PassReader, position: number): string {
  const node = nodeAt(reader, position);
  const site = node === null ? null : reader.site(node);
  return site === null ? "" : `${site.file}:${site.line}`;
}

function scopeAt(reader: PassReader, position: number): string {
  const node = nodeAt(reader, position);
  return node === null ? "" : reader.scopePath(node);
}
