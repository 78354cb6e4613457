import type { NodeId, PassId } from "./ids.ts";

/**
 * Where the session stands in a pass. Positions count the steps taken: 0 … forward steps, then backward steps.
 *
 * With F forward steps (the ops in forward order) and B backward steps (`backwardOrder`), position p < F stands before
 * forward op p is computed; position F + k stands where k vector-Jacobian products have run: the current node is
 * `backwardOrder[k]`, whose gradient is complete and has not been passed on yet; F + B is the end, where every leaf has
 * its gradient.
 */
export interface Cursor {
  readonly pass: PassId;
  readonly position: number;
  readonly forwardSteps: number;
  readonly backwardSteps: number;
  /** How far the pass has run: the last position that can be shown. Less than F + B when a custom backward threw. */
  readonly head: number;
  /** The node about to run; null at the end. */
  readonly node: NodeId | null;
  /**
   * Inside the current node's vector-Jacobian product: the place of the input whose cotangent is computed next. Null
   * before the product as a whole. It changes nothing about how many steps are taken.
   */
  readonly term: number | null;
}

export type CursorMove =
  | { readonly to: "start" | "end" | "forward-start" }
  | { readonly by: number }
  | { readonly position: number }
  /** The position at which the node is current: in the backward pass if it takes part there, else in the forward. */
  | { readonly node: NodeId }
  /**
   * From term to term of the node's vector-Jacobian product; past the last, as `by` does. A product of one term is
   * entered only where it is a custom Function's: its own backward is there to be looked at.
   */
  | { readonly into: "next" | "previous" }
  /** The next op, or the op after a function that is made of ops (crossEntropy); inside a product, its next term. */
  | { readonly over: "next" | "previous" }
  /** The next position in that direction whose site is on another source line. */
  | { readonly line: "next" | "previous" }
  /** Out of the product whose term it is at, or else out of this call of the innermost module, or to the end. */
  | { readonly out: "next" | "previous" };
