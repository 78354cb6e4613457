import type { Site } from "../protocol/site.ts";

/** A frame of the user's call stack: a function and where it stood. */
export interface Frame {
  readonly name: string;
  readonly site: Site;
}

let capture: (() => readonly Frame[]) | null = null;

/** The session sets how a stack is taken while nodes are recorded in full; null while they are recorded light. */
export function setStackCapture(taker: (() => readonly Frame[]) | null): void {
  capture = taker;
}

/** The user's frames now, or null when they are not recorded: taking them costs 2–20 µs. */
export function captureStack(): readonly Frame[] | null {
  return capture === null ? null : capture();
}
