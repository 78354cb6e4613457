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
import { PythonProcess, type PythonEnd } from "../../recorders/pytorch/python-process.ts";
import { PythonRecording } from "../../recorders/pytorch/python-recording.ts";
import { PagedSource } from "../../reading/paged-source.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import { cursorAt, cursorAtStart, moveCursor } from "../../recording/moves.ts";
import type { InspectedRun } from "../inspected-run.ts";
import type { Recorder } from "../recording/recorder.ts";
import { requestFailure } from "../request-failure.ts";

export interface PythonRunOptions {
  readonly memory: SharedMemory;
  readonly run: InspectedRun;
  readonly events: EngineEvents;
  readonly recorder: Recorder;
  /** A pass is no longer kept. */
  readonly released: (pass: PassId) => void;
}

/** A PyTorch script that runs in a Python process of its own: launches it, and asks it while it stands still after a pass. */
export class PythonRun implements LiveProgram {
  readonly recording: PythonRecording;
  readonly #options: PythonRunOptions;
  #process: PythonProcess | null = null;
  #python: PythonProcess | null = null;
  /** Whether the script has come to its end; its process may still be there to be asked. */
  #isOver = false;
  /** As it was launched: a pause is for one stop. */
  #stopOn: StopOn = { kind: "first" };

  constructor(program: string, options: PythonRunOptions) {
    this.#options = options;
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
  }

  /** Whether there is a script that can be asked. */
  get launched(): boolean {
    return this.#process !== null;
  }

  /** The script, where it stands still. @throws a Failure where it does not. */
  get process(): PythonProcess {
    return this.#stopped();
  }

  async launch(request: LaunchRequest): Promise<void> {
    const { python, program, args, stopOn, recording, report, seed, historyBytes, record } = request;
    const { run, recorder } = this.#options;
    if (this.#process || !python) throw requestFailure("a script is already running in this session");
    this.#stopOn = stopOn;
    recorder.args = args;
    recorder.seed = seed;
    recorder.stacksOf = (pass) => this.#stacksOf(pass);
    if (record) await recorder.begin(record);
    const interpreter = findInterpreter(python.interpreter, folderOf(program, python));
    this.#process = await PythonProcess.start(
      {
        interpreter,
        command: [...(python.module ? ["-m"] : []), program, ...args],
        cwd: python.cwd,
        ...(python.env && { env: python.env }),
        settings: {
          ...{ stopOn, recording: recording ?? "full", report: report ?? null, seed, historyBytes },
          historyLeast: typeof record?.passes === "number" ? record.passes : 0,
        },
      },
      {
        output: (stream, text) => this.#options.events.output([{ stream, text, site: null }], 0),
        event: (frame) => this.#receive(frame),
        stays: (end, frame) => void this.#stays(end, frame),
      },
    );
    run.setState({ kind: "running", passes: 0, loss: null, passesPerSecond: 0 });
    void this.#process.ended.then((end) => this.#ended(end));
  }

  async resume(): Promise<void> {
    const process = this.#stopped();
    const { run, recorder } = this.#options;
    if (run.state.kind !== "stopped") throw requestFailure("the script is not stopped");
    await recorder.settled();
    const newest = this.recording.newest;
    if (newest) await recorder.leaves(newest.pass);
    this.#python = null;
    run.setState({
      kind: "running",
      passes: this.recording.passes.length,
      loss: newest?.loss ?? null,
      passesPerSecond: 0,
    });
    process.resume(this.#stopOn);
  }

  async reverse(): Promise<Cursor> {
    const { cursor, source } = this.#options.run;
    if (!cursor) throw requestFailure("there is no pass to step through yet");
    const to = cursor.position > cursor.forwardSteps ? "start" : "forward-start";
    return this.#options.run.moveCursor(moveCursor(await source.open(cursor.pass), cursor, { to }));
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    const message = "A Python script stops at the end of its passes; breakpoints in it are not set yet.";
    return breakpoints.map(({ id }) => ({ id, verified: false, message }));
  }

  async pause(): Promise<void> {
    if (this.#options.run.state.kind !== "running") throw requestFailure("the script is not running");
    this.#process?.stopOn({ kind: "every" });
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

  /** Ends the script and all that it has started. */
  async dispose(): Promise<void> {
    this.#python = null;
    await this.#process?.dispose();
  }

  #stopped(): PythonProcess {
    if (this.#python === null) throw requestFailure("the script is not stopped");
    return this.#python;
  }

  #receive(frame: Frame): void {
    const { event, text } = frame.header;
    if (event === "report") this.#options.events.passReported(leafReports(frame));
    else if (event === "note") this.#options.events.warned({ kind: "value", message: String(text), site: null });
    else if (event === "stopped") void this.#stopIn(frame);
  }

  async #stopIn(frame: Frame): Promise<void> {
    const { run } = this.#options;
    this.#python = this.#process;
    this.recording.takeIn(frame);
    if (!(await this.#showNewest()) || this.#python === null || !run.cursor) return;
    run.setState({ kind: "stopped", reason: "entry", cursor: run.cursor });
  }

  /** @returns false where the script has gone meanwhile, whose end says why. */
  async #showNewest(): Promise<boolean> {
    const { run } = this.#options;
    const { newest } = this.recording;
    if (newest === null || newest.pass === run.cursor?.pass) return true;
    try {
      const opened = await run.source.open(newest.pass);
      run.placeCursor(
        opened.failed ? cursorAt(opened, opened.schedule.forwardOrder.length + opened.steps) : cursorAtStart(opened),
      );
      return true;
    } catch {
      return false;
    }
  }

  /** The frames of each op of a pass, where they were recorded. */
  async #stacksOf(pass: PassId): Promise<readonly (readonly [NodeId, readonly ProgramFrame[]])[]> {
    const { header } = await this.#stopped().ask("stacks", { pass });
    const { frames, stacks } = header as unknown as {
      readonly frames: readonly ProgramFrame[];
      readonly stacks: readonly (readonly [NodeId, readonly number[]])[];
    };
    return stacks.map(([row, places]) => [row, places.flatMap((place) => frames[place] ?? [])]);
  }

  /** The script has ended, and its process stays for those who look at its passes. */
  async #stays({ failure }: PythonEnd, frame: Frame): Promise<void> {
    this.#python = this.#process;
    this.recording.takeIn(frame);
    if (await this.#showNewest()) await this.#over(failure);
  }

  /** The process is gone. */
  async #ended({ failure, passes }: PythonEnd): Promise<void> {
    this.#python = null;
    this.recording.release();
    if (this.#isOver) return;
    await this.#over(failure ?? (passes > 0 ? null : { kind: "no-backward", message: NO_BACKWARD, site: null }));
  }

  async #over(failure: Failure | null): Promise<void> {
    const { run, recorder } = this.#options;
    this.#isOver = true;
    await recorder.saveOwn(failure, true);
    run.setState({ kind: "ended", cursor: run.cursor, ...(failure && { failure }) });
  }
}

const NO_BACKWARD = "the script ran to its end and never called backward(), so there is no pass to look at";

function folderOf(program: string, { module, cwd }: PythonRequest): string {
  return module ? cwd : dirname(program);
}
