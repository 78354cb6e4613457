import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Capabilities } from "../../engine/protocol/engine.ts";
import { BREAKPOINT_CAPABILITIES, EXCEPTION_BREAKPOINT_FILTERS } from "./breakpoint-book.ts";

/** What the adapter offers, from what the engine can do about the run that it shows. */
export function adapterCapabilities({ checking, live }: Capabilities): DebugProtocol.Capabilities {
  return {
    supportsConfigurationDoneRequest: true,
    supportsStepBack: true,
    supportsCancelRequest: true,
    supportsGotoTargetsRequest: true,
    supportsSteppingGranularity: true,
    supportsEvaluateForHovers: true,
    supportsReadMemoryRequest: true,
    // A variable that is set to another value is a question of what would be then.
    supportsSetVariable: checking,
    supportsCompletionsRequest: true,
    completionTriggerCharacters: ["."],
    supportsExceptionInfoRequest: true,
    // Breakpoints stop a program that runs.
    supportsConditionalBreakpoints: live,
    supportsHitConditionalBreakpoints: live,
    supportsLogPoints: live,
    ...Object.fromEntries(BREAKPOINT_CAPABILITIES.map((name) => [name, live])),
    exceptionBreakpointFilters: live ? EXCEPTION_BREAKPOINT_FILTERS : [],
    supportTerminateDebuggee: true,
  };
}
