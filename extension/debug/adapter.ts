import {
  CapabilitiesEvent,
  ContinuedEvent,
  DebugSession,
  InitializedEvent,
  InvalidatedEvent,
  Response,
  StoppedEvent,
  TerminatedEvent,
} from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { t } from "../../engine/language/translate.ts";
import type { SessionState } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { RankStates } from "../../engine/protocol/ranks.ts";
import type { EngineConnection } from "../../engine/client/engine-connection.ts";
import { GradientSession } from "../session/gradient-session.ts";
import type { Disposable } from "../session/signal.ts";
import { failureOf, failureReport, failureText } from "../text/failure-text.ts";
import { adapterCapabilities } from "./adapter-capabilities.ts";
import { AdapterProgress } from "./adapter-progress.ts";
import { handlerOf } from "./adapter-requests.ts";
import { BreakpointRequests } from "./breakpoint-requests.ts";
import { CursorSteps, stepTo, type Step } from "./cursor-steps.ts";
import { InspectionRequests } from "./inspection-requests.ts";
import { launchRequestOf, parseLaunchConfiguration, type LaunchConfiguration } from "./launch-configuration.ts";
import { OutputPrinter } from "./output-printer.ts";
import { stoppedEvent } from "./stopped-event.ts";
import { RankThreads, threadOf } from "./rank-threads.ts";

/** What the adapter needs of its surroundings; none of it is VS Code's. */
export interface AdapterHost {
  startEngine(configuration: LaunchConfiguration): EngineConnection;
  /** The session exists and its file is about to run. */
  sessionStarted(session: GradientSession): void;
  sessionEnded(session: GradientSession): void;
  /** The file could not be run, failed, or the engine died; `isShown` where the debugger shows that at its line. */
  failed(session: GradientSession, failure: Failure, isShown: boolean): void;
  /** Where VS Code finds a source as it ran: its path, or the address of a document inside a recording. */
  pathOf(session: GradientSession, file: string): Promise<string>;
  /**
   * Whether a stop must leave the keyboard where it is, in the session's panel. VS Code puts it into the editor
   * otherwise, where the next key meant for the panel is typed into the model file.
   */
  keepsFocus(session: GradientSession): boolean;
  /** Has VS Code show the top frame of the stop, whose source is at `path`, and its line, without moving the focus there. */
  showTopFrame(session: GradientSession, path: string | null): Promise<void>;
}

/**
 * Speaks the Debug Adapter Protocol for one run of a model file. It is thin: it asks the engine's session and words the
 * answers. "Forward" in the protocol's sense is the direction in which the pass ran, which is backward through the
 * graph.
 */
export class GradientDebugSession extends DebugSession {
  readonly #host: AdapterHost;
  readonly #subscriptions: Disposable[] = [];
  readonly #printer = new OutputPrinter((event) => {
    this.sendEvent(event);
  });
  readonly #progress = new AdapterProgress((event) => {
    this.sendEvent(event);
  });
  readonly #threads = new RankThreads();
  readonly #steps = new CursorSteps();
  #session: GradientSession | null = null;
  #inspection: InspectionRequests | null = null;
  #breakpoints: BreakpointRequests | null = null;
  #configuration: LaunchConfiguration | null = null;
  /** What the file is stopped at, or ended with. */
  #failure: Failure | null = null;
  /** The last continue, until the file runs: whoever asks for a pause meanwhile asks it of a file that runs. */
  #resuming: Promise<void> = Promise.resolve();
  #terminated = false;
  /** A stop was announced that leaves the focus alone: VS Code is told to show its top frame once it knows it. */
  #topFrameUnseen = false;

  constructor(host: AdapterHost) {
    super();
    this.#host = host;
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(true);
  }

  get session(): GradientSession | null {
    return this.#session;
  }

  /** Requests that move nothing are answered from a table. */
  protected override dispatchRequest(request: DebugProtocol.Request): void {
    const handler = handlerOf(request.command);
    if (!handler) {
      const { arguments: args } = request as { readonly arguments?: unknown };
      // What it does not find there, the library would refuse with its own stack.
      super.dispatchRequest(typeof args === "object" && args !== null ? request : { ...request, arguments: {} });
      return;
    }
    const response: DebugProtocol.Response = new Response(request);
    let isStale = false;
    const parts = {
      inspection: this.#inspection,
      breakpoints: this.#breakpoints,
      progress: this.#progress,
      failure: this.#failure,
      threads: this.#threads,
      invalidate: () => {
        isStale = true;
      },
    };
    void this.#answer(response, async () => {
      const body = await handler(parts, request.arguments);
      if (body) response.body = body;
      return () => {
        if (isStale) this.sendEvent(new InvalidatedEvent(["stacks", "variables"], this.#threads.shown));
      };
    });
  }

  protected override customRequest(command: string, response: DebugProtocol.Response): void {
    this.#refuse(response, new Error(t`There is no request ${command}.`));
  }

  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    // What is launched decides; a recording, of which less can be asked, says so once it is open.
    response.body = adapterCapabilities({ checking: true, live: true });
    this.sendResponse(response);
  }

  protected override launchRequest(
    response: DebugProtocol.LaunchResponse,
    args: DebugProtocol.LaunchRequestArguments,
  ): void {
    let session: GradientSession;
    try {
      // A second engine would be nobody's to end.
      if (this.#session) throw new Error(t("This debug session has launched its program already."));
      const configuration = parseLaunchConfiguration(args);
      session = new GradientSession(configuration.program, this.#host.startEngine(configuration));
      this.#configuration = configuration;
    } catch (error) {
      return this.#refuse(response, error);
    }
    this.#session = session;
    this.#inspection = new InspectionRequests(session, (file) => this.#host.pathOf(session, file), this.#progress);
    this.#breakpoints = new BreakpointRequests(session, (event) => {
      this.sendEvent(event);
    });
    this.#subscriptions.push(
      session.stateChanged.listen((state) => this.#stateChanged(session, state)),
      session.ranksChanged.listen((states) => this.#ranksChanged(states)),
      session.cursorMoved.listen(() => this.#steps.follow(session, () => this.#stopped("goto"))),
      session.output.listen(({ lines, dropped }) => this.#printer.print(lines, dropped)),
      session.recordingSaved.listen(({ file, passes }) => {
        this.#printer.say(
          passes === 1 ? t`saved 1 pass to ${file}` : t`saved ${passes} passes to ${file}`,
          "console",
          null,
        );
      }),
      session.warned.listen((failure) => this.#printer.say(failureReport(failure), "console", failure.site)),
      session.verdictsChanged.listen(() => {
        // While the file runs nothing is shown that could be out of date.
        if (session.state.kind !== "running") this.sendEvent(new InvalidatedEvent(["variables"], this.#threads.shown));
      }),
      session.ended.listen((failure) => this.#engineEnded(session, failure)),
    );
    this.#host.sessionStarted(session);
    this.sendResponse(response);
    this.sendEvent(new InitializedEvent());
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.sendResponse(response);
    const session = this.#session;
    if (!session || !this.#configuration) return;
    const launched = session.launch(launchRequestOf(this.#configuration)).then(() => this.#announce(session));
    launched.catch((reason: unknown) => {
      // What the engine's own end rejects is reported where that end is.
      if (!session.alive) return;
      this.#fail(session, failureOf(reason));
      this.#terminate();
    });
  }

  /** Tells VS Code what cannot be asked of what was launched. */
  async #announce(session: GradientSession): Promise<void> {
    const capabilities = await session.engine.capabilities();
    if (capabilities.live && capabilities.checking) return;
    this.sendEvent(new CapabilitiesEvent(adapterCapabilities(capabilities)));
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    response.body = { threads: this.#threads.threads(this.#session?.cursor?.pass ?? null) };
    this.sendResponse(response);
  }

  protected override nextRequest(response: DebugProtocol.NextResponse, args: DebugProtocol.NextArguments): void {
    void this.#step(response, stepTo("next", args.granularity, this.#configuration?.stepBy));
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse): void {
    void this.#step(response, { into: "next" });
  }

  protected override stepOutRequest(response: DebugProtocol.StepOutResponse): void {
    void this.#step(response, { out: "next" });
  }

  protected override stepBackRequest(
    response: DebugProtocol.StepBackResponse,
    args: DebugProtocol.StepBackArguments,
  ): void {
    void this.#step(response, stepTo("previous", args.granularity, this.#configuration?.stepBy));
  }

  protected override reverseContinueRequest(response: DebugProtocol.ReverseContinueResponse): void {
    void this.#step(response, "reverse");
  }

  protected override continueRequest(
    response: DebugProtocol.ContinueResponse,
    args: DebugProtocol.ContinueArguments & { readonly announce?: boolean },
  ): void {
    response.body = { allThreadsContinued: true };
    // Answered first: VS Code takes the answer for the moment from which the file runs. It has to be told of a continue that
    // it did not ask for itself; told of its own, it may take a later stop for the older of the two.
    this.sendResponse(response);
    if (args.announce && this.#session?.state.kind === "stopped")
      this.sendEvent(new ContinuedEvent(this.#threads.shown, true));
    this.#resume();
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    void this.#answer(response, async () => {
      await this.#resuming;
      await this.#session?.pause();
    });
  }

  protected override gotoRequest(response: DebugProtocol.GotoResponse, args: DebugProtocol.GotoArguments): void {
    const node = this.#inspection?.gotoTarget(args.targetId) ?? null;
    if (node === null) {
      this.#refuse(response, new Error(t("That place is not on this pass's tape.")), true);
      return;
    }
    void this.#step(response, { node }, "goto");
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    void this.#answer(response, () => this.#end());
  }

  /** VS Code drops an inline adapter without a disconnect when a window closes. */
  override dispose(): void {
    void this.#end();
  }

  async #end(): Promise<void> {
    this.#steps.dispose();
    this.#printer.flush();
    const session = this.#session;
    if (!session) return;
    await session.stop();
    if (this.#subscriptions.length === 0) return;
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#host.sessionEnded(session);
  }

  async #step(response: DebugProtocol.Response, step: Step, reason = "step"): Promise<void> {
    const session = this.#session;
    const before = session?.cursor;
    if (!session || !before || !session.readable) {
      this.#refuse(response, new Error(t("The file is running; there is nothing to step through.")), true);
      return;
    }
    // What the file failed with was shown where it happened; the step goes elsewhere.
    this.#failure = null;
    await this.#answer(response, async () => {
      const runsOn = await this.#steps.take(session, before, step);
      return () => (runsOn ? this.#resume() : this.#stopped(reason));
    });
  }

  #resume(): void {
    const session = this.#session;
    if (!session) return;
    if (session.state.kind === "ended") {
      this.#terminate();
      return;
    }
    this.#resuming = session.resume().catch((error: unknown) => {
      if (session.alive) this.#printer.report(failureOf(error));
    });
  }

  #stateChanged(session: GradientSession, state: SessionState): void {
    this.#inspection?.forget();
    if (this.#steps.isStepping) return;
    this.#failure = null;
    if (state.kind === "stopped") {
      if (state.failure) this.#fail(session, state.failure, true);
      this.#stopped(state.reason);
    } else if (state.kind === "ended") {
      const stays = state.cursor !== null && !this.#configuration?.noDebug;
      if (state.failure) this.#fail(session, state.failure, stays && state.failure.site !== null);
      if (!stays) this.#terminate();
      else this.#stopped("end");
    }
  }

  /** Ranks that are not shown stop as well: VS Code hears of it, and stays where it is. */
  #ranksChanged(states: RankStates): void {
    for (const rank of this.#threads.take(states)) {
      const event: DebugProtocol.StoppedEvent = new StoppedEvent("pause", threadOf(rank));
      event.body.preserveFocusHint = true;
      event.body.allThreadsStopped = this.#threads.allStopped;
      this.sendEvent(event);
    }
  }

  /** Says that the file stands still, and why: a failure, a breakpoint, or else `reason`. */
  #stopped(reason: string): void {
    this.#inspection?.prepare();
    const session = this.#session;
    const state = session?.state;
    const hit = state?.kind === "stopped" ? state.hit : undefined;
    const exception = hit ? (this.#breakpoints?.exceptionAmong(hit.ids) ?? null) : null;
    if (exception !== null && hit) this.#failure = { kind: "value", message: `${exception}: ${hit.text}`, site: null };
    const failure = this.#failure;
    const event = stoppedEvent(this.#threads.shown, {
      reason,
      failure,
      hit,
      exception,
      isRecording: session?.isRecording ?? false,
      isAlone: !this.#threads.allStopped,
    });
    this.#topFrameUnseen = session !== null && this.#host.keepsFocus(session);
    if (this.#topFrameUnseen) event.body.preserveFocusHint = true;
    this.sendEvent(event);
  }

  override sendResponse(response: DebugProtocol.Response): void {
    super.sendResponse(response);
    if (!this.#topFrameUnseen || response.command !== "stackTrace" || !this.#session) return;
    this.#topFrameUnseen = false;
    const { body } = response as Partial<DebugProtocol.StackTraceResponse>;
    void this.#host.showTopFrame(this.#session, body?.stackFrames[0]?.source?.path ?? null);
  }

  /** @param isShown whether VS Code shows it at its line, because the file stands still there */
  #fail(session: GradientSession, failure: Failure, isShown = false): void {
    this.#failure = failure;
    this.#printer.flush();
    this.#printer.report(failure);
    this.#host.failed(session, failure, isShown);
  }

  #engineEnded(session: GradientSession, failure: Failure | null): void {
    if (failure) this.#fail(session, failure);
    this.#terminate();
  }

  /** Answers when `work` is done, or says why it failed. What work returns is done after the answer is sent. */
  async #answer(response: DebugProtocol.Response, work: () => Promise<void | (() => void)>): Promise<void> {
    try {
      const then = await work();
      this.sendResponse(response);
      then?.();
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  /** @param loud whether the person is told by a message, besides whoever asked */
  #refuse(response: DebugProtocol.Response, error: unknown, loud = false): void {
    const variables = { _text: failureText(failureOf(error)) };
    this.sendErrorResponse(response, { id: 1, format: "{_text}", variables, showUser: loud });
  }

  #terminate(): void {
    if (this.#terminated) return;
    this.#terminated = true;
    this.#printer.flush();
    this.sendEvent(new TerminatedEvent());
  }
}
