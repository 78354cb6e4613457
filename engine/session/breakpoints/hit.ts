import type { BreakpointId } from "../../protocol/breakpoints.ts";

/** A place of a pass where breakpoints stop, in the user thread's terms: a row, and in which half of the pass. */
export interface Hit {
  readonly phase: "forward" | "backward";
  readonly row: number;
  readonly ids: readonly BreakpointId[];
  /** What happened, for breakpoints on health: "gradient norm 1.2e4 is above 1000". */
  readonly text: string;
}

/** As the pass ran. */
export function inOrder(a: Hit, b: Hit): number {
  if (a.phase !== b.phase) return a.phase === "forward" ? -1 : 1;
  return a.phase === "forward" ? a.row - b.row : b.row - a.row;
}
