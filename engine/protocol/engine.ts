import type { Breakpoint, BreakpointId, BreakpointStatus } from "./breakpoints.ts";
import type { CheckMode, CheckRow, CheckSummary, GradientEdit, GradientFix } from "./check.ts";
import type { PassComparison } from "./comparison.ts";
import type { Cursor, CursorMove } from "./cursor.ts";
import type { EvaluatedValue, NamedValue, Page } from "./evaluation.ts";
import type { Finding } from "./finding.ts";
import type { Failure, Frame } from "./failure.ts";
import type { NodeStatistics, NodeTimes, PassGraph } from "./graph.ts";
import type { JobId, NodeId, PassId, SiteId } from "./ids.ts";
import type {
  ElementExplanation,
  ElementsRequest,
  HeatMap,
  HeatMapRequest,
  NodeDetail,
  NodeSummary,
  ProductTerm,
  RuleAtElement,
  TensorSummary,
} from "./inspection.ts";
import type { OptimizerDetail } from "./optimizer.ts";
import type { RankReading, RankStates } from "./ranks.ts";
import type { PassReport } from "./report.ts";
import type { Rerunning } from "./rerun.ts";
import type { ScalarGraph } from "./scalars.ts";
import type { Site } from "./site.ts";
import type { TensorSource } from "./tensor-source.ts";
import type {
  GradientHistograms,
  BadStep,
  BadStepKind,
  LogFormat,
  LogReading,
  LogRequest,
  SavedLog,
} from "./training-log.ts";
import type { Edit, WhatIf } from "./what-if.ts";

/** Where a run stops by itself. */
export type StopOn =
  | { readonly kind: "first" }
  | { readonly kind: "nth"; readonly n: number }
  | { readonly kind: "every" }
  | { readonly kind: "breakpoints" }
  /**
   * At the first pass of each distinct structure (the same ops, wired the same way, on data of any size), and at the first
   * whose numbers are not all finite.
   */
  | { readonly kind: "distinct" }
  /** Never: run without debugging. */
  | { readonly kind: "none" };

export interface LaunchRequest {
  /** Absolute path of the model file. */
  readonly program: string;
  readonly args: readonly string[];
  readonly stopOn: StopOn;
  /** Pool threads besides the caller's; null for as many as there are cores. */
  readonly threads: number | null;
  /** Bytes of tensors that finished passes may keep. */
  readonly historyBytes: number;
  readonly seed: number | null;
  readonly deterministic: boolean;
  /** Whether every op notes the calls that led to it; light: the site alone. Full when absent. */
  readonly recording?: "full" | "light";
  /** Push a {@link PassReport} for every pass as it ends, with or without the gradients' elements. */
  readonly report?: "norms" | "values";
  /** The program is a PyTorch script, and this is how to run it; absent for JavaScript and TypeScript. */
  readonly python?: PythonRequest;
  /** Save a recording when the run ends, stops at a fault, or dies. */
  readonly record?: RecordRequest;
  /** Texts that are run in place of those of files, by absolute path: of a fix that is tried, say. Nothing is written. */
  readonly texts?: readonly { readonly file: string; readonly text: string }[];
  /** Look for what is wrong with the training. */
  readonly findings?: boolean;
  /** Whether the training log is kept; it is when absent. */
  readonly log?: boolean;
  /** Run to this pass as fast as can be, and stop in it whatever else says where to stop; from there on as usual. */
  readonly goTo?: PassId;
}

/** How to run a Python program. */
export interface PythonRequest {
  /** The Python to run it with; null for that of a `.venv` beside it or above, else `python3` on the PATH. */
  readonly interpreter: string | null;
  /** Whether the program is the name of a module, as after `python -m`. */
  readonly module: boolean;
  readonly cwd: string;
  /** Variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many processes train together, each a rank with the variables that torchrun sets; one, without them, when absent. */
  readonly ranks?: number;
  /** What stands after `torchrun`, where that is to start the ranks; the program is then the script that it names. */
  readonly torchrun?: readonly string[];
}

export interface RecordRequest {
  /** Absolute path of the recording; a file of that name is replaced once the recording is whole. */
  readonly file: string;
  /** The last so many passes; or every pass that was compared while the file was stopped in it. */
  readonly passes: number | "compared";
}

/** A recording that was saved. */
export interface SavedRecording {
  readonly file: string;
  readonly passes: number;
  readonly bytes: number;
}

export interface PassSummary {
  /** Numbers are given as passes start. */
  readonly pass: PassId;
  /** The pass whose hook or custom Function ran this one. */
  readonly within?: PassId;
  readonly kind: "backward" | "grad";
  readonly loss: number | null;
  readonly nodeCount: number;
  /** Where backward() or autograd.grad was called. */
  readonly site: Site | null;
  /** False once the pass was released to keep within the memory budget. */
  readonly kept: boolean;
}

export type SessionState =
  | { readonly kind: "idle" }
  | {
      readonly kind: "running";
      readonly passes: number;
      readonly loss: number | null;
      readonly passesPerSecond: number;
    }
  | {
      readonly kind: "stopped";
      readonly reason: StopReason;
      readonly cursor: Cursor;
      readonly failure?: Failure;
      /** Which breakpoints stop here, and what they found, when they do. */
      readonly hit?: BreakpointHit;
    }
  /** The file ended; its passes can still be read. */
  | { readonly kind: "ended"; readonly failure?: Failure; readonly cursor: Cursor | null };

export interface BreakpointHit {
  readonly ids: readonly BreakpointId[];
  /** "the gradient is not finite"; empty for breakpoints on lines and names. */
  readonly text: string;
  /** Which hit this is, from 1; of several breakpoints that of the one that has been hit most often. */
  readonly count: number;
}

/** `not-finite`: where a run stops at distinct structures, the first pass whose numbers are not all finite. */
export type StopReason = "entry" | "not-finite" | "breakpoint" | "pause" | "step" | "exception" | "goto";

/** What an engine process can do about the run that it shows, beyond reading what was recorded. */
export interface Capabilities {
  /** {@link Checking}: ops can be run again. */
  readonly checking: boolean;
  /** {@link LiveProgram}: the program runs, or stands still and can be asked. */
  readonly live: boolean;
}

/** A frame of the user's that stands still. */
export interface LiveFrame extends Frame {
  /** The pass that its call runs, where that goes on after this stop: a hook or Function of it is running. */
  readonly runs?: { readonly pass: PassId; readonly kind: "backward" | "grad" };
}

/** What can be asked of any recorded run, whether its program is alive or not. Every method may reject with a {@link Failure}. */
export interface PassReading {
  capabilities(): Promise<Capabilities>;
  state(): Promise<SessionState>;
  /** All passes in the order of their numbers, or so many of them from one place on: a long run has very many. */
  passes(from?: number, count?: number): Promise<readonly PassSummary[]>;
  /** Shows another kept pass. */
  selectPass(pass: PassId): Promise<Cursor>;
  moveCursor(move: CursorMove): Promise<Cursor>;

  graph(pass: PassId): Promise<PassGraph>;
  statistics(pass: PassId): Promise<NodeStatistics>;
  /** Runs every op a few times again, so asked for only when somebody looks. Custom Functions are left out. */
  times(pass: PassId): Promise<NodeTimes>;
  node(pass: PassId, node: NodeId): Promise<NodeDetail>;
  heatMap(pass: PassId, node: NodeId, request: HeatMapRequest): Promise<HeatMap>;
  /** Row-major elements as doubles. */
  elements(pass: PassId, node: NodeId, request: ElementsRequest): Promise<Float64Array>;
  summaryOf(source: TensorSource): Promise<TensorSummary>;
  /** Row-major elements of a tensor that belongs to no plane of a node, as doubles; at most 65,536 at a time. */
  elementsOf(source: TensorSource, start: number, count: number): Promise<Float64Array>;
  explain(pass: PassId, node: NodeId, index: readonly number[]): Promise<ElementExplanation>;
  /** The op's rule with numbers at one element of its result, for each input that gets a gradient. */
  explainRule(pass: PassId, node: NodeId, index: readonly number[]): Promise<readonly RuleAtElement[]>;
  /** What a node passes back to the input at a place, where it runs in the backward pass. */
  productTerm(pass: PassId, node: NodeId, place: number): Promise<ProductTerm>;
  /** A node of at most 64 elements and the small tensors around it as scalars at the cursor. */
  scalars(pass: PassId, node: NodeId): Promise<ScalarGraph>;

  /** Every node of the shown pass made in a file, for hovers and inline values: node, site, label. */
  nodesInFile(file: string): Promise<readonly { readonly node: NodeId; readonly site: Site; readonly label: string }[]>;
  /** Value and gradient at the cursor in one answer, small enough for a hover. */
  summaries(pass: PassId, node: NodeId): Promise<NodeSummary>;
  /** Verdicts known so far for a pass. */
  verdicts(pass: PassId): Promise<readonly CheckRow[]>;

  /** A stretch of the training log: numbers of every pass of the run, kept or not. Also while the program runs. */
  trainingLog(request: LogRequest): Promise<LogReading>;
  /** The first pass in which the training went wrong in a way, by the log; null where it did not. */
  firstBadStep(kind: BadStepKind): Promise<BadStep | null>;
  /** How a parameter's gradient is spread, in at most so many of the passes that are kept. Not while the program runs. */
  gradientHistograms(parameter: string, most: number): Promise<GradientHistograms>;
  /** Writes the log to a file, or for TensorBoard into a folder, which is made where there is none. */
  exportLog(format: LogFormat, path: string): Promise<SavedLog>;

  /**
   * Saves passes that are kept as a recording, with what is known of them. Progress arrives by `saveProgress`; `cancelSave`
   * leaves no file. Not while the program runs.
   * @param passes all that are kept, where null
   */
  save(job: JobId, file: string, passes: readonly PassId[] | null): Promise<SavedRecording>;
  cancelSave(job: JobId): Promise<void>;
  /**
   * Compares a pass with another of this run, or with one of a recording.
   * @param file a recording; null for this run
   * @param other null: the pass of the same number, else the newest of the recording
   */
  compareWith(pass: PassId, file: string | null, other: PassId | null): Promise<PassComparison>;
  /** A source file's text as it was when the program ran; null where it is not known. */
  sourceText(file: string): Promise<string | null>;
  /** The edit that puts right what a Function's `backward` returned when it ran; null where none is certain. */
  gradientEdit(backward: Site, fix: GradientFix): Promise<GradientEdit | null>;
}

/** What can be asked where ops can be run again, on other numbers. Every method may reject with a {@link Failure}. */
export interface Checking {
  /** Compares the pass with finite differences; rows arrive by `checkProgress` and all of them in the answer. */
  check(
    job: JobId,
    pass: PassId,
    mode?: CheckMode,
  ): Promise<{ readonly rows: readonly CheckRow[]; readonly summary: CheckSummary }>;
  /** Compares the gradient of one node of the pass, a parameter or an op's result, element by element. */
  checkGradient(job: JobId, pass: PassId, node: NodeId): Promise<CheckRow>;
  /**
   * The pass as it would be with some elements changed; nothing recorded changes. Progress arrives by `checkProgress`,
   * without rows, where it takes long; `cancel` ends it, and rejects.
   */
  whatIf(job: JobId, pass: PassId, edits: readonly Edit[]): Promise<WhatIf>;
  cancel(job: JobId): Promise<void>;
}

/** What can be asked of a program that is alive. Every method may reject with a {@link Failure}. */
export interface LiveProgram {
  launch(request: LaunchRequest): Promise<void>;
  /**
   * On to the next breakpoint of the shown pass after the cursor, when the file is stopped in that pass; else lets the
   * frozen user thread go on to the next stop, or to its end.
   */
  resume(): Promise<void>;
  /** Back to the previous breakpoint of the shown pass, else to the start of its backward pass, else of its forward. */
  reverse(): Promise<Cursor>;
  /** Replaces all breakpoints. May be called before the launch, and while the file runs. */
  setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]>;
  /** Stops the running file at its next op or backward step. */
  pause(): Promise<void>;
  /** Ends the running file wherever it is, as a Ctrl-C does; the failure that it ends with says where that was. */
  interrupt(): Promise<void>;
  /** The optimizers that the frozen file can reach, as they are at the stop, whichever pass is shown. */
  optimizers(): Promise<readonly OptimizerDetail[]>;
  /** The user's frames at the time of the node's call; outermost last. None while the file runs or when its thread has ended. */
  frames(pass: PassId, node: NodeId): Promise<readonly Frame[]>;
  /** The user's frames at the stop, innermost first; empty once the file has ended. */
  stack(): Promise<readonly LiveFrame[]>;
  /** Variables of one of those frames. */
  locals(frame: number): Promise<readonly NamedValue[]>;
  /** Evaluates an expression in one of those frames (null: globally), for at most a second. */
  evaluate(expression: string, frame: number | null): Promise<EvaluatedValue>;
  /** Its named parts, or a page of its elements. */
  children(reference: number, page?: Page): Promise<readonly NamedValue[]>;
}

/** What an engine process answers. What the run that it shows cannot do is rejected with a {@link Failure} that says so. */
export interface Engine extends PassReading, Checking, LiveProgram, Rerunning, RankReading {}

export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly site: Site | null;
  /** Which rank printed it, where several train together. */
  readonly rank?: number;
}

/** What the engine process pushes to every channel. */
export interface EngineEvents {
  stateChanged(state: SessionState): void;
  cursorMoved(cursor: Cursor): void;
  /** More is sent when this has settled. `dropped` writes are missing, for nobody took them in time. */
  output(lines: readonly OutputLine[], dropped: number): void | Promise<void>;
  checkProgress(job: JobId, pass: PassId, done: number, total: number, rows: readonly CheckRow[]): void;
  /**
   * The file is being run again, to go back to a pass that was released; so many of the passes up to it have run. `done` is
   * `total` once it is over, whether it came there or not.
   */
  rerunProgress(job: JobId, done: number, total: number): void;
  /** How many of the passes that are being saved are written. */
  saveProgress(job: JobId, done: number, total: number): void;
  /** A recording that the launch asked for has been saved. */
  recordingSaved(recording: SavedRecording): void;
  passReported(report: PassReport): void;
  /** A file was loaded: breakpoints can be hit that could not before, or elsewhere. */
  breakpointsChanged(statuses: readonly BreakpointStatus[]): void;
  /** A warning about the user's model that does not stop it: a broadcast in a loss, a float64 mix-up. */
  warned(failure: Failure): void;
  /** The training log has so many passes and rows by now. Told at most four times a second, and before each stop. */
  trainingLogGrew(passes: number, rows: number): void;
  /** All that is known to be wrong with the training, at a stop and at the end. */
  findingsChanged(findings: readonly Finding[]): void;
  /** How the ranks of the run stand, where there are several; told at most four times a second, and at each stop and end. */
  ranksChanged(states: RankStates): void;
}

export type { SiteId };
