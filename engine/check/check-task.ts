import type { CheckScope } from "../protocol/check.ts";
import type { NodeId } from "../protocol/ids.ts";

/** One row of the tape to check. */
export interface CheckTask {
  readonly kind: CheckScope;
  readonly row: NodeId;
  /** Of an op: its backward is checked as a function to be differentiated again, whatever the mode. */
  readonly order?: 2;
  /** Which part of a gradient's elements, of how many. */
  readonly part: readonly [part: number, of: number];
}
