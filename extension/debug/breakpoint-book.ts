import { t } from "../../engine/language/translate.ts";
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  EXCEPTION_FILTERS,
  type Breakpoint,
  type BreakpointId,
  type BreakpointStatus,
  type ExceptionFilter,
} from "../../engine/protocol/breakpoints.ts";
import { breakpointOf, type StopWish } from "./stop-wish.ts";

/** Prefix of a line breakpoint's condition that makes it stop in the forward pass, or in both. */
const PHASE = /^\s*(forward|both|backward)\s*(?::|$)\s*/;

/**
 * The breakpoints that are set, of every kind. The protocol replaces them kind by kind and file by file; the engine
 * wants them all.
 */
export class BreakpointBook {
  readonly #lines = new Map<string, readonly Breakpoint[]>();
  #functions: readonly Breakpoint[] = [];
  #exceptions: readonly Breakpoint[] = [];
  #data: readonly Breakpoint[] = [];
  #wishes: readonly StopWish[] = [];
  #wished: readonly Breakpoint[] = [];
  #lastId = 0;

  get all(): readonly Breakpoint[] {
    return [
      ...[...this.#lines.values()].flat(),
      ...this.#functions,
      ...this.#exceptions,
      ...this.#data,
      ...this.#wished,
    ];
  }

  setLines(file: string, wanted: readonly DebugProtocol.SourceBreakpoint[]): readonly Breakpoint[] {
    const breakpoints = wanted.map((one): Breakpoint => {
      const phase = PHASE.exec(one.condition ?? "");
      return {
        kind: "line",
        file,
        line: one.line,
        column: one.column ?? null,
        phase: (phase?.[1] as "forward" | "both" | "backward" | undefined) ?? "backward",
        ...this.#base(one),
        condition: (one.condition ?? "").slice(phase?.[0].length ?? 0),
      };
    });
    this.#lines.set(file, breakpoints);
    return breakpoints;
  }

  setFunctions(wanted: readonly DebugProtocol.FunctionBreakpoint[]): readonly Breakpoint[] {
    this.#functions = wanted.map((one) => ({ kind: "function", name: one.name.trim(), ...this.#base(one) }));
    return this.#functions;
  }

  setExceptions(args: DebugProtocol.SetExceptionBreakpointsArguments): readonly Breakpoint[] {
    const plain = args.filters.map((filterId) => ({ filterId, condition: "" }));
    this.#exceptions = [...plain, ...(args.filterOptions ?? [])].flatMap(({ filterId, condition }) =>
      isFilter(filterId)
        ? [{ kind: "exception", filter: filterId, ...this.#base({ condition: condition ?? "" }) } as const]
        : [],
    );
    return this.#exceptions;
  }

  setData(wanted: readonly DebugProtocol.DataBreakpoint[]): readonly Breakpoint[] {
    this.#data = wanted.map((one) => ({ kind: "data", name: one.dataId, ...this.#base(one) }));
    return this.#data;
  }

  /** What was chosen in "Stop When…". */
  get wishes(): readonly StopWish[] {
    return this.#wishes;
  }

  setWishes(wishes: readonly StopWish[]): void {
    this.#wishes = wishes;
    this.#wished = wishes.map((wish) => breakpointOf(wish, ++this.#lastId));
  }

  #base(wanted: { readonly condition?: string; readonly hitCondition?: string; readonly logMessage?: string }): {
    readonly id: BreakpointId;
    readonly condition: string;
    readonly hitCondition: string;
    readonly logMessage: string;
  } {
    return {
      id: ++this.#lastId,
      condition: wanted.condition?.trim() ?? "",
      hitCondition: wanted.hitCondition?.trim() ?? "",
      logMessage: wanted.logMessage ?? "",
    };
  }
}

function isFilter(id: string): id is ExceptionFilter {
  return EXCEPTION_FILTERS.some(({ filter }) => filter === id);
}

export const EXCEPTION_BREAKPOINT_FILTERS: DebugProtocol.ExceptionBreakpointsFilter[] = EXCEPTION_FILTERS.map(
  ({ filter, label, description, threshold, default: isDefault }) => ({
    filter,
    label: t(label),
    description: t(description),
    default: isDefault,
    supportsCondition: true,
    conditionDescription:
      threshold === null
        ? t("Expression over grad, value, pass, loss and labels: grad.norm() > 10")
        : t`A norm (${threshold} when empty), or an expression: pass > 3`,
  }),
);

/** How VS Code wants to hear of a breakpoint. */
export function toBreakpoint(breakpoint: Breakpoint, status: BreakpointStatus | undefined): DebugProtocol.Breakpoint {
  const result: DebugProtocol.Breakpoint = { id: breakpoint.id, verified: status?.verified ?? false };
  const message = status ? status.message : t("The engine has not answered yet.");
  if (message) result.message = message;
  if (status?.line !== undefined) result.line = status.line;
  if (status?.column !== undefined) result.column = status.column;
  if (status?.endLine !== undefined) result.endLine = status.endLine;
  if (status?.endColumn !== undefined) result.endColumn = status.endColumn;
  return result;
}
