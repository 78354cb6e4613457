import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Failure } from "../../engine/protocol/failure.ts";
import { failurePlaces, failureText } from "../text/failure-text.ts";
import type { AdapterProgress } from "./adapter-progress.ts";
import { BREAKPOINT_REQUESTS, type BreakpointRequest } from "./breakpoint-book.ts";
import type { BreakpointRequests } from "./breakpoint-requests.ts";
import type { StopWhen } from "./stop-wish.ts";
import { rankOfFrame, type RankThreads } from "./rank-threads.ts";
import type { InspectionRequests } from "./inspection-requests.ts";

/** What requests are answered from. */
export interface RequestParts {
  /** Null while there is no session, which is then answered with nothing. */
  readonly inspection: InspectionRequests | null;
  readonly breakpoints: BreakpointRequests | null;
  readonly progress: AdapterProgress;
  readonly threads: RankThreads;
  /** What the file is stopped at, or ended with. */
  readonly failure: Failure | null;
  /** Has VS Code read the stack and the variables of the stop again, once the request is answered. */
  readonly invalidate: () => void;
}

type Handler<Arguments> = (parts: RequestParts, args: Arguments) => object | undefined | Promise<object | undefined>;

/** Requests that move nothing, by their name in the protocol: what each is answered with. */
const REQUESTS: Readonly<Record<string, Handler<never>>> = {
  stackTrace({ inspection, failure, threads }, args: DebugProtocol.StackTraceArguments) {
    const other = threads.otherRank(args.threadId);
    return other === null ? inspection?.stack(args, failure) : inspection?.stackOfRank(other, args);
  },
  scopes({ inspection }, args: DebugProtocol.ScopesArguments) {
    const other = rankOfFrame(args.frameId);
    return other === null ? inspection?.scopes(args.frameId) : inspection?.showRank(other);
  },
  variables: ({ inspection }, args: DebugProtocol.VariablesArguments) => inspection?.variables(args),
  evaluate: ({ inspection }, args: DebugProtocol.EvaluateArguments) => inspection?.evaluate(args),
  completions: ({ inspection }, args: DebugProtocol.CompletionsArguments) => inspection?.completions(args),
  readMemory: ({ inspection }, args: DebugProtocol.ReadMemoryArguments) => inspection?.readMemory(args),
  gotoTargets: ({ inspection }, args: DebugProtocol.GotoTargetsArguments) => inspection?.gotoTargets(args),
  dataBreakpointInfo: ({ inspection }, args: DebugProtocol.DataBreakpointInfoArguments) =>
    inspection?.dataBreakpoint(args),
  async setVariable({ inspection, invalidate }, args: DebugProtocol.SetVariableArguments) {
    const body = await inspection?.setVariable(args);
    // The scope with old and new beside each other comes with the next look at the scopes.
    invalidate();
    return body;
  },
  cancel({ progress }, args: DebugProtocol.CancelArguments) {
    progress.cancel(args.progressId);
    return undefined;
  },
  /** A request of our own: takes back what was set to other values. */
  undoEdits({ inspection, invalidate }) {
    inspection?.undoWhatIf();
    invalidate();
    return undefined;
  },
  /** Another: where this session is to stop besides. */
  // VS Code leaves out arguments that are empty.
  stopWhen: ({ breakpoints }, args: StopWhen | undefined) => breakpoints?.stopWhen(args ?? {}),
  exceptionInfo: ({ failure }) => ({
    exceptionId: failure?.kind ?? "exception",
    description: failure ? failureText(failure) : "",
    breakMode: "unhandled",
    // VS Code writes the trace under the description: the message does not stand there again.
    ...(failure?.site && {
      details: { message: failure.message, stackTrace: failurePlaces(failure).join("\n") },
    }),
  }),
  ...Object.fromEntries(BREAKPOINT_REQUESTS.map((request) => [request, setterOf(request)])),
};

function setterOf(request: BreakpointRequest): Handler<unknown> {
  return async ({ breakpoints }, args) => ({ breakpoints: (await breakpoints?.set(request, args)) ?? [] });
}

/** What answers a request of this name; undefined where it is none of these. */
export function handlerOf(command: string): Handler<unknown> | undefined {
  // The protocol says what the arguments of a request are; whoever sends others is refused by whatever they break.
  return Object.hasOwn(REQUESTS, command) ? (REQUESTS[command] as Handler<unknown> | undefined) : undefined;
}
