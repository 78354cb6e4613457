/** Chosen by the host; 0 is none. */
export type BreakpointId = number;

interface BreakpointBase {
  readonly id: BreakpointId;
  /**
   * Stop only where this JavaScript expression holds, over `grad`, `value` (tensors of the node), `pass`, `loss`, `step`
   * (numbers) and the labels of the pass (tensors). Empty: always.
   */
  readonly condition: string;
  /** Stop only from the n-th hit on ("5"), or as "> 5", "== 5", "% 5" say. Empty: at every hit. */
  readonly hitCondition: string;
  /** Print this, with `{expression}` filled in, instead of stopping. Empty: stop. */
  readonly logMessage: string;
}

/** Stops at the ops that were made on a line. */
export interface LineBreakpoint extends BreakpointBase {
  readonly kind: "line";
  readonly file: string;
  readonly line: number;
  /** Only the call that begins or stands around there; null for all of the line. */
  readonly column: number | null;
  readonly phase: "backward" | "forward" | "both";
}

/** Stops at ops by name: an op ("conv2d"), a Function's class, a module's path ("encoder.*") or class. `*` is any text. */
export interface FunctionBreakpoint extends BreakpointBase {
  readonly kind: "function";
  readonly name: string;
}

/** Stops where a gradient is not healthy. */
export interface ExceptionBreakpoint extends BreakpointBase {
  readonly kind: "exception";
  readonly filter: ExceptionFilter;
}

/** Stops where the gradient of a variable or parameter is complete. */
export interface DataBreakpoint extends BreakpointBase {
  readonly kind: "data";
  /** A label ("h1") or a parameter's path ("fc1.weight"). */
  readonly name: string;
}

export type Breakpoint = LineBreakpoint | FunctionBreakpoint | ExceptionBreakpoint | DataBreakpoint;

export type ExceptionFilter =
  | "uncaught"
  | "not-finite-forward"
  | "not-finite-backward"
  | "exploding"
  | "vanishing"
  | "all-zero"
  | "no-gradient"
  | "mismatch";

/** What each filter stops at, in words, and the norm that is its threshold when its condition is only a number. */
export const EXCEPTION_FILTERS: readonly {
  readonly filter: ExceptionFilter;
  readonly label: string;
  readonly description: string;
  readonly threshold: number | null;
  readonly default: boolean;
}[] = [
  {
    filter: "uncaught",
    label: "Uncaught Errors",
    description: "Stops where the backward pass of a custom Function throws.",
    threshold: null,
    default: true,
  },
  {
    filter: "not-finite-forward",
    label: "NaN or Inf in the Forward Pass",
    description: "Stops at the first op that made a value which is not finite.",
    threshold: null,
    default: false,
  },
  {
    filter: "not-finite-backward",
    label: "NaN or Inf in the Backward Pass",
    description: "Stops at the first op that passed on a gradient which is not finite.",
    threshold: null,
    default: false,
  },
  {
    filter: "exploding",
    label: "Exploding Gradient",
    description: "Stops where the norm of a gradient is above a threshold.",
    threshold: 1e3,
    default: false,
  },
  {
    filter: "vanishing",
    label: "Vanishing Gradient",
    description: "Stops where the norm of a gradient is below a threshold, and not zero.",
    threshold: 1e-8,
    default: false,
  },
  {
    filter: "all-zero",
    label: "All-Zero Gradient",
    description: "Stops where every element of a gradient is zero.",
    threshold: null,
    default: false,
  },
  {
    filter: "no-gradient",
    label: "Parameter without Gradient",
    description: "Stops at the end of a pass that a parameter took part in without getting a gradient.",
    threshold: null,
    default: false,
  },
  {
    filter: "mismatch",
    label: "Finite-Difference Mismatch",
    description: "Compares the first pass of each structure, and stops at an op whose gradient is wrong.",
    threshold: null,
    default: false,
  },
];

/** Whether a breakpoint can be hit, and where. */
export interface BreakpointStatus {
  readonly id: BreakpointId;
  readonly verified: boolean;
  /** Why it cannot be hit; empty when it can. */
  readonly message: string;
  /** Where a line breakpoint really is: the next line with a call. */
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}
