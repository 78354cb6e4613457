import { extname } from "node:path";
import { startRuntime, type Runtime } from "../core/runtime.ts";
import { createKernels } from "../kernels/create-kernels.ts";
import { chooseKernelBuild, type KernelBuild } from "../kernels/kernel-build.ts";
import type { ScratchArena } from "../memory/arena.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Breakpoint, BreakpointStatus } from "../protocol/breakpoints.ts";
import type { Checking, EngineEvents, LaunchRequest, LiveProgram } from "../protocol/engine.ts";
import { RECORDING_EXTENSION } from "../protocol/model-file.ts";
import type { JobId, PassId } from "../protocol/ids.ts";
import { LiveSource } from "../reading/live-source.ts";
import { PagedSource } from "../reading/paged-source.ts";
import { FollowedLog, type Parting } from "../recording/log/followed-log.ts";
import { cursorAtStart } from "../recording/moves.ts";
import { createPool, type Pool } from "../threads/pool.ts";
import type { ExaminerParts } from "./answering.ts";
import { CheckRunner, type FunctionRunner } from "./check-runner.ts";
import { InspectedRun } from "./inspected-run.ts";
import { LiveRun } from "./live-run.ts";
import { PassAnswers } from "./pass-answers.ts";
import { PassChecks } from "./pass-checks.ts";
import { ELSEWHERE, PythonChecks } from "./python/python-checks.ts";
import { PythonRun } from "./python/python-run.ts";
import type { ScriptBeginning } from "./python/script-beginning.ts";
import type { OpenedRecording } from "./recording/file-source.ts";
import type { RankSeat } from "./ranks/rank-seat.ts";
import { Recorder } from "./recording/recorder.ts";
import { requestFailure } from "./request-failure.ts";
import type { Repeatable } from "./rerun.ts";
import { StoredRun } from "./stored-run.ts";

/** Stands for the Functions of a script: only the script itself can run its ops that ours do not stand for. */
const ONLY_ITS_SCRIPT: FunctionRunner = { evaluate: () => Promise.reject(requestFailure(ELSEWHERE)) };

/** The job of the comparison that a breakpoint asks for. The jobs of panels and commands count from 1. */
const OWN_COMPARISON = 0 as JobId;

export interface ExaminerOptions {
  readonly memory: SharedMemory;
  /** This thread's arena: for recomputed contributions; freed after each request. */
  readonly arena: ScratchArena;
  readonly cacheFolder: string | null;
  readonly events: EngineEvents;
  /** The log of an earlier run of the same program, which this one is held against; absent for the first. */
  readonly followed?: FollowedLog;
  /** The run is another than the earlier one from here on. */
  readonly parted?: (parting: Parting) => void;
  /** What the earlier run of a script began with. */
  readonly repeats?: ScriptBeginning;
  /** The place of a script that is one of several ranks. */
  readonly seat?: RankSeat;
}

/** The kernels that all threads compute with, and how many threads compare; null for as many as there are cores. */
export interface ThreadOptions {
  readonly build: KernelBuild | null;
  readonly threads: number | null;
}

/**
 * The engine process's main thread: never runs user code, reads what was recorded, owns the cursor, and answers the host
 * and its panels. Each interface of the protocol is answered by one part; the parts share the {@link InspectedRun}.
 */
export class Examiner {
  /** Who answers what other processes call. */
  readonly parts: () => ExaminerParts;
  readonly #options: ExaminerOptions;
  readonly #run: InspectedRun;
  readonly #live: LiveRun;
  readonly #recorder: Recorder;
  /** What runs, or ran, the shown passes: a live program, or a recording in its place. */
  #program: LiveProgram;
  #checks: Checking;
  #python: PythonRun | null = null;
  /** A pass is no longer kept. */
  readonly #released: (pass: PassId) => void;
  /** As they were set last: what is launched later learns of them. */
  #breakpoints: readonly Breakpoint[] = [];
  #opened: OpenedRecording | null = null;
  #pool: Pool | null = null;
  #runner: CheckRunner | null = null;
  #runtime: Runtime | null = null;

  constructor(options: ExaminerOptions) {
    this.#options = options;
    const { memory, arena, cacheFolder, events } = options;
    const source = new LiveSource(memory);
    this.#run = new InspectedRun(source, events);
    if (options.followed) this.#run.followed = options.followed;
    this.#recorder = new Recorder({ memory, run: this.#run, events });
    const answers = new PassAnswers(this.#run, arena, this.#recorder, () => ({
      checking: this.#runner !== null,
      live: this.#python?.launched ?? this.#live.launched,
    }));
    const checks = new PassChecks(this.#run, () => this.#runner);
    this.#live = new LiveRun(source, {
      memory,
      run: this.#run,
      cacheFolder,
      events,
      recorder: this.#recorder,
      startThreads: (threads, functions) => this.#startThreads(threads, functions),
      released: (pass) => this.#released(pass),
      parted: (parting) => options.parted?.(parting),
    });
    const launch = (request: LaunchRequest): Promise<void> => this.#launch(request);
    this.#program = this.#live;
    this.#checks = checks;
    this.#released = (pass) => {
      this.#run.forget(pass);
      answers.forget(pass);
    };
    const setBreakpoints = (breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> => {
      this.#breakpoints = breakpoints;
      return this.#program.setBreakpoints(breakpoints);
    };
    this.parts = () => [{ launch, setBreakpoints }, answers, this.#checks, this.#program];
  }

  get run(): InspectedRun {
    return this.#run;
  }

  /** The program of this run, as what runs it again must know it. */
  get repeatable(): Repeatable {
    return this.#python ?? this.#live;
  }

  /** The Python script of this run; null of other programs. */
  get python(): PythonRun | null {
    return this.#python;
  }

  get recorder(): Recorder {
    return this.#recorder;
  }

  /** As they were set last. */
  get breakpoints(): readonly Breakpoint[] {
    return this.#breakpoints;
  }

  /** This thread computes in the memory of one run at a time: from here on in that of this one. */
  activate(): void {
    if (this.#runtime) startRuntime(this.#runtime);
  }

  #launch(request: LaunchRequest): Promise<void> {
    if (request.python) return this.#startPython(request);
    const isRecording = extname(request.program) === RECORDING_EXTENSION;
    return isRecording ? this.#open(request) : this.#program.launch(request);
  }

  /** Runs a Python script in place of a program of this process. */
  async #startPython(request: LaunchRequest): Promise<void> {
    if (this.#live.launched || this.#opened || this.#python) throw requestFailure("this session shows a run already");
    const { memory, events, seat, repeats, parted } = this.#options;
    const python = new PythonRun(request.program, {
      ...(seat && { seat }),
      ...(repeats && { repeats }),
      parted: (parting) => parted?.(parting),
      ...{ memory, events, run: this.#run, recorder: this.#recorder, released: this.#released },
      compare: async (pass) => (await this.#checks.check(OWN_COMPARISON, pass)).rows,
    });
    this.#python = python;
    this.#program = python;
    this.#checks = new PythonChecks(this.#run, python, this.#checks, events, async (work) =>
      this.#runner === null ? null : this.#runner.explain(work),
    );
    this.#startThreads({ build: chooseKernelBuild(request), threads: request.threads }, ONLY_ITS_SCRIPT);
    await python.setBreakpoints(this.#breakpoints);
    await python.launch(request);
  }

  /** Shows a recording in place of a program. */
  async #open({ program, threads, deterministic }: LaunchRequest): Promise<void> {
    if (this.#live.launched || this.#opened) throw requestFailure("this session shows a run already");
    // Loaded when there is a recording to open: programs start without the format.
    const { openRecording } = await import("./recording/file-source.ts");
    const opened = await openRecording(program);
    this.#opened = opened;
    const { recording } = opened;
    const source = new PagedSource(this.#options.memory, recording);
    const run = this.#run;
    run.source = source;
    run.program = recording.program;
    run.followed = new FollowedLog(opened.log());
    run.startedAt = Date.parse(recording.manifest.created) / 1000 || 0;
    this.#recorder.restore(recording);
    this.#program = new StoredRun(run, recording);
    this.#startThreads({ build: chooseKernelBuild({ deterministic }), threads }, null);
    for (const { pass, kept } of recording.passes) if (kept) run.verdictsOf(pass).learn(recording.notes(pass).verdicts);
    const newest = recording.passes.findLast(({ kept }) => kept);
    if (newest) run.placeCursor(cursorAtStart(await source.open(newest.pass)));
    const { failure } = recording;
    run.setState({ kind: "ended", cursor: run.cursor, ...(failure && { failure }) });
  }

  /** Ends the user thread and all work under way. */
  async dispose(): Promise<void> {
    this.#runner?.dispose();
    await Promise.all([this.#live.dispose(), this.#python?.dispose(), this.#pool?.dispose()]);
    this.#opened?.close();
  }

  /** Starts what ops are run with: this thread's runtime, and the pool. */
  #startThreads({ build, threads }: ThreadOptions, functions: FunctionRunner | null): CheckRunner {
    const { memory, arena, cacheFolder, events } = this.#options;
    this.#runtime = { memory, arena, kernels: createKernels(memory, { build }) };
    // One that is run again to take another's place leaves the thread to that one meanwhile.
    if (!this.#options.followed) this.activate();
    this.#pool = createPool(memory, { build, cacheFolder, ...(threads !== null && { threads }) });
    this.#runner = new CheckRunner(this.#pool, this.#run, functions, events);
    return this.#runner;
  }
}
