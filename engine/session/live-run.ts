import { NO_STACKS } from "../recording/call-stacks.ts";
import { chooseKernelBuild } from "../kernels/kernel-build.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Breakpoint, BreakpointStatus } from "../protocol/breakpoints.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { EngineEvents, LaunchRequest, LiveFrame, LiveProgram, StopReason } from "../protocol/engine.ts";
import type { EvaluatedValue, NamedValue, Page } from "../protocol/evaluation.ts";
import type { Failure, Frame } from "../protocol/failure.ts";
import type { JobId, NodeId, PassId, SiteId } from "../protocol/ids.ts";
import type { OptimizerDetail } from "../protocol/optimizer.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import type { LiveSource, RecordedSince } from "../reading/live-source.ts";
import { cursorAt, cursorAtStart, moveCursor } from "../recording/moves.ts";
import type { Parting } from "../recording/log/followed-log.ts";
import { rowOf } from "../recording/recorded-pass.ts";
import { BreakpointPlaces } from "./breakpoints/breakpoint-places.ts";
import type { Hit } from "./breakpoints/hit.ts";
import { mismatchHits } from "./breakpoints/mismatch.ts";
import { verify } from "./breakpoints/verification.ts";
import { writeCompiledCode } from "../context/compiled-code.ts";
import type { CheckRunner, FunctionRunner } from "./check-runner.ts";
import type { InspectedRun } from "./inspected-run.ts";
import { KeptPlaces } from "./kept-places.ts";
import type { ThreadOptions } from "./examiner.ts";
import { watchMemory } from "./memory-watch.ts";
import type { ClockReading, UserThreadMessage } from "./messages.ts";
import { OptimizerReader } from "./optimizer-records.ts";
import { OutputRelay } from "./output-relay.ts";
import type { Recorder } from "./recording/recorder.ts";
import { requestFailure } from "./request-failure.ts";
import { RunningProgress } from "./running-progress.ts";
import { outputTaken, pendingBytes, takeDropped } from "./user-output.ts";
import { STUCK, UserScope } from "./user-scope.ts";
import { placeFindings } from "../training/fixes/place-findings.ts";
import { typescript } from "./loader/compile-cache.ts";
import { ThrownWatch } from "./thrown-watch.ts";
import { takeLeave } from "./take-leave.ts";
import { UserThread } from "./user-thread-handle.ts";

/** The job of the comparison that a breakpoint asks for. The jobs of panels and commands count from 1. */
const OWN_COMPARISON = 0 as JobId;

const INTERRUPTED = "it was ended while it ran";

/** What a comparison found that could not be made. */
const UNCOMPARED = { rows: [], summary: { cancelled: true } } as const;

type StoppedMessage = Extract<UserThreadMessage, { type: "stopped" }>;

export interface LiveRunOptions {
  readonly memory: SharedMemory;
  /** What the passes that the program records are shown in. */
  readonly run: InspectedRun;
  readonly cacheFolder: string | null;
  readonly events: EngineEvents;
  readonly recorder: Recorder;
  /** Starts the threads that compare, before the program runs. */
  readonly startThreads: (options: ThreadOptions, functions: FunctionRunner) => CheckRunner;
  /** A pass is no longer kept. */
  readonly released: (pass: PassId) => void;
  /** A run that is run again is not the same from here on. */
  readonly parted: (parting: Parting) => void;
}

/** A program that runs in this process's user thread: launches it, stops it, and asks it while it stands still. */
export class LiveRun implements LiveProgram {
  readonly #options: LiveRunOptions;
  readonly #run: InspectedRun;
  readonly #source: LiveSource;
  readonly #scope: UserScope;
  #breakpoints: readonly Breakpoint[] = [];
  readonly #places: KeptPlaces;
  #thread: UserThread | null = null;
  #runner: CheckRunner | null = null;
  #stack: readonly LiveFrame[] = [];
  readonly #progress: RunningProgress;
  readonly #output: OutputRelay;
  /** Whether a pass is being compared before the file goes on. */
  #comparing = false;
  #stopWatch: () => void = () => undefined;
  #request: LaunchRequest | null = null;
  readonly #clocks: ClockReading[] = [];
  readonly #thrown: ThrownWatch;

  constructor(source: LiveSource, options: LiveRunOptions) {
    this.#options = options;
    this.#run = options.run;
    this.#source = source;
    this.#places = new KeptPlaces({
      run: options.run,
      look: (pass) => this.#placesNow(pass),
      isAnySet: () => this.#breakpoints.length > 0,
    });
    this.#scope = new UserScope(options.memory, () => this.#thread?.id ?? -1);
    this.#progress = new RunningProgress(options.memory, (state) => this.#run.setState(state));
    const { events, memory } = options;
    this.#thrown = new ThrownWatch(
      memory,
      () => this.#thread?.id ?? -1,
      (site) => this.#endByForce(this.#unreadable(site)),
    );
    this.#output = new OutputRelay(
      (lines, dropped) => events.output(lines, dropped),
      (bytes) => outputTaken(memory, bytes),
      () => takeDropped(memory),
    );
  }

  /** Whether there is a program that can be asked. */
  get launched(): boolean {
    return this.#thread !== null;
  }

  /** Whether the program cannot go on, as an expression at a stop never returns. */
  get stuck(): boolean {
    return this.#scope.stuck;
  }

  /** How the program was launched; null before it was. */
  get request(): LaunchRequest | null {
    return this.#request;
  }

  /** What the program has read from outside. */
  get clocks(): readonly ClockReading[] {
    return this.#clocks;
  }

  async launch(request: LaunchRequest): Promise<void> {
    if (this.#thread) throw requestFailure("a model file is already running in this session");
    const { memory, cacheFolder, recorder, startThreads } = this.#options;
    this.#request = request;
    this.#run.program = request.program;
    this.#run.startedAt = Date.now() / 1000;
    recorder.args = request.args;
    recorder.seed = request.seed;
    recorder.stacksOf = async (pass) => (await this.#thread?.stacks(pass).catch(() => null)) ?? NO_STACKS;
    if (request.record) await recorder.begin(request.record);
    const build = chooseKernelBuild({ deterministic: request.deterministic });
    this.#runner = startThreads(
      { build, threads: request.threads },
      { evaluate: (...request) => this.#thread!.evaluate(...request) },
    );
    this.#thread = new UserThread(
      { memory, launch: request, cacheFolder, build },
      {
        message: (message) => this.#receive(message),
        died: (failure) => void this.#ended(failure),
      },
    );
    this.#stopWatch = watchMemory((bytes) => this.#outOfMemory(bytes));
    this.#thread.setBreakpoints(this.#breakpoints);
    this.#progress.start();
  }

  async resume(): Promise<void> {
    // A thread that has gone on answers nothing.
    await this.#places.placed;
    // What is being saved is read where it is.
    await this.#options.recorder.settled();
    if (this.#run.state.kind !== "stopped" || !this.#thread) throw requestFailure("the model file is not stopped");
    if (await this.#places.goToNext()) return;
    if (this.stuck) throw STUCK;
    this.#stack = [];
    this.#forgetOptimizers();
    await this.#scope.release();
    const { newest } = this.#source;
    if (newest) await this.#options.recorder.leaves(newest.id);
    this.#progress.start();
    this.#thread.resume();
  }

  async reverse(): Promise<Cursor> {
    await this.#places.placed;
    const { cursor } = this.#run;
    if (!cursor) throw requestFailure("there is no pass to step through yet");
    const previous = await this.#places.goToPrevious(cursor);
    if (previous) return previous;
    const to = cursor.position > cursor.forwardSteps ? "start" : "forward-start";
    return this.#run.moveCursor(moveCursor(this.#source.open(cursor.pass), cursor, { to }));
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    const statuses = breakpoints.map((breakpoint) => verify(breakpoint, this.#source.tables.sites));
    // What can never be hit is not asked after at every pass.
    this.#breakpoints = breakpoints.filter((_, i) => statuses[i]!.verified || breakpoints[i]!.kind === "line");
    this.#thread?.setBreakpoints(this.#breakpoints);
    if (this.#run.state.kind === "stopped" || this.#run.state.kind === "ended") await this.#places.placeAgain();
    return statuses;
  }

  async pause(): Promise<void> {
    if (this.#run.state.kind !== "running") throw requestFailure("the model file is not running");
    if (this.#comparing) this.#runner?.cancel(OWN_COMPARISON);
    else this.#thread?.interrupt();
  }

  async interrupt(): Promise<void> {
    if (!this.#isRunning() || !this.#thread) throw requestFailure("the model file is not running");
    const frames = await takeLeave(this.#options.memory, this.#thread.id);
    this.#thread.listen();
    // It may have come to a stop, or to its end, meanwhile.
    if (this.#isRunning())
      this.#endByForce({ kind: "exited", message: INTERRUPTED, site: frames[0]?.site ?? null, frames });
  }

  async frames(pass: PassId, node: NodeId): Promise<readonly Frame[]> {
    rowOf(this.#source.open(pass), node);
    // While the file runs, or when its thread is dead, nobody can tell.
    return (await this.#thread?.frames(pass, node).catch(() => null)) ?? [];
  }

  async stack(): Promise<readonly LiveFrame[]> {
    return this.#stack;
  }

  async locals(frame: number): Promise<readonly NamedValue[]> {
    this.#assertFrozen();
    return this.#scope.locals(frame);
  }

  async evaluate(expression: string, frame: number | null): Promise<EvaluatedValue> {
    this.#assertFrozen();
    return this.#scope.evaluate(expression, frame);
  }

  async children(reference: number, page?: Page): Promise<readonly NamedValue[]> {
    this.#assertFrozen();
    return this.#scope.children(reference, page);
  }

  async optimizers(): Promise<readonly OptimizerDetail[]> {
    return this.#run.optimizers.details();
  }

  /** Ends the user thread; what it recorded is saved where its launch asked for that. */
  async dispose(): Promise<void> {
    this.#progress.stop();
    this.#thrown.stop();
    this.#stopWatch();
    void this.#scope.release();
    if (!this.#thread) return;
    await this.#thread.stop();
    await this.#options.recorder.saveOwn(null, true);
  }

  /** Ends the user thread; what it recorded can still be read. */
  #endByForce(failure: Failure): void {
    this.#progress.stop();
    void this.#thread?.stop();
    void this.#ended(failure);
  }

  #unreadable(thrownAt: SiteId): Failure {
    const site = this.#source.tables.site(thrownAt);
    return { kind: "exception", message: "threw something that cannot be looked at", site };
  }

  #outOfMemory(bytes: number): void {
    this.#endByForce({
      kind: "out-of-memory",
      message: `the model file was ended when it had taken ${(bytes / 2 ** 30).toFixed(1)} GiB of memory`,
      site: null,
      fix: "let go of arrays and tensors you no longer need, or use smaller ones",
    });
  }

  /** The program is over: what was recorded of it is saved first, where its launch asked for that. */
  async #ended(failure: Failure | null, places: BreakpointPlaces | null = null): Promise<void> {
    this.#progress.stop();
    this.#thrown.stop();
    this.#stack = [];
    this.#run.places = new Map(places && [[places.pass, places]]);
    if (places && this.#breakpoints.length > 0) void this.#places.placeAgain();
    const newest = this.#source.newest;
    if (newest && !this.#run.cursor) this.#run.placeCursor(cursorAtStart(newest));
    await this.#options.recorder.saveOwn(failure, true);
    this.#run.setState({ kind: "ended", cursor: this.#run.cursor, ...(failure && { failure }) });
  }

  #receive(message: UserThreadMessage): void {
    switch (message.type) {
      case "output": {
        const { stream, text, site } = message;
        return this.#output.add({ stream, text, site: this.#source.tables.site(site) }, pendingBytes(text));
      }
      case "reported":
        return this.#options.events.passReported(message.report);
      case "warning":
        return this.#options.events.warned(message.failure);
      case "thrown":
        return this.#thrown.start(message.site);
      case "clock":
        this.#clocks.push(message.reading);
        return;
      case "logged": {
        const parting = this.#run.followed.append(message.batch);
        if (parting) this.#options.parted(parting);
        return this.#options.events.trainingLogGrew(this.#run.log.length, this.#run.log.rows.length);
      }
      case "findings":
        return this.#options.events.findingsChanged(
          placeFindings(typescript, message.findings, (file) => this.#options.recorder.sources.text(file)),
        );
      case "sites":
        this.#source.tables.update(message.tables);
        this.#options.recorder.sources.note(message.tables.sites);
        if (this.#breakpoints.length === 0) return;
        return this.#options.events.breakpointsChanged(
          this.#breakpoints.map((one) => verify(one, this.#source.tables.sites)),
        );
      case "recorded":
        this.#takeIn(message);
        return;
      case "stopped":
      case "ended":
        // Whoever hears of the end may leave at once, and what was printed before would be lost.
        void this.#output.flushed().then(() => {
          this.#stopped(message);
          writeCompiledCode();
        });
        return;
    }
  }

  #takeIn(message: RecordedSince): ReadablePass | null {
    this.#options.recorder.sources.note(message.tables.sites);
    const { newest, released } = this.#source.takeIn(message);
    for (const pass of released) this.#options.released(pass);
    return newest;
  }

  #stopped(message: Extract<UserThreadMessage, { type: "stopped" | "ended" }>): void {
    const newest = this.#takeIn(message);
    this.#run.optimizers = new OptimizerReader(message.optimizers);
    if (newest && newest.id !== this.#run.cursor?.pass) {
      this.#run.placeCursor(
        newest.failed ? cursorAt(newest, newest.schedule.forwardOrder.length + newest.steps) : cursorAtStart(newest),
      );
    }
    const failure = message.failure ?? undefined;
    if (message.type === "ended" || !newest || !this.#run.cursor) {
      // The last pass can be walked through from breakpoint to breakpoint still.
      const last = this.#source.newest;
      void this.#ended(message.failure, last && new BreakpointPlaces(last, []));
      return;
    }
    this.#stack = message.frames;
    if (message.compare) void this.#compareFirst(newest, message);
    else this.#stopIn(newest, message.reason, message.hits, failure);
  }

  /** Stops at the ops of a pass whose gradients are wrong; where there are none, as if it had not been compared. */
  async #compareFirst(pass: ReadablePass, { reason, hits }: StoppedMessage): Promise<void> {
    this.#comparing = true;
    const { rows, summary } = await this.#runner!.run(OWN_COMPARISON, pass, "sampled").catch((error: unknown) => {
      const why = error instanceof Error ? error.message : (error as Failure).message;
      const message = `the comparison that a breakpoint asks for failed: ${why}`;
      this.#options.events.warned({ kind: "value", message, site: null });
      return UNCOMPARED;
    });
    this.#comparing = false;
    // The thread may have died or been stopped meanwhile.
    if (this.#run.state.kind !== "running") return;
    const wrong = mismatchHits(this.#breakpoints, rows);
    if (wrong.length > 0) this.#stopIn(pass, "breakpoint", [...hits, ...wrong]);
    else if (reason !== null) this.#stopIn(pass, reason, hits);
    else if (summary.cancelled) this.#stopIn(pass, "pause", hits);
    else {
      this.#forgetOptimizers();
      this.#thread?.resume();
    }
  }

  #stopIn(pass: ReadablePass, reason: StopReason | null, hits: readonly Hit[], failure?: Failure): void {
    this.#progress.stop();
    const places = new BreakpointPlaces(pass, hits);
    const isEarlier = this.#places.enter(places, reason);
    const { first } = places;
    if (first && (reason === "breakpoint" || isEarlier)) {
      this.#run.stopAt(first.cursor, first.hit);
      // What stops with words has found something.
      if (first.hit.text !== "") void this.#options.recorder.saveOwn(null, false);
      return;
    }
    this.#run.setState({
      kind: "stopped",
      reason: reason ?? "pause",
      cursor: this.#run.cursor!,
      ...(failure && { failure }),
    });
    if (failure) void this.#options.recorder.saveOwn(failure, false);
  }

  async #placesNow(pass: PassId): Promise<BreakpointPlaces> {
    // Where the thread is dead nothing goes on, and nothing needs a place.
    const hits = this.#breakpoints.length > 0 ? await this.#thread?.hits(pass).catch(() => null) : null;
    const wrong = mismatchHits(this.#breakpoints, this.#run.verdictsOf(pass).rows);
    return new BreakpointPlaces(this.#source.open(pass), [...(hits ?? []), ...wrong]);
  }

  #isRunning(): boolean {
    return this.#run.state.kind === "running";
  }

  #assertFrozen(): void {
    if (!this.#thread?.frozen) throw requestFailure("the model file is not stopped");
  }

  /** The file goes on, and its optimizers with it. */
  #forgetOptimizers(): void {
    this.#run.optimizers = new OptimizerReader([]);
  }
}
