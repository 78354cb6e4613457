import { dirname } from "node:path";
import type { Breakpoint, BreakpointStatus } from "../../protocol/breakpoints.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import type { EngineEvents, LaunchRequest, LiveProgram, PythonRequest, StopOn } from "../../protocol/engine.ts";
import type { EvaluatedValue, NamedValue, Page } from "../../protocol/evaluation.ts";
import type { Failure, Frame as ProgramFrame } from "../../protocol/failure.ts";
import type { NodeId, PassId } from "../../protocol/ids.ts";
import type { OptimizerDetail } from "../../protocol/optimizer.ts";
import { findInterpreter } from "../../recorders/pytorch/interpreter.ts";
import type { Frame } from "../../recorders/pytorch/frame-stream.ts";
import { leafReports } from "../../recorders/pytorch/leaf-reports.ts";
import { namedValues } from "../../recorders/pytorch/named-values.ts";
import { logBatch } from "../../recorders/pytorch/log-batch-of.ts";
import { PythonProcess, type PythonEnd } from "../../recorders/pytorch/python-process.ts";
import { withNumbers } from "../../recorders/pytorch/python-numbers.ts";
import { PythonRecording } from "../../recorders/pytorch/python-recording.ts";
import { PagedSource } from "../../reading/paged-source.ts";
import type { ReadablePass } from "../../reading/readable-pass.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { CallStacks } from "../../recording/call-stacks.ts";
import type { TrainingLog } from "../../recording/log/training-log.ts";
import type { RankReport } from "../../recording/ranks/rank-reports.ts";
import { moveCursor } from "../../recording/moves.ts";
import type { Parting } from "../../recording/log/followed-log.ts";
import type { BreakpointPlaces } from "../breakpoints/breakpoint-places.ts";
import type { Repeatable } from "../rerun.ts";
import { requestFailure } from "../request-failure.ts";
import { rankOf } from "../ranks/rank-environment.ts";
import { recordOfRank } from "../ranks/rank-file-name.ts";
import { RankJournal } from "../ranks/rank-journal.ts";
import type { RankSeat } from "../ranks/rank-seat.ts";
import { PythonBreakpoints } from "./python-breakpoints.ts";
import { cursorOnStop, isForUncaught, PythonStops, type PythonStopsOptions } from "./python-stops.ts";
import { PythonTraining, type PythonProgram } from "./python-training.ts";
import { ScriptBeginning } from "./script-beginning.ts";
import { Standstill } from "./standstill.ts";

export interface PythonRunOptions extends PythonStopsOptions {
  readonly memory: SharedMemory;
  readonly events: EngineEvents;
  /** A pass is no longer kept. */
  readonly released: (pass: PassId) => void;
  /** Where the script is one of several ranks. */
  readonly seat?: RankSeat;
  /** What the run began with that this one repeats. */
  readonly repeats?: ScriptBeginning;
  /** A script that is run again is not the same from here on. */
  readonly parted: (parting: Parting) => void;
}

/** What the recorder says when the script stands still after a pass. */
interface StopHeader {
  /** Whether it is one to stop after; else breakpoints may stop in it. */
  readonly stops: boolean;
  /** Whether a breakpoint wants it compared. */
  readonly compares: boolean;
  /** Whether findings should look at it. */
  readonly looks: boolean;
  /** What its backward has thrown. */
  readonly failure: Failure | null;
}

/** A PyTorch script that runs in a Python process of its own: launches it, and asks it while it stands still after a pass. */
export class PythonRun implements LiveProgram, Repeatable {
  readonly recording: PythonRecording;
  /** What another run of the script repeats. */
  readonly beginning: ScriptBeginning;
  /** The recorder does not note which clocks a script reads. */
  readonly clocks = [];
  /** An expression that never returns holds the script up, which can still be ended. */
  readonly stuck = false;
  #request: LaunchRequest | null = null;
  readonly #options: PythonRunOptions;
  #process: PythonProcess | null = null;
  #python: PythonProcess | null = null;
  /** Whether the script has come to its end; its process may still be there to be asked. */
  #isOver = false;
  /** Why it was ended from here. */
  #endedFor: Failure | null = null;
  /** As it was launched: a pause is for one stop. */
  #stopOn: StopOn = { kind: "first" };
  #isPausing = false;
  readonly #breakpoints: PythonBreakpoints;
  readonly #stops: PythonStops;
  /** Looks for what is wrong with the training, where that is wanted. */
  #training: PythonTraining | null = null;
  /** What it tells as one of several ranks. */
  #journal: RankJournal | null = null;
  readonly #standstill = new Standstill();
  /** When somebody was last told how far the script is, and what. */
  #told = { passes: 0, at: 0 };

  constructor(program: string, options: PythonRunOptions) {
    this.#options = options;
    this.beginning = new ScriptBeginning(options.repeats ?? null);
    this.recording = new PythonRecording(
      program,
      (method, parameters) => this.#stopped().ask(method, parameters),
      (pass) => {
        source.forget(pass);
        options.released(pass);
      },
    );
    const source = new PagedSource(options.memory, this.recording);
    options.run.source = source;
    options.run.program = program;
    this.#breakpoints = new PythonBreakpoints((text) => {
      void options.events.output([{ stream: "stdout", text: `${text}\n`, site: null }], 0);
    });
    this.#stops = new PythonStops(options, this.#breakpoints, () => this.#stopped());
  }

  /** Whether there is a script that can be asked. */
  get launched(): boolean {
    return this.#process !== null;
  }

  /** The script, where it stands still. @throws a Failure where it does not. */
  get process(): PythonProcess {
    return this.#stopped();
  }

  /** How the script was launched, where it can be run again: of several ranks one alone cannot. */
  get request(): LaunchRequest | null {
    return this.#request;
  }

  async launch(request: LaunchRequest): Promise<void> {
    const { python, program, args, stopOn, recording, report, seed, historyBytes, goTo } = request;
    const { recorder, seat, run } = this.#options;
    if (this.#process || !python) throw requestFailure("a script is already running in this session");
    // One of several ranks that somebody else starts, on several machines as a rule.
    const alone = seat ? null : rankOf({ ...process.env, ...python.env });
    const record = alone && request.record ? recordOfRank(request.record, alone) : request.record;
    if (!seat && !alone) this.#request = request;
    this.#stopOn = stopOn;
    recorder.args = args;
    recorder.seed = seed;
    recorder.stacksOf = (pass) => this.#stacksOf(pass);
    if (record) await recorder.begin(record);
    if (request.findings === true) {
      this.#training = new PythonTraining(() => this.#options.run.source);
      recorder.sources.text(program); // Edits are made of what runs, whatever somebody writes there meanwhile.
    }
    const interpreter = findInterpreter(python.interpreter, folderOf(program, python));
    this.#process = await PythonProcess.start(
      {
        interpreter,
        command: [...(python.module ? ["-m"] : []), program, ...args],
        cwd: python.cwd,
        env: { ...python.env, ...seat?.env },
        ...(!seat && !alone && { hashSeed: this.beginning.hashSeed }),
        ...(seat?.torchrun && { torchrun: seat.torchrun, relays: seat.relays }),
        settings: {
          ...{ stopOn, recording: recording ?? "full", report: report ?? null, seed, historyBytes },
          ...{ breakpoints: this.#breakpoints.all, log: request.log !== false, findings: request.findings === true },
          ...{ ranks: seat !== undefined || (alone !== null && record !== undefined), texts: request.texts ?? [] },
          ...(goTo !== undefined && { again: this.beginning.settings(goTo, passesOf(run.log)) }),
          historyLeast: typeof record?.passes === "number" ? record.passes : 0,
        },
      },
      {
        output: (stream, text) => this.#options.events.output([{ stream, text, site: null }], 0),
        connected: (torch, rank) => {
          recorder.framework = { name: "torch", version: torch };
          this.#journal = rank && new RankJournal(rank, record !== undefined, () => this.#stopped());
          recorder.rank = this.#journal;
          seat?.connected(rank);
        },
        event: (frame) => this.#receive(frame),
        stays: (end, frame) => void this.#stays(end, frame),
      },
    );
    this.#isRunning(0, null);
    void this.#process.ended.then((end) => this.#ended(end));
  }

  async resume(): Promise<void> {
    const { run, recorder } = this.#options;
    await this.#stops.placed;
    const process = this.#stopped();
    if (run.state.kind !== "stopped") throw requestFailure("the script is not stopped");
    if (await this.#stops.goToNext()) return;
    await recorder.settled();
    const newest = this.recording.newest;
    if (newest) await recorder.leaves(newest.pass);
    this.#isRunning(newest ? newest.pass + 1 : 0, newest?.loss ?? null);
    this.#goOn(process);
  }

  /** Lets the script run on, past whatever it could stop at in the pass that it is stopped in. */
  async letGo(): Promise<void> {
    if (this.#options.run.state.kind !== "stopped" || this.#python === null) return;
    await this.#options.recorder.settled();
    this.#isRunning((this.recording.newest?.pass ?? -1) + 1, this.recording.newest?.loss ?? null);
    this.#goOn(this.#python);
  }

  /** Lets the script run on. */
  #goOn(process: PythonProcess): void {
    this.#python = null;
    this.#standstill.leave();
    this.#stops.leave();
    process.resume(this.#isPausing ? { kind: "every" } : this.#stopOn);
  }

  async reverse(): Promise<Cursor> {
    await this.#stops.placed;
    const { run } = this.#options;
    const { cursor, source } = run;
    if (!cursor) throw requestFailure("there is no pass to step through yet");
    const previous = await this.#stops.goToPrevious(cursor);
    if (previous) return previous;
    const to = cursor.position > cursor.forwardSteps ? "start" : "forward-start";
    return run.moveCursor(moveCursor(await source.open(cursor.pass), cursor, { to }));
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    const known = this.#breakpoints.set(breakpoints);
    if (this.#python) {
      const { header } = await this.#python.ask("breakpoints", { breakpoints: known });
      this.#breakpoints.learn(header["statuses"] as readonly BreakpointStatus[]);
      await this.#stops.placeAgain();
    } else this.#process?.setBreakpoints(known);
    return this.#breakpoints.statusesOf(breakpoints);
  }

  async pause(): Promise<void> {
    if (this.#options.run.state.kind !== "running") throw requestFailure("the script is not running");
    this.#isPausing = true;
    this.#process?.stopOn({ kind: "every" });
  }

  async interrupt(): Promise<void> {
    if (this.#options.run.state.kind !== "running" || !this.#process) throw requestFailure("the script is not running");
    this.#endedFor = { kind: "exited", message: "it was ended while it ran", site: null };
    // A script may catch the interrupt and go on, and one in the middle of a call of C hears of it later.
    if (!(await this.#standstill.interrupt(this.#process))) await this.#process.dispose();
  }

  async frames(pass: PassId, row: NodeId): Promise<readonly ProgramFrame[]> {
    if (this.#python === null) return [];
    return (await this.#python.ask("nodeStack", { pass, row })).header["frames"] as readonly ProgramFrame[];
  }

  async stack(): Promise<readonly ProgramFrame[]> {
    if (this.#python === null) return [];
    return (await this.#python.ask("stack")).header["frames"] as readonly ProgramFrame[];
  }

  async locals(frame: number): Promise<readonly NamedValue[]> {
    return namedValues(await this.#stopped().ask("locals", { frame }));
  }

  async evaluate(expression: string, frame: number | null): Promise<EvaluatedValue> {
    const [found] = namedValues(await this.#stopped().ask("evaluate", { expression, frame }));
    return found!.value;
  }

  async children(reference: number, page?: Page): Promise<readonly NamedValue[]> {
    const parts = namedValues(await this.#stopped().ask("children", { reference }));
    return page ? parts.slice(page.start, page.start + page.count) : parts;
  }

  async optimizers(): Promise<readonly OptimizerDetail[]> {
    return [];
  }

  /** Ends the script as one that would wait for other ranks for ever. */
  async endOfAnother(): Promise<void> {
    const message = "it was ended, for it waited for other ranks";
    this.#endedFor = { kind: "exited", message, site: null };
    await this.#process?.dispose();
  }

  /** Ends the script and all that it has started; what it recorded is saved first, where its launch asked for that. */
  async dispose(): Promise<void> {
    const { recorder } = this.#options;
    if (recorder.isWanted && (await this.#comesToStandstill())) await recorder.saveOwn(null, true);
    this.#python = null;
    await this.#process?.dispose();
  }

  /** Tensors are read while the script stands still: after its next pass, or at its end, to which an interrupt brings it. */
  async #comesToStandstill(): Promise<boolean> {
    if (this.#python !== null || this.#isOver) return true;
    this.#isPausing = true;
    return this.#process !== null && this.#standstill.bring(this.#process);
  }

  #stopped(): PythonProcess {
    if (this.#python === null) throw requestFailure("the script is not stopped");
    return this.#python;
  }

  #receive(frame: Frame): void {
    const { event, text } = frame.header;
    if (event === "breakpoints") {
      this.#breakpoints.learn(frame.header["statuses"] as readonly BreakpointStatus[]);
      this.#options.events.breakpointsChanged(this.#breakpoints.statusesOf(this.#breakpoints.all));
    } else if (event === "progress") {
      const { passes, loss } = frame.header;
      // What has been told before a stop may be heard after it.
      if (this.#python === null && !this.#isOver) this.#isRunning(Number(passes), loss === null ? null : Number(loss));
    } else if (event === "report") this.#options.events.passReported(leafReports(frame));
    else if (event === "log") this.#takeLog(frame);
    else if (event === "began") this.beginning.began(frame.header["random"]);
    else if (event === "watched")
      this.beginning.watches(Number(frame.header["from"]), frame.header["watched"] === true);
    else if (event === "note") this.#options.events.warned({ kind: "value", message: String(text), site: null });
    else if (event === "stopped") void this.#stopIn(frame);
    else {
      this.#journal?.take(frame.header as unknown as RankReport);
      this.#options.seat?.told(frame.header);
    }
  }

  #takeLog(frame: Frame): void {
    const { run, events, parted } = this.#options;
    const parting = run.followed.append(logBatch(frame));
    if (parting) parted(parting);
    events.trainingLogGrew(run.log.length, run.log.rows.length);
  }

  /** What is wrong by now, where the script stands still or has told what it knows before it went. */
  async #tellFindings(told: PythonProgram | null, ended: boolean): Promise<void> {
    const training = this.#training;
    if (!training) return;
    const program = told ?? ((await this.#stopped().ask("training")).header as unknown as PythonProgram);
    const { events, recorder } = this.#options;
    if (ended) this.recording.complete(withNumbers(program.training.passes));
    events.findingsChanged(training.findings(program, ended, (file) => recorder.sourceText(file)));
  }

  /** The script stands still after a pass: to stop there, or to be told whether breakpoints do. */
  async #stopIn(frame: Frame): Promise<void> {
    const { run } = this.#options;
    const { stops, compares, looks, failure: thrown } = frame.header as unknown as StopHeader;
    const process = this.#process!;
    this.#python = process;
    this.recording.takeIn(frame);
    const { newest } = this.recording;
    if (newest === null) return;
    let opened: ReadablePass;
    let places: BreakpointPlaces;
    try {
      opened = await run.source.open(newest.pass);
      if (looks || stops) await this.#training?.examine(newest.pass, (...asked) => process.ask(...asked));
      places = await this.#stops.placesIn(opened, compares);
    } catch (error) {
      // The script has gone meanwhile, and its end says why.
      if (this.#python !== process) return;
      const why = error instanceof Error ? error.message : (error as Failure).message;
      this.#options.events.warned({ kind: "value", message: `breakpoints were not looked for: ${why}`, site: null });
      this.#goOn(process);
      return;
    }
    if (this.#python !== process) return;
    const failure = this.#breakpoints.all.some(isForUncaught) ? thrown : null;
    if (!stops && !places.first && !failure) {
      this.#goOn(process);
      return;
    }
    await this.#tellFindings(null, false).catch(() => undefined);
    if (this.#python !== process) return;
    const reason = !stops ? null : this.#isPausing ? "pause" : "entry";
    this.#isPausing = false;
    this.#stops.stopIn(opened, places, reason, failure);
    this.#standstill.reach();
  }

  #isRunning(passes: number, loss: number | null): void {
    const now = performance.now();
    const { passes: before, at } = this.#told;
    const passesPerSecond = at === 0 ? 0 : ((passes - before) * 1000) / (now - at);
    this.#told = { passes, at: now };
    this.#options.run.setState({ kind: "running", passes, loss, passesPerSecond });
  }

  /** @returns false where the script has gone meanwhile, whose end says why. */
  async #showNewest(): Promise<boolean> {
    const { run } = this.#options;
    const { newest } = this.recording;
    if (newest === null || newest.pass === run.cursor?.pass) return true;
    try {
      run.placeCursor(cursorOnStop(await run.source.open(newest.pass)));
      return true;
    } catch {
      return false;
    }
  }

  /** The frames of each op of a pass, where they were recorded. */
  async #stacksOf(pass: PassId): Promise<CallStacks> {
    const { header } = await this.#stopped().ask("stacks", { pass });
    const { frames, stacks } = header as unknown as CallStacks;
    return { frames, stacks };
  }

  /** The script has ended, and its process stays for those who look at its passes. */
  async #stays({ failure }: PythonEnd, frame: Frame): Promise<void> {
    this.#python = this.#process;
    this.recording.takeIn(frame);
    const { run } = this.#options;
    if (!(await this.#showNewest())) return;
    const { newest } = this.recording;
    if (newest && this.#breakpoints.all.length > 0) this.#stops.walkThrough(await run.source.open(newest.pass));
    if (newest)
      await this.#training?.examine(newest.pass, (...asked) => this.#stopped().ask(...asked)).catch(() => undefined);
    await this.#over(failure, frame.header["program"] as PythonProgram | undefined);
  }

  /** The process is gone. */
  async #ended({ failure, passes, program }: PythonEnd): Promise<void> {
    this.#python = null;
    this.recording.release();
    if (this.#isOver) return;
    const nothing: Failure | null = passes > 0 ? null : { kind: "no-backward", message: NO_BACKWARD, site: null };
    await this.#over(failure ?? this.#endedFor ?? nothing, program as PythonProgram | undefined);
  }

  async #over(failure: Failure | null, told: PythonProgram | undefined): Promise<void> {
    const { run, recorder } = this.#options;
    this.#isOver = true;
    if (told) await this.#tellFindings(told, true);
    await recorder.saveOwn(failure, true);
    this.#standstill.reach();
    run.setState({ kind: "ended", cursor: run.cursor, ...(failure && { failure }) });
  }
}

const NO_BACKWARD = "the script ran to its end and never called backward(), so there is no pass to look at";

/** How many passes a run had, as far as its log tells: those whose backward has thrown have a number, and no place there. */
function passesOf(log: TrainingLog): number {
  return log.length === 0 ? 0 : log.passAt(log.length - 1) + 1;
}

function folderOf(program: string, { module, cwd }: PythonRequest): string {
  return module ? cwd : dirname(program);
}
