import type { Cursor, CursorMove } from "../protocol/cursor.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { PassReader } from "../reading/pass-reader.ts";

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
  if ("over" in move) return stepOver(reader, from, move.over);
  if ("into" in move) return intoTerm(reader, from, move.into === "next" ? 1 : -1);
  if ("position" in move) return cursorAt(reader, move.position);
  if ("node" in move) return cursorAt(reader, positionOf(reader, move.node));
  if ("line" in move) {
    const step = move.line === "next" ? 1 : -1;
    return walk(reader, from, step, (position) => lineAt(reader, position) !== lineAt(reader, from.position));
  }
  const step = move.out === "next" ? 1 : -1;
  if (from.term !== null) return moveCursor(reader, from, { by: step });
  // This call of it: a recurrent network calls one module again and again.
  const [innermost = -1] = scopesAt(reader, from.position);
  return walk(reader, from, step, (position) => innermost >= 0 && !isWithin(reader, position, innermost));
}

function intoTerm(reader: PassReader, from: Cursor, step: 1 | -1): Cursor {
  const terms = from.position < from.head ? termsAt(reader, from.position) : [];
  // Before the first term stands the product as a whole.
  const next = (from.term === null ? -1 : terms.indexOf(from.term)) + step;
  const isEntered = terms.length > 1 || reader.op(from.node!) === undefined;
  const inside = isEntered && next >= 0 && next < terms.length;
  if (inside) return cursorAt(reader, from.position, terms[next]);
  return moveCursor(reader, from, { by: step });
}

/** Inputs that get a cotangent from the product at a position; none in the forward pass. */
function termsAt(reader: PassReader, position: number): number[] {
  const row = reader.backwardOrder[position - reader.forwardOrder.length];
  if (row === undefined) return [];
  return reader.tape.inputs(row).flatMap((input, place) => (reader.tape.requiresGrad(input) ? [place] : []));
}

/** Past the next op, or past all ops of a function that begins there; back over what a step over passes. */
function stepOver(reader: PassReader, from: Cursor, direction: "next" | "previous"): Cursor {
  if (from.term !== null) return intoTerm(reader, from, direction === "next" ? 1 : -1);
  const { position } = from;
  if (direction === "next") {
    const passed = outermostFunction(reader, position, position - 1);
    if (passed < 0) return cursorAt(reader, position + 1);
    const half = position < from.forwardSteps ? from.forwardSteps : from.head;
    return walk(reader, from, 1, (at) => at >= half || !isWithin(reader, at, passed));
  }
  const passed = outermostFunction(reader, position - 1, position);
  if (passed < 0) return cursorAt(reader, position - 1);
  let entry = position - 1;
  const start = entry < from.forwardSteps ? 0 : from.forwardSteps;
  while (entry > start && isWithin(reader, entry - 1, passed)) entry--;
  return cursorAt(reader, entry);
}

/** The outermost function of ops that the op at one position is in and its neighbour is not; -1 where there is none. */
function outermostFunction(reader: PassReader, inside: number, outside: number): number {
  let found = -1;
  // The last op of the forward pass is the first of the backward pass: there it is entered anew.
  const forward = reader.forwardOrder.length;
  const neighbour = inside < forward === outside < forward ? outside : -1;
  for (const scope of scopesAt(reader, inside)) {
    const isFunction = reader.record.tables.scopes[scope]?.kind === "function";
    if (isFunction && !isWithin(reader, neighbour, scope)) found = scope;
  }
  return found;
}

function isWithin(reader: PassReader, position: number, scope: number): boolean {
  return scopesAt(reader, position).includes(scope);
}

/** The scopes around the op at a position, innermost first; none beyond the ends of the pass. */
function scopesAt(reader: PassReader, position: number): number[] {
  const node = position < 0 ? null : nodeAt(reader, position);
  const scopes: number[] = [];
  if (node === null) return scopes;
  for (let scope = reader.scopeIndex(node); scope >= 0; scope = reader.record.tables.scopes[scope]?.parent ?? -1) {
    scopes.push(scope);
  }
  return scopes;
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
