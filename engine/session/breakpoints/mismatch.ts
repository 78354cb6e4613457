import type { Breakpoint } from "../../protocol/breakpoints.ts";
import { EVIDENCE, type CheckRow } from "../../protocol/check.ts";
import type { Hit } from "./hit.ts";

/** A condition of a breakpoint on finite-difference mismatches: nothing, or the least relative error to stop at. */
export function isMismatchCondition(condition: string): boolean {
  return condition.trim() === "" || Number(condition) >= 0;
}

/** Where breakpoints on finite-difference mismatches stop in a pass that has been compared: at its wrong ops. */
export function mismatchHits(breakpoints: readonly Breakpoint[], rows: readonly CheckRow[]): Hit[] {
  const armed = breakpoints.filter((one) => one.kind === "exception" && one.filter === "mismatch");
  return rows.flatMap(({ verdict, scope, node, name, label, evidence, cause }) => {
    // The parameters behind a wrong op are wrong as well: what to look at is the op.
    if (verdict !== "fail" || scope !== "op" || node === null) return [];
    const ids = armed
      .filter(({ condition }) => evidence[EVIDENCE.relError]! >= Number(condition))
      .map((breakpoint) => breakpoint.id);
    const text = `the gradient that ${label ? `${name} ${label}` : name} passes on is wrong${cause ? `: ${cause.text}` : ""}`;
    return ids.length > 0 ? [{ phase: "backward" as const, row: node, ids, text, count: 1 }] : [];
  });
}
