import type { Breakpoint, BreakpointStatus } from "../protocol/breakpoints.ts";
import type { CheckMode, CheckRow, CheckSummary } from "../protocol/check.ts";
import type { Cursor, CursorMove } from "../protocol/cursor.ts";
import type {
  BreakpointHit,
  Engine,
  EngineEvents,
  LaunchRequest,
  SessionState,
  StopReason,
} from "../protocol/engine.ts";
import type { EvaluatedValue, NamedValue } from "../protocol/evaluation.ts";
import type { Failure, Frame } from "../protocol/failure.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
import { createKernels } from "../kernels/create-kernels.ts";
import { chooseKernelBuild } from "../kernels/kernel-build.ts";
import { startRuntime } from "../core/runtime.ts";
import type { Edit, WhatIf } from "../protocol/what-if.ts";
import { elementCount } from "../core/shape.ts";
import type { ScratchArena } from "../memory/arena.ts";
import { createPool, type Pool } from "../threads/pool.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { BreakpointPlaces } from "./breakpoints/breakpoint-places.ts";
import type { Hit } from "./breakpoints/hit.ts";
import { mismatchHits } from "./breakpoints/mismatch.ts";
import { verify } from "./breakpoints/verification.ts";
import { CheckStore } from "./check-store.ts";
import { cursorAt, cursorAtStart, moveCursor } from "./cursor.ts";
import type { UserThreadMessage } from "./messages.ts";
import { RunningProgress } from "./running-progress.ts";
import { outputTaken, takeDropped } from "./user-output.ts";
import { PassInspector, requestFailure } from "./pass-inspector.ts";
import type { PassReader } from "../reading/pass-reader.ts";
import { watchMemory } from "./memory-watch.ts";
import { UserScope } from "./user-scope.ts";
import { UserThread } from "./user-thread-handle.ts";

/** Of the comparison that a breakpoint asks for. Those of panels and commands count from 1. */
const OWN_COMPARISON = 0 as JobId;

/** What a comparison found that could not be made. */
const UNCOMPARED = { rows: [], summary: { cancelled: true } } as const;

type StoppedMessage = Extract<UserThreadMessage, { type: "stopped" }>;

/** Moves that may pass over ops. */
function passesOver(move: CursorMove): boolean {
  return "over" in move || "out" in move || "line" in move;
}

export interface InspectorOptions {
  readonly memory: SharedMemory;
  /** This thread's arena: for recomputed contributions; freed after each request. */
  readonly arena: ScratchArena;
  readonly cacheFolder: string;
  readonly events: EngineEvents;
}

/**
 * The engine process's main thread: never runs user code, reads what the user thread recorded in shared memory, owns
 * the cursor, and answers the host and its panels.
 */
export class Inspector extends PassInspector implements Engine {
  readonly #memory: SharedMemory;
  readonly #scratchArena: ScratchArena;
  readonly #cacheFolder: string;
  readonly #events: EngineEvents;
  readonly #scope: UserScope;
  #pool: Pool | null = null;
  #breakpoints: readonly Breakpoint[] = [];
  /** Where breakpoints stop in the pass that the user thread is frozen after. */
  #places: BreakpointPlaces | null = null;
  /** Settles when breakpoints that were set while the file is stopped have their places. */
  #placing: Promise<void> = Promise.resolve();
  #thread: UserThread | null = null;
  #state: SessionState = { kind: "idle" };
  #stack: readonly Frame[] = [];
  readonly #progress: RunningProgress;
  /** Whether a pass is being compared before the file goes on. */
  #comparing = false;
  #stopWatch: () => void = () => undefined;

  constructor(options: InspectorOptions) {
    super(options.memory, options.arena);
    this.#memory = options.memory;
    this.#scratchArena = options.arena;
    this.#cacheFolder = options.cacheFolder;
    this.#events = options.events;
    this.#scope = new UserScope(options.memory);
    this.#progress = new RunningProgress(options.memory, (state) => this.#setState(state));
  }

  async launch(request: LaunchRequest): Promise<void> {
    if (this.#thread) throw requestFailure("a model file is already running in this session");
    this.program = request.program;
    const { deterministic, threads } = request;
    const build = chooseKernelBuild({ deterministic });
    startRuntime({ memory: this.#memory, arena: this.#scratchArena, kernels: createKernels(this.#memory, { build }) });
    this.#pool = createPool(this.#memory, threads === null ? { build } : { build, threads });
    this.checks = new CheckStore(this.#pool, this.tables, this.#events);
    this.#thread = new UserThread(
      { memory: this.#memory, launch: request, cacheFolder: this.#cacheFolder, build },
      {
        message: (message) => this.#receive(message),
        died: (failure) => this.#setState({ kind: "ended", failure, cursor: this.cursor }),
      },
    );
    this.#stopWatch = watchMemory((bytes) => this.#outOfMemory(bytes));
    this.#thread.setBreakpoints(this.#breakpoints);
    this.#progress.start();
  }

  async resume(): Promise<void> {
    // A thread that has gone on answers nothing.
    await this.#placing;
    if (this.#state.kind !== "stopped" || !this.#thread) throw requestFailure("the model file is not stopped");
    const next = this.cursor && this.#places?.after(this.cursor);
    if (next) return this.#stopAt(next.cursor, next.hit);
    this.#stack = [];
    this.forgetOptimizers();
    await this.#scope.release();
    this.#progress.start();
    this.#thread.resume();
  }

  async reverse(): Promise<Cursor> {
    const cursor = this.cursor;
    if (!cursor) throw requestFailure("there is no pass to step through yet");
    const previous = this.#places?.before(cursor);
    if (previous) {
      this.#stopAt(previous.cursor, previous.hit);
      return previous.cursor;
    }
    return this.moveCursor({ to: cursor.position > cursor.forwardSteps ? "start" : "forward-start" });
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    const statuses = breakpoints.map((breakpoint) => verify(breakpoint, this.tables.sites));
    // What can never be hit is not asked after at every pass.
    this.#breakpoints = breakpoints.filter((_, i) => statuses[i]!.verified || breakpoints[i]!.kind === "line");
    this.#thread?.setBreakpoints(this.#breakpoints);
    if (this.#state.kind === "stopped") await (this.#placing = this.#placeAgain());
    return statuses;
  }

  async pause(): Promise<void> {
    if (this.#state.kind !== "running") throw requestFailure("the model file is not running");
    if (this.#comparing) this.checks?.cancel(OWN_COMPARISON);
    else this.#thread?.interrupt();
  }

  async state(): Promise<SessionState> {
    return this.#state;
  }

  async selectPass(pass: PassId): Promise<Cursor> {
    return this.#setCursor(cursorAtStart(this.reader(pass)));
  }

  async moveCursor(move: CursorMove): Promise<Cursor> {
    const cursor = this.cursor;
    if (!cursor) throw requestFailure("there is no pass to step through yet");
    const target = moveCursor(this.reader(cursor.pass), cursor, move);
    // What is stepped over may be what somebody waits for.
    const between = passesOver(move) ? this.#places?.after(cursor) : null;
    if (between && between.cursor.position < target.position) {
      this.#stopAt(between.cursor, between.hit);
      return between.cursor;
    }
    return this.#setCursor(target);
  }

  async frames(pass: PassId, node: NodeId): Promise<readonly Frame[]> {
    this.reader(pass).row(node);
    // While the file runs, or when its thread is dead, nobody can tell.
    return (await this.#thread?.frames(pass, node).catch(() => null)) ?? [];
  }

  async stack(): Promise<readonly Frame[]> {
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

  async children(reference: number): Promise<readonly NamedValue[]> {
    this.#assertFrozen();
    return this.#scope.children(reference);
  }

  async check(
    job: JobId,
    pass: PassId,
    mode: CheckMode = "sampled",
  ): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    const reader = this.reader(pass);
    if (!this.checks) throw requestFailure("nothing has run yet");
    return this.checks.run(job, reader, this.#thread, mode);
  }

  async checkGradient(job: JobId, pass: PassId, node: NodeId): Promise<CheckRow> {
    const reader = this.reader(pass);
    if (!this.checks) throw requestFailure("nothing has run yet");
    if (reader.gradient(reader.row(node)) === null) throw requestFailure("this node gets no gradient");
    return this.checks.runGradient(job, reader, this.#thread, node);
  }

  async whatIf(pass: PassId, edits: readonly Edit[]): Promise<WhatIf> {
    const reader = this.reader(pass);
    if (!this.checks) throw requestFailure("nothing has run yet");
    for (const { node, element } of edits) {
      const count = elementCount(reader.tape.shape(reader.row(node)));
      if (!(element >= 0 && element < count)) throw requestFailure(`node ${node} has no element ${element}`);
    }
    return this.checks.whatIf(reader, this.#thread, edits);
  }

  async verdicts(pass: PassId): Promise<readonly CheckRow[]> {
    return this.checks?.rowsOf(pass) ?? [];
  }

  async cancel(job: JobId): Promise<void> {
    this.checks?.cancel(job);
  }

  /** Ends the user thread and all work under way. */
  async dispose(): Promise<void> {
    this.#progress.stop();
    this.#stopWatch();
    this.checks?.dispose();
    void this.#scope.release();
    await Promise.all([this.#thread?.stop(), this.#pool?.dispose()]);
  }

  /** Ends the user thread; what it recorded can still be read. */
  #outOfMemory(bytes: number): void {
    this.#progress.stop();
    void this.#thread?.stop();
    const failure: Failure = {
      kind: "out-of-memory",
      message: `the model file was ended when it had taken ${(bytes / 2 ** 30).toFixed(1)} GiB of memory`,
      site: null,
      fix: "let go of arrays and tensors you no longer need, or use smaller ones",
    };
    this.#setState({ kind: "ended", failure, cursor: this.cursor });
  }

  #receive(message: UserThreadMessage): void {
    switch (message.type) {
      case "output": {
        outputTaken(this.#memory);
        const { stream, text, site } = message;
        this.#events.output([{ stream, text, site: this.tables.site(site) }], takeDropped(this.#memory));
        return;
      }
      case "reported":
        return this.#events.passReported(message.report);
      case "warning":
        return this.#events.warned(message.failure);
      case "sites":
        this.tables.update(message.tables);
        if (this.#breakpoints.length === 0) return;
        return this.#events.breakpointsChanged(this.#breakpoints.map((one) => verify(one, this.tables.sites)));
      case "stopped":
      case "ended":
        return this.#stopped(message);
    }
  }

  #stopped(message: Extract<UserThreadMessage, { type: "stopped" | "ended" }>): void {
    const newest = this.takeIn(message);
    if (newest && newest.id !== this.cursor?.pass) {
      this.cursor = newest.record.failed
        ? cursorAt(newest, newest.forwardOrder.length + newest.record.steps)
        : cursorAtStart(newest);
    }
    const failure = message.failure ?? undefined;
    if (message.type === "ended" || !newest || !this.cursor) {
      this.#progress.stop();
      this.#stack = [];
      this.#places = null;
      return this.#setState({ kind: "ended", cursor: this.cursor, ...(failure && { failure }) });
    }
    this.#stack = message.frames;
    if (message.compare) void this.#compareFirst(newest, message);
    else this.#stopIn(newest, message.reason, message.hits, failure);
  }

  /** Stops at the ops of a pass whose gradients are wrong; where there are none, as if it had not been compared. */
  async #compareFirst(reader: PassReader, { reason, hits }: StoppedMessage): Promise<void> {
    this.#comparing = true;
    const { rows, summary } = await this.checks!.run(OWN_COMPARISON, reader, this.#thread, "sampled").catch(
      (error: unknown) => {
        const why = error instanceof Error ? error.message : (error as Failure).message;
        const message = `the comparison that a breakpoint asks for failed: ${why}`;
        this.#events.warned({ kind: "value", message, site: null });
        return UNCOMPARED;
      },
    );
    this.#comparing = false;
    // The thread may have died or been stopped meanwhile.
    if (this.#state.kind !== "running") return;
    const wrong = mismatchHits(this.#breakpoints, rows);
    if (wrong.length > 0) this.#stopIn(reader, "breakpoint", [...hits, ...wrong]);
    else if (reason !== null) this.#stopIn(reader, reason, hits);
    else if (summary.cancelled) this.#stopIn(reader, "pause", hits);
    else {
      this.forgetOptimizers();
      this.#thread?.resume();
    }
  }

  #stopIn(reader: PassReader, reason: StopReason | null, hits: readonly Hit[], failure?: Failure): void {
    this.#progress.stop();
    this.#places = new BreakpointPlaces(reader, hits);
    const first = reason === "breakpoint" ? this.#places.first : null;
    if (first) return this.#stopAt(first.cursor, first.hit);
    this.#setState({
      kind: "stopped",
      reason: reason ?? "pause",
      cursor: this.cursor!,
      ...(failure && { failure }),
    });
  }

  /** What is set while the file is stopped counts in the pass that it is stopped in: run to cursor is such a breakpoint. */
  async #placeAgain(): Promise<void> {
    const stopped = this.#places;
    // Where the thread is dead nothing goes on, and nothing needs a place.
    const hits = await this.#thread?.hits().catch(() => null);
    // Meanwhile the file may have gone on.
    if (!stopped || !hits || this.#places !== stopped) return;
    this.#places = stopped.withHits([...hits, ...mismatchHits(this.#breakpoints, this.checks!.rowsOf(stopped.pass))]);
  }

  #stopAt(cursor: Cursor, hit: BreakpointHit): void {
    this.cursor = cursor;
    this.#setState({ kind: "stopped", reason: "breakpoint", cursor, hit });
  }

  #assertFrozen(): void {
    if (!this.#thread?.frozen) throw requestFailure("the model file is not stopped");
  }

  #setCursor(cursor: Cursor): Cursor {
    this.cursor = cursor;
    if (this.#state.kind === "stopped" || this.#state.kind === "ended") this.#state = { ...this.#state, cursor };
    this.#events.cursorMoved(cursor);
    return cursor;
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#events.stateChanged(state);
  }
}
