import type { Breakpoint, BreakpointStatus, LineBreakpoint } from "../../protocol/breakpoints.ts";
import type { Site } from "../../protocol/site.ts";
import { compileCondition, compileLogMessage } from "./condition.ts";
import { parseHitCondition } from "./hit-condition.ts";
import { isAt, lineOf } from "./line.ts";
import { isMismatchCondition } from "./mismatch.ts";

/**
 * Whether a breakpoint can be hit, and where. A line without a call moves to the next one that has.
 * @param sites every call of the files that have been loaded
 */
export function verify(breakpoint: Breakpoint, sites: readonly Site[]): BreakpointStatus {
  const refused = complaint(breakpoint);
  if (refused !== null) return { id: breakpoint.id, verified: false, message: refused };
  if (breakpoint.kind !== "line") return { id: breakpoint.id, verified: true, message: "" };
  return verifyLine(breakpoint, sites);
}

function complaint({ condition, hitCondition, logMessage, ...breakpoint }: Breakpoint): string | null {
  if (parseHitCondition(hitCondition) === null) {
    return `“${hitCondition}” is not a hit count: write 5, > 5, == 5 or % 5.`;
  }
  if (breakpoint.kind === "exception" && breakpoint.filter === "mismatch" && !isMismatchCondition(condition)) {
    return `“${condition}” is not a number: here the condition is the relative error above which an op stops the run.`;
  }
  try {
    if (condition) compileCondition(condition);
    if (logMessage) compileLogMessage(logMessage);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return null;
}

function verifyLine(breakpoint: LineBreakpoint, sites: readonly Site[]): BreakpointStatus {
  const { id, file, line, column } = breakpoint;
  if (!sites.some((site) => site.file === file)) {
    return { id, verified: false, message: "The run has not loaded this file." };
  }
  const there = lineOf(breakpoint, sites);
  if (there === null) return { id, verified: false, message: "There is no call on this line or after it." };
  if (column === null || there !== line) return { id, verified: true, message: "", line: there };
  const around = sites.filter((site) => isAt(site, breakpoint));
  const [smallest] = around.sort((a, b) => a.endColumn - a.column - (b.endColumn - b.column));
  if (!smallest) return { id, verified: false, message: "There is no call at this column." };
  const { endLine, endColumn } = smallest;
  return { id, verified: true, message: "", line, column: smallest.column, endLine, endColumn };
}
