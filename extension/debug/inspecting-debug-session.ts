import { DebugSession, InvalidatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Failure } from "../../engine/protocol/failure.ts";
import { failureOf, failurePlaces, failureText } from "../text/failure-text.ts";
import type { InspectionRequests } from "./inspection-requests.ts";

/** The only thread that the protocol hears of: the one that runs the model file. */
export const THREAD = 1;

/** The half of the debug adapter that answers what a stop shows. It moves nothing. */
export abstract class InspectingDebugSession extends DebugSession {
  protected inspection: InspectionRequests | null = null;
  /** What the file is stopped at, or ended with. */
  protected failure: Failure | null = null;

  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    args: DebugProtocol.StackTraceArguments,
  ): void {
    void this.inspect(response, (inspection) => inspection.stack(args, this.failure));
  }

  protected override scopesRequest(response: DebugProtocol.ScopesResponse, args: DebugProtocol.ScopesArguments): void {
    void this.inspect(response, (inspection) => inspection.scopes(args.frameId));
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    args: DebugProtocol.VariablesArguments,
  ): void {
    void this.inspect(response, (inspection) => inspection.variables(args));
  }

  protected override evaluateRequest(
    response: DebugProtocol.EvaluateResponse,
    args: DebugProtocol.EvaluateArguments,
  ): void {
    void this.inspect(response, (inspection) => inspection.evaluate(args));
  }

  protected override completionsRequest(
    response: DebugProtocol.CompletionsResponse,
    args: DebugProtocol.CompletionsArguments,
  ): void {
    void this.inspect(response, (inspection) => inspection.completions(args));
  }

  protected override setVariableRequest(
    response: DebugProtocol.SetVariableResponse,
    args: DebugProtocol.SetVariableArguments,
  ): void {
    void this.inspect(response, async (inspection) => {
      const body = await inspection.setVariable(args);
      // The scope with old and new beside each other comes with the next look at the scopes.
      setImmediate(() => this.sendEvent(new InvalidatedEvent(["stacks", "variables"], THREAD)));
      return body;
    });
  }

  /** Requests of our own: "undoEdits" takes back what was set to other values. */
  protected override customRequest(command: string, response: DebugProtocol.Response): void {
    if (command !== "undoEdits") {
      this.refuse(response, new Error(`There is no request ${command}.`));
      return;
    }
    this.inspection?.undoWhatIf();
    this.sendResponse(response);
    this.sendEvent(new InvalidatedEvent(["stacks", "variables"], THREAD));
  }

  protected override readMemoryRequest(
    response: DebugProtocol.ReadMemoryResponse,
    args: DebugProtocol.ReadMemoryArguments,
  ): void {
    void this.inspect(response, (inspection) => inspection.readMemory(args));
  }

  protected override gotoTargetsRequest(
    response: DebugProtocol.GotoTargetsResponse,
    args: DebugProtocol.GotoTargetsArguments,
  ): void {
    void this.inspect(response, (inspection) => inspection.gotoTargets(args));
  }

  protected override dataBreakpointInfoRequest(
    response: DebugProtocol.DataBreakpointInfoResponse,
    args: DebugProtocol.DataBreakpointInfoArguments,
  ): void {
    void this.inspect(response, (inspection) => Promise.resolve(inspection.dataBreakpoint(args)));
  }

  protected override exceptionInfoRequest(response: DebugProtocol.ExceptionInfoResponse): void {
    const failure = this.failure;
    response.body = {
      exceptionId: failure?.kind ?? "exception",
      description: failure ? failureText(failure) : "",
      breakMode: "unhandled",
      // VS Code writes the trace under the description: the message does not stand there again.
      ...(failure?.site
        ? { details: { message: failure.message, stackTrace: failurePlaces(failure).join("\n") } }
        : {}),
    };
    this.sendResponse(response);
  }

  /** Answers with what is asked of a stop; with nothing when there is no session. */
  protected async inspect<Body>(
    response: DebugProtocol.Response & { body?: Body },
    work: (inspection: InspectionRequests) => Promise<Body>,
  ): Promise<void> {
    const inspection = this.inspection;
    await this.answer(response, async () => {
      if (inspection) response.body = await work(inspection);
    });
  }

  /** Answers when `work` is done, or says why it failed. What work returns is done after the answer is sent. */
  protected async answer(response: DebugProtocol.Response, work: () => Promise<void | (() => void)>): Promise<void> {
    try {
      const then = await work();
      this.sendResponse(response);
      then?.();
    } catch (error) {
      this.refuse(response, error);
    }
  }

  /** @param loud whether the person is told by a message, besides whoever asked */
  protected refuse(response: DebugProtocol.Response, error: unknown, loud = false): void {
    const variables = { _text: failureText(failureOf(error)) };
    this.sendErrorResponse(response, { id: 1, format: "{_text}", variables, showUser: loud });
  }
}
