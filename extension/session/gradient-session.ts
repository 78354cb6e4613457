import path from "node:path";
import { t } from "../../engine/language/translate.ts";
import type { BreakpointStatus } from "../../engine/protocol/breakpoints.ts";
import type { CheckMode, CheckRow, CheckSummary, Verdict } from "../../engine/protocol/check.ts";
import type { Cursor, CursorMove } from "../../engine/protocol/cursor.ts";
import type {
  Engine,
  LaunchRequest,
  OutputLine,
  PassSummary,
  SavedRecording,
  SessionState,
} from "../../engine/protocol/engine.ts";
import type { Finding } from "../../engine/protocol/finding.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import type { RankStates } from "../../engine/protocol/ranks.ts";
import type { Edit, ShownWhatIf, WhatIf } from "../../engine/protocol/what-if.ts";
import type { JobId, PassId } from "../../engine/protocol/ids.ts";
import type { EngineConnection } from "../../engine/client/engine-connection.ts";
import { RECORDING_EXTENSION } from "../../engine/protocol/model-file.ts";
import { Signal, type Disposable } from "./signal.ts";
import { Verdicts } from "../../engine/recording/verdicts.ts";

export interface Output {
  readonly lines: readonly OutputLine[];
  /** Lines that were dropped because the file wrote faster than anybody can read. */
  readonly dropped: number;
}

export interface CheckProgress {
  readonly job: JobId;
  readonly pass: PassId;
  readonly done: number;
  readonly total: number;
}

/** How many of the passes that are being saved are written. */
export interface SaveProgress {
  readonly job: JobId;
  readonly done: number;
  readonly total: number;
}

/** Graphs of passes that are kept at hand; they are fetched again when an older one is asked for. */
const GRAPHS_KEPT = 8;
/** What an engine may take to save the recording that its launch asked for when it is stopped. */
const SAVING_MILLISECONDS = 60_000;

/**
 * A session: the engine's state as it was last told, and the graphs that name what it talks about. Every surface of the
 * extension reads it; none keeps a copy.
 */
export class GradientSession {
  readonly program: string;
  readonly connection: EngineConnection;
  readonly stateChanged = new Signal<SessionState>();
  readonly cursorMoved = new Signal<Cursor>();
  readonly output = new Signal<Output>();
  readonly warned = new Signal<Failure>();
  readonly checkProgress = new Signal<CheckProgress>();
  readonly saveProgress = new Signal<SaveProgress>();
  readonly rerunProgress = new Signal<SaveProgress>();
  readonly recordingSaved = new Signal<SavedRecording>();
  /** Some verdicts of a pass arrived. */
  readonly verdictsChanged = new Signal<PassId>();
  /** What is wrong with the training, at a stop and at the end. */
  readonly findingsChanged = new Signal<readonly Finding[]>();
  /** Somebody set elements to other values, or took that back. */
  readonly whatIfChanged = new Signal<ShownWhatIf | null>();
  /** How the ranks of the run stand, where there are several. */
  readonly ranksChanged = new Signal<RankStates>();
  readonly breakpointsChanged = new Signal<readonly BreakpointStatus[]>();
  /** The engine is gone: with the reason, or null when it was asked to end. */
  readonly ended = new Signal<Failure | null>();

  /** Whether its launch asked for a recording. */
  #isRecording = false;
  #state: SessionState = { kind: "idle" };
  #cursor: Cursor | null = null;
  #alive = true;
  #whatIf: ShownWhatIf | null = null;
  #ranks: RankStates | null = null;
  #lastJob = 0;
  #checking: JobId | null = null;
  readonly #graphs = new Map<PassId, Promise<PassGraph>>();
  readonly #verdicts = new Map<PassId, Verdicts>();
  readonly #recalled = new Set<PassId>();

  constructor(program: string, connection: EngineConnection) {
    this.program = program;
    this.connection = connection;
    connection.serve({
      stateChanged: (state) => this.#setState(state),
      cursorMoved: (cursor) => this.#setCursor(cursor),
      output: (lines, dropped) => this.output.fire({ lines, dropped }),
      rerunProgress: (job, done, total) => this.rerunProgress.fire({ job, done, total }),
      checkProgress: (job, pass, done, total, rows) => {
        this.#learn(pass, rows);
        this.checkProgress.fire({ job, pass, done, total });
      },
      saveProgress: (job, done, total) => this.saveProgress.fire({ job, done, total }),
      recordingSaved: (recording) => this.recordingSaved.fire(recording),
      // Asked for by the command line alone.
      passReported: () => undefined,
      trainingLogGrew: () => undefined,
      findingsChanged: (findings) => {
        this.findingsChanged.fire(findings);
      },
      ranksChanged: (states) => this.#setRanks(states),
      breakpointsChanged: (statuses) => {
        this.breakpointsChanged.fire(statuses);
      },
      warned: (failure) => this.warned.fire(failure),
    });
    void connection.gone.then((failure) => {
      this.#alive = false;
      this.ended.fire(failure === null ? null : this.#placed(failure));
    });
  }

  /** Whether it shows a recording in place of a program. */
  get isRecording(): boolean {
    return path.extname(this.program) === RECORDING_EXTENSION;
  }

  get engine(): Engine {
    return this.connection.engine;
  }
  get state(): SessionState {
    return this.#state;
  }
  /** Null while nothing can be shown. */
  get cursor(): Cursor | null {
    return this.#cursor;
  }
  /** What elements were set to, and what follows; null while everything is as recorded. */
  get whatIf(): ShownWhatIf | null {
    return this.#whatIf;
  }
  /** How the ranks of the run stand; null where there is one alone. */
  get ranks(): RankStates | null {
    return this.#ranks;
  }
  get alive(): boolean {
    return this.#alive;
  }
  /** Whether the tape can be read: the file is frozen, or it has ended. */
  get readable(): boolean {
    return this.#alive && this.#cursor !== null && (this.#state.kind === "stopped" || this.#state.kind === "ended");
  }
  get checking(): boolean {
    return this.#checking !== null;
  }

  launch(request: LaunchRequest): Promise<void> {
    this.#isRecording = request.record !== undefined;
    return this.engine.launch(request);
  }

  showWhatIf(shown: ShownWhatIf | null): void {
    this.#whatIf = shown;
    this.whatIfChanged.fire(shown);
  }

  /** Lets the file run on. */
  resume(): Promise<void> {
    return this.engine.resume();
  }

  async reverse(): Promise<Cursor> {
    const cursor = await this.engine.reverse();
    this.#setCursor(cursor);
    return cursor;
  }

  pause(): Promise<void> {
    return this.engine.pause();
  }

  async moveCursor(move: CursorMove): Promise<Cursor> {
    const cursor = await this.engine.moveCursor(move);
    this.#setCursor(cursor);
    return cursor;
  }

  async selectPass(pass: PassId): Promise<Cursor> {
    const cursor = await this.engine.selectPass(pass);
    this.#setCursor(cursor);
    return cursor;
  }

  passes(): Promise<readonly PassSummary[]> {
    return this.engine.passes();
  }

  graph(pass: PassId): Promise<PassGraph> {
    const known = this.#graphs.get(pass);
    if (known) return known;
    const graph = this.engine.graph(pass);
    this.#graphs.set(pass, graph);
    graph.catch(() => this.#graphs.delete(pass));
    for (const old of this.#graphs.keys()) {
      if (this.#graphs.size <= GRAPHS_KEPT) break;
      this.#graphs.delete(old);
    }
    return graph;
  }

  /** Verdicts known so far. A row about an op and one about a parameter may share a node. */
  verdicts(pass: PassId): readonly CheckRow[] {
    return this.#verdicts.get(pass)?.rows ?? [];
  }

  /** How many ops and parameters of a pass have which verdict. */
  tally(pass: PassId): Readonly<Record<Verdict, number>> {
    return (this.#verdicts.get(pass) ?? new Verdicts()).tally();
  }

  /** The row that speaks for a node. */
  verdictOf(pass: PassId, node: NodeId): CheckRow | null {
    return this.#verdicts.get(pass)?.of(node) ?? null;
  }

  /** Compares the shown pass with finite differences; the verdicts are kept here. */
  async check(pass: PassId, mode: CheckMode = "sampled"): Promise<CheckSummary> {
    const job = ++this.#lastJob as JobId;
    this.#checking = job;
    try {
      const { rows, summary } = await this.engine.check(job, pass, mode);
      this.#learn(pass, rows);
      return summary;
    } finally {
      if (this.#checking === job) this.#checking = null;
    }
  }

  /** Runs a pass again with some elements changed. @param progress is told where it takes long; the signal ends it */
  async askWhatIf(
    pass: PassId,
    edits: readonly Edit[],
    progress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<WhatIf> {
    const job = ++this.#lastJob as JobId;
    const subscription = this.checkProgress.listen((news) => news.job === job && progress(news.done, news.total));
    const cancel = (): void => void this.engine.cancel(job);
    signal.addEventListener("abort", cancel);
    try {
      return await this.engine.whatIf(job, pass, edits);
    } finally {
      signal.removeEventListener("abort", cancel);
      subscription.dispose();
    }
  }

  /** Shows a pass; for one that was released the file is run again. Whoever listens to `rerunProgress` can cancel that. */
  async goToPass(pass: PassId): Promise<Cursor> {
    const cursor = await this.engine.goToPass(++this.#lastJob as JobId, pass);
    this.#setCursor(cursor);
    return cursor;
  }

  async cancelCheck(): Promise<void> {
    if (this.#checking !== null) await this.engine.cancel(this.#checking);
  }

  /**
   * Saves passes that are kept, all of them where null.
   * @returns null when it was cancelled: then there is no file
   */
  async saveRecording(
    file: string,
    passes: readonly PassId[] | null,
    cancelled: { readonly isCancellationRequested: boolean; onCancellationRequested(listener: () => void): Disposable },
    progress: (done: number, total: number) => void,
  ): Promise<SavedRecording | null> {
    const job = ++this.#lastJob as JobId;
    const subscriptions = [
      this.saveProgress.listen((news) => news.job === job && progress(news.done, news.total)),
      cancelled.onCancellationRequested(() => void this.engine.cancelSave(job)),
    ];
    try {
      return await this.engine.save(job, file, passes);
    } catch (error) {
      if (cancelled.isCancellationRequested) return null;
      throw error;
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
    }
  }

  /** Ends the engine; nothing of it is left when this settles. */
  stop(): Promise<void> {
    return this.connection.stop(this.#isRecording ? SAVING_MILLISECONDS : undefined);
  }

  #setState(state: SessionState): void {
    this.#state = state;
    if (state.kind === "stopped") this.#cursor = state.cursor;
    else if (state.kind === "ended") this.#cursor = state.cursor ?? this.#cursor;
    this.stateChanged.fire(state);
    if (this.#cursor) void this.#recall(this.#cursor.pass);
  }

  /** A recording's verdicts were found before it was opened. */
  async #recall(pass: PassId): Promise<void> {
    if (!this.isRecording || this.#recalled.has(pass)) return;
    this.#recalled.add(pass);
    this.#learn(pass, await this.engine.verdicts(pass).catch(() => []));
  }

  #setCursor(cursor: Cursor): void {
    const same = this.#cursor !== null && isSamePlace(this.#cursor, cursor);
    this.#cursor = cursor;
    const moved = this.#state.kind === "stopped" && this.#state.cursor.position !== cursor.position;
    // What stopped the file did so where it stopped, not where the cursor has gone since.
    if (moved) this.#state = { kind: "stopped", reason: "step", cursor };
    else if (this.#state.kind === "stopped") this.#state = { ...this.#state, cursor };
    else if (this.#state.kind === "ended") this.#state = { ...this.#state, cursor };
    // The answer to a move and the event that tells everybody of it both arrive here.
    if (!same) this.cursorMoved.fire(cursor);
    void this.#recall(cursor.pass);
  }

  /** Passes of another rank have the same numbers, and are other passes. */
  #setRanks(states: RankStates): void {
    if (states.shown !== (this.#ranks?.shown ?? 0)) {
      this.#graphs.clear();
      this.#verdicts.clear();
    }
    this.#ranks = states;
    this.ranksChanged.fire(states);
  }

  #learn(pass: PassId, rows: readonly CheckRow[]): void {
    if (rows.length === 0) return;
    this.#verdicts.set(pass, (this.#verdicts.get(pass) ?? new Verdicts()).learn(rows));
    this.verdictsChanged.fire(pass);
  }

  /** A dead process cannot say where it was; the last state it told does. */
  #placed(failure: Failure): Failure {
    if (this.#state.kind !== "running" || this.#state.passes === 0) return failure;
    return { ...failure, message: t`${failure.message} ${this.#state.passes} passes had run.` };
  }
}

/** Whether two cursors show the same of a pass. */
export function isSamePlace(a: Cursor, b: Cursor): boolean {
  return a.pass === b.pass && a.position === b.position && a.term === b.term;
}
