import type { Breakpoint, BreakpointId, ExceptionFilter } from "../../engine/protocol/breakpoints.ts";

/** What somebody chose in "Stop When…": it holds for one session, beside the breakpoints that VS Code keeps. */
export type StopWish =
  | { readonly kind: "filter"; readonly filter: ExceptionFilter; readonly threshold: number | null }
  | {
      readonly kind: "norm";
      /** A variable or a parameter. */
      readonly name: string;
      readonly above: number;
      /** Stop from this hit on. */
      readonly fromHit: number;
    };

/** The arguments and the answer of the request of our own that asks for them, and sets them where it names some. */
export interface StopWhen {
  readonly wishes?: readonly StopWish[];
}

export function breakpointOf(wish: StopWish, id: BreakpointId): Breakpoint {
  const base = { id, logMessage: "" };
  if (wish.kind === "filter") {
    const condition = wish.threshold === null ? "" : String(wish.threshold);
    return { kind: "exception", filter: wish.filter, ...base, condition, hitCondition: "" };
  }
  const { name, above, fromHit } = wish;
  const hitCondition = fromHit > 1 ? `>= ${fromHit}` : "";
  return { kind: "data", name, ...base, condition: `grad.norm() > ${above}`, hitCondition };
}
