import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import {
  EXCEPTION_FILTERS,
  type Breakpoint,
  type BreakpointStatus,
  type ExceptionFilter,
} from "../../engine/protocol/breakpoints.ts";
import { breakpointOf, type StopWish } from "./stop-wish.ts";

/** Prefix of a line breakpoint's condition that makes it stop in the forward pass, or in both. */
const PHASE = /^\s*(forward|both|backward)\s*(?::|$)\s*/;

type Wanted = Partial<Record<"condition" | "hitCondition" | "logMessage", string>>;
type Base = Pick<Breakpoint, "id" | "condition" | "hitCondition" | "logMessage">;

/** A kind of breakpoint, as VS Code sets it: by a request of the protocol, which replaces all that it set before. */
interface Kind<Arguments> {
  /** The capability that makes VS Code offer it; null of what it always has. */
  readonly capability: keyof DebugProtocol.Capabilities | null;
  /** The file whose breakpoints alone it replaces. */
  readonly file?: (args: Arguments) => string;
  /** @param base numbers a breakpoint, and gives it what all kinds have */
  readonly read: (args: Arguments, base: (wanted: Wanted) => Base) => readonly Breakpoint[];
}

/** All kinds, by their requests. */
const KINDS = {
  setBreakpoints: {
    capability: null,
    file: ({ source }: DebugProtocol.SetBreakpointsArguments) => source.path ?? "",
    read: ({ source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments, base) =>
      breakpoints.map((one) => {
        const phase = PHASE.exec(one.condition ?? "");
        return {
          kind: "line",
          file: source.path ?? "",
          line: one.line,
          column: one.column ?? null,
          phase: (phase?.[1] as "forward" | "both" | "backward" | undefined) ?? "backward",
          ...base(one),
          condition: (one.condition ?? "").slice(phase?.[0].length ?? 0),
        };
      }),
  },
  setFunctionBreakpoints: {
    capability: "supportsFunctionBreakpoints",
    read: ({ breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments, base) =>
      breakpoints.map((one) => ({ kind: "function", name: one.name.trim(), ...base(one) })),
  },
  setDataBreakpoints: {
    capability: "supportsDataBreakpoints",
    read: ({ breakpoints }: DebugProtocol.SetDataBreakpointsArguments, base) =>
      breakpoints.map((one) => ({ kind: "data", name: one.dataId, ...base(one) })),
  },
  setExceptionBreakpoints: {
    capability: "supportsExceptionFilterOptions",
    read: ({ filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments, base) =>
      [...filters.map((filterId) => ({ filterId, condition: "" })), ...filterOptions].flatMap(
        ({ filterId, condition }) =>
          isFilter(filterId)
            ? [{ kind: "exception", filter: filterId, ...base({ condition: condition ?? "" }) } as const]
            : [],
      ),
  },
} satisfies Readonly<Record<string, Kind<never>>>;

/** The requests by which VS Code sets breakpoints. */
export type BreakpointRequest = keyof typeof KINDS;
export const BREAKPOINT_REQUESTS = Object.keys(KINDS) as readonly BreakpointRequest[];
/** What the adapter offers where breakpoints can stop something. */
export const BREAKPOINT_CAPABILITIES = Object.values(KINDS).flatMap(({ capability }) => capability ?? []);

/**
 * The breakpoints that are set, of every kind. The protocol replaces them kind by kind and file by file; the engine
 * wants them all.
 */
export class BreakpointBook {
  /** By request and file. */
  readonly #set = new Map<string, readonly Breakpoint[]>();
  #wishes: readonly StopWish[] = [];
  #wished: readonly Breakpoint[] = [];
  #lastId = 0;

  get all(): readonly Breakpoint[] {
    return [...[...this.#set.values()].flat(), ...this.#wished];
  }

  /** Takes in a request; what its arguments are is said by the protocol. @returns what it set */
  set(request: BreakpointRequest, args: unknown): readonly Breakpoint[] {
    const { file, read } = KINDS[request] as Kind<unknown>;
    const breakpoints = read(args, (wanted) => this.#base(wanted));
    this.#set.set(`${request} ${file?.(args) ?? ""}`, breakpoints);
    return breakpoints;
  }

  /** What was chosen in "Stop When…". */
  get wishes(): readonly StopWish[] {
    return this.#wishes;
  }

  setWishes(wishes: readonly StopWish[]): void {
    this.#wishes = wishes;
    this.#wished = wishes.map((wish) => breakpointOf(wish, ++this.#lastId));
  }

  #base(wanted: Wanted): Base {
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
