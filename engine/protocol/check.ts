import type { NodeId, PassId } from "./ids.ts";
import type { SourceEdit } from "./finding.ts";
import type { Site } from "./site.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

/**
 * How a parameter's gradient is compared: some elements, among them the largest and the smallest; each of them; along a
 * few random directions in which all elements change at once, which is fast and names no element; or not at all, only
 * each op by itself. Other inputs: each op by itself, on inputs that were not recorded as well. Second order: of each op
 * by itself, whether its backward can be differentiated again.
 */
export const CHECK_MODES = ["sampled", "full", "directional", "local", "other-inputs", "second-order"] as const;
export type CheckMode = (typeof CHECK_MODES)[number];

/** Stable identifiers of what makes a gradient wrong. */
export type CauseKind =
  | "sign"
  | "scale"
  | "batch-scale"
  | "missing-upstream"
  | "missing-reduction"
  | "transpose"
  | "swapped-inputs"
  | "activation-derivative"
  | "missing-term"
  | "overwrite"
  | "mask"
  | "shift"
  | "partial"
  | "stale"
  | "random"
  | "not-finite"
  | "unknown";

/** How a gradient is to be put right, as code. */
export interface CauseFix {
  /**
   * To append to the expression that is returned for the input; to multiply that with; to write in its place; or a hint
   * that is no expression.
   */
  readonly kind: "append" | "multiply" | "write" | "say";
  readonly code: string;
}

/** How the gradient that a Function's `backward` returns is put right. */
export interface GradientFix {
  readonly kind: "append" | "write";
  /** Calls to append to it; or an expression of `grad` and of what forward saved. */
  readonly code: string;
  /** What forward calls the tensor that it is the gradient of, where there are several. */
  readonly input: string | null;
}

/** An edit of what a `backward` returns. It is none any more where another text stands in its place. */
export interface GradientEdit extends SourceEdit {
  readonly replaces: string;
}

export interface Cause {
  readonly kind: CauseKind;
  /** In words, with a formula: "backward returns 2/3 of the true gradient for every element". */
  readonly text: string;
  readonly ratio?: number;
  /** Where the cause determines it. */
  readonly fix?: CauseFix;
  /** Where the Function's `backward` is written. */
  readonly backward?: Site;
}

/** An op by itself; or the gradient in this pass of a parameter, or of an op's result, through the whole pass. */
export type CheckScope = "op" | "parameter" | "result";

/**
 * A verdict with its evidence. The numbers are those of the worst element, in a typed array because they may not be
 * finite: see {@link EVIDENCE}.
 */
export interface CheckRow {
  /** Null for a row about a parameter that is not on the tape. */
  readonly node: NodeId | null;
  readonly scope: CheckScope;
  /** Op name or Function class; a parameter's path. */
  readonly name: string;
  readonly label: string;
  /** Which input's cotangent is at fault, for ops with several. */
  readonly input: number | null;
  /** What `forward` calls it. */
  readonly inputName?: string;
  readonly site: Site | null;
  readonly verdict: Verdict;
  readonly evidence: Float64Array;
  /** Index of the worst element in the input or parameter. */
  readonly worst: readonly number[];
  /** How many elements were compared, of how many there are. */
  readonly compared: number;
  readonly of: number;
  /** Some elements of the op were compared by themselves; all of them, moved at once, agree as well. */
  readonly together?: true;
  /** What was compared is the derivative of the op's backward. */
  readonly order?: 2;
  /** Every element of the gradient that was compared, {@link COMPARED_STRIDE} numbers each, see {@link COMPARED}. */
  readonly elements?: Float64Array;
  readonly cause?: Cause;
  /** Why the verdict is inconclusive, or what else is worth knowing (precision lost, intended surrogate). */
  readonly reason?: string;
}
/** Flat element, its gradient as the pass's rules give it in float64, by finite differences, and how sure that is. */
export const COMPARED = { element: 0, analytic: 1, numeric: 2, errorBar: 3 } as const;
export const COMPARED_STRIDE = 4;
export const EVIDENCE = { relError: 0, analytic: 1, numeric: 2, errorBar: 3, step: 4 } as const;

/**
 * What to look at first when something is wrong: the op that the backward pass comes to first, since no other is at fault
 * for what it passes on; a parameter only where no op is to blame. Null when nothing is wrong.
 */
export function firstWrong(rows: readonly CheckRow[]): CheckRow | null {
  const failed = rows.filter(({ verdict }) => verdict === "fail");
  const ops = failed.filter(({ scope }) => scope === "op");
  // A backward that is wrong itself has a derivative that is wrong with it.
  const first = ops.filter(({ order }) => order !== 2);
  const candidates = first.length > 0 ? first : ops.length > 0 ? ops : failed;
  return candidates.reduce<CheckRow | null>((a, b) => (a && (a.node ?? -1) > (b.node ?? -1) ? a : b), null);
}

export interface CheckSummary {
  readonly pass: PassId;
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly cancelled: boolean;
}
