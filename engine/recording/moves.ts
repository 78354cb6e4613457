import type { Cursor, CursorMove } from "../protocol/cursor.ts";
import { NodeKind } from "../protocol/graph.ts";
import type { NodeId } from "../protocol/ids.ts";
import { rowOf, type RecordedPass } from "./recorded-pass.ts";

/**
 * The one cursor of a session. Pure: a move gives another cursor; whoever owns the session keeps the latest and tells
 * everybody.
 */
export function cursorAt(pass: RecordedPass, position: number, term: number | null = null): Cursor {
  const forwardSteps = pass.schedule.forwardOrder.length;
  const backwardSteps = pass.schedule.backwardOrder.length;
  const head = forwardSteps + (pass.failed ? pass.steps : backwardSteps);
  const clamped = Math.max(0, Math.min(head, position));
  return {
    pass: pass.id,
    position: clamped,
    forwardSteps,
    backwardSteps,
    head,
    node: nodeAt(pass, clamped),
    term,
  };
}

/** Where a stop begins: before the first vector-Jacobian product. */
export function cursorAtStart(pass: RecordedPass): Cursor {
  return cursorAt(pass, pass.schedule.forwardOrder.length);
}

/** Whether a cursor stands in the forward pass, where no gradient is yet. */
export function isForward(cursor: Cursor | null): boolean {
  return cursor !== null && cursor.position < cursor.forwardSteps;
}

function nodeAt(pass: RecordedPass, position: number): NodeId | null {
  const row = pass.schedule.rowAt(position);
  return row < 0 ? null : (row as NodeId);
}

/** How many vector-Jacobian products have run at a cursor; -1 in the forward pass, where no gradient is there yet. */
export function backwardStepsRun(cursor: Cursor): number {
  return Math.max(-1, cursor.position - cursor.forwardSteps);
}

export function moveCursor(pass: RecordedPass, from: Cursor, move: CursorMove): Cursor {
  if ("to" in move) {
    switch (move.to) {
      case "start":
        return cursorAt(pass, from.forwardSteps);
      case "end":
        return cursorAt(pass, from.head);
      case "forward-start":
        return cursorAt(pass, 0);
    }
  }
  if ("by" in move) {
    // Back from a term is before the product that it belongs to.
    if (move.by < 0 && from.term !== null) return cursorAt(pass, from.position + move.by + 1);
    return cursorAt(pass, from.position + move.by);
  }
  if ("over" in move) return stepOver(pass, from, move.over);
  if ("into" in move) return intoTerm(pass, from, move.into === "next" ? 1 : -1);
  if ("position" in move) return cursorAt(pass, move.position);
  if ("node" in move) return cursorAt(pass, positionOf(pass, move.node));
  if ("line" in move) {
    const step = move.line === "next" ? 1 : -1;
    return walk(pass, from, step, (position) => lineAt(pass, position) !== lineAt(pass, from.position));
  }
  const step = move.out === "next" ? 1 : -1;
  if (from.term !== null) return moveCursor(pass, from, { by: step });
  // This call of it: a recurrent network calls one module again and again.
  const [innermost = -1] = scopesAt(pass, from.position);
  return walk(pass, from, step, (position) => innermost >= 0 && !isWithin(pass, position, innermost));
}

function intoTerm(pass: RecordedPass, from: Cursor, step: 1 | -1): Cursor {
  const terms = from.position < from.head ? termsAt(pass, from.position) : [];
  // Before the first term stands the product as a whole.
  const next = (from.term === null ? -1 : terms.indexOf(from.term)) + step;
  const isEntered = terms.length > 1 || pass.nodeKind(from.node!) === NodeKind.function;
  const inside = isEntered && next >= 0 && next < terms.length;
  if (inside) return cursorAt(pass, from.position, terms[next]);
  return moveCursor(pass, from, { by: step });
}

/** Inputs that get a cotangent from the product at a position; none in the forward pass. */
function termsAt(pass: RecordedPass, position: number): number[] {
  const row = pass.schedule.backwardOrder[position - pass.schedule.forwardOrder.length];
  if (row === undefined) return [];
  return pass.inputs(row).flatMap((input, place) => (pass.requiresGrad(input) ? [place] : []));
}

/** Past the next op, or past all ops of a function that begins there; back over what a step over passes. */
function stepOver(pass: RecordedPass, from: Cursor, direction: "next" | "previous"): Cursor {
  if (from.term !== null) return intoTerm(pass, from, direction === "next" ? 1 : -1);
  const { position } = from;
  if (direction === "next") {
    const passed = outermostFunction(pass, position, position - 1);
    if (passed < 0) return cursorAt(pass, position + 1);
    const half = position < from.forwardSteps ? from.forwardSteps : from.head;
    return walk(pass, from, 1, (at) => at >= half || !isWithin(pass, at, passed));
  }
  const passed = outermostFunction(pass, position - 1, position);
  if (passed < 0) return cursorAt(pass, position - 1);
  let entry = position - 1;
  const start = entry < from.forwardSteps ? 0 : from.forwardSteps;
  while (entry > start && isWithin(pass, entry - 1, passed)) entry--;
  return cursorAt(pass, entry);
}

/** The outermost function of ops that the op at one position is in and its neighbour is not; -1 where there is none. */
function outermostFunction(pass: RecordedPass, inside: number, outside: number): number {
  let found = -1;
  // The last op of the forward pass is the first of the backward pass: there it is entered anew.
  const forward = pass.schedule.forwardOrder.length;
  const neighbour = inside < forward === outside < forward ? outside : -1;
  for (const scope of scopesAt(pass, inside)) {
    const isFunction = pass.scopes[scope]?.kind === "function";
    if (isFunction && !isWithin(pass, neighbour, scope)) found = scope;
  }
  return found;
}

function isWithin(pass: RecordedPass, position: number, scope: number): boolean {
  return scopesAt(pass, position).includes(scope);
}

/** The scopes around the op at a position, innermost first; none beyond the ends of the pass. */
function scopesAt(pass: RecordedPass, position: number): number[] {
  const node = position < 0 ? null : nodeAt(pass, position);
  const scopes: number[] = [];
  if (node === null) return scopes;
  for (let scope = pass.scope(node); scope >= 0; scope = pass.scopes[scope]?.parent ?? -1) {
    scopes.push(scope);
  }
  return scopes;
}

/** Walks until `stop` holds, or to the end. */
function walk(pass: RecordedPass, from: Cursor, step: 1 | -1, stop: (position: number) => boolean): Cursor {
  let position = from.position + step;
  while (position > 0 && position < from.head && !stop(position)) position += step;
  return cursorAt(pass, position);
}

/** Where a node is current: in the backward pass if it takes part there; for a leaf, once its gradient is complete. */
function positionOf(pass: RecordedPass, node: NodeId): number {
  const row = rowOf(pass, node);
  const forward = pass.schedule.forwardOrder.length;
  const step = pass.schedule.stepOf(row);
  if (step >= 0) return forward + step;
  const complete = pass.schedule.completeAt[row]!;
  if (complete >= 0) return forward + complete;
  const at = pass.schedule.forwardOrder.findIndex((candidate) => candidate >= row);
  return at < 0 ? forward : at;
}

function lineAt(pass: RecordedPass, position: number): string {
  const node = nodeAt(pass, position);
  const site = node === null ? null : pass.site(node);
  return site === null ? "" : `${site.file}:${site.line}`;
}
