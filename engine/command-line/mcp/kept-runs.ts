import { statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { EngineProcess } from "../../client/engine-process.ts";
import type { Engine, PassSummary, SessionState } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import { PYTHON_EXTENSION, RECORDING_EXTENSION } from "../../protocol/model-file.ts";
import { CommandLineError } from "../command-line-error.ts";

/** Runs that are kept at once: each is an engine process. */
const MOST_RUNS = 2;
/** What each run may keep of the tensors of finished passes. */
const HISTORY_BYTES = 128 * 1024 * 1024;
/** What an engine may take to end a Python program and all that it has started. */
const PATIENCE_MILLISECONDS = 2000;
/** What a program may take to come to its next op when it is paused. */
const PAUSE_MILLISECONDS = 500;

export interface RunRequest {
  /** Absolute path. */
  readonly file: string;
  /** The pass to stop in; null: run to the end. */
  readonly stopAt: number | null;
  readonly seconds: number;
  readonly interpreter: string | null;
}

/** A run that stands still, or has ended: its kept passes can be read. */
export interface KeptRun {
  readonly engine: Engine;
  /** Why it ended, where it did not end well. */
  readonly failure: Failure | null;
  /** It had not ended when its time was over, and was paused. */
  readonly unfinished: boolean;
}

interface Entry {
  readonly request: RunRequest;
  readonly written: number;
  readonly process: EngineProcess;
  readonly run: Promise<KeptRun>;
}

/**
 * The runs whose passes an assistant reads, so that ten questions about a pass run the file once. A file that has been
 * written since is run again.
 */
export class KeptRuns {
  #entries: Entry[] = [];

  /** Shows a pass at its end, where every gradient has arrived. @param pass null for the newest that is kept */
  async pass(
    request: Omit<RunRequest, "stopAt">,
    pass: number | null,
  ): Promise<{ engine: Engine; summary: PassSummary }> {
    const found = await this.#keptPass(request, pass);
    if (!found) {
      throw new CommandLineError(pass === null ? "the file runs no backward pass" : `there is no pass ${pass} to read`);
    }
    const { engine, summary } = found;
    await engine.selectPass(summary.pass);
    await engine.moveCursor({ to: "end" });
    return found;
  }

  async #keptPass(
    request: Omit<RunRequest, "stopAt">,
    pass: number | null,
  ): Promise<{ engine: Engine; summary: PassSummary } | null> {
    // A Python process takes its tensors along when it ends.
    const isPython = extname(request.file) === PYTHON_EXTENSION;
    const stops = isPython
      ? [pass ?? 0]
      : extname(request.file) === RECORDING_EXTENSION || pass === null
        ? [null]
        : [null, pass];
    for (const stopAt of stops) {
      const { engine } = await this.run({ ...request, stopAt });
      const kept = (await engine.passes()).filter((one) => one.kept);
      const summary = pass === null ? kept.at(-1) : kept.find((one) => one.pass === (pass as PassId));
      if (summary) return { engine, summary };
    }
    return null;
  }

  /** The run of a file, begun if there is none. */
  async run(request: RunRequest): Promise<KeptRun> {
    const written = statSync(request.file).mtimeMs;
    const isSame = (entry: Entry): boolean =>
      entry.request.file === request.file && entry.request.stopAt === request.stopAt && entry.written === written;
    const known = this.#entries.find(isSame);
    if (known) {
      this.#entries = [...this.#entries.filter((entry) => entry !== known), known];
      return known.run;
    }
    const stale = this.#entries.filter((entry) => entry.request.file === request.file && entry.written !== written);
    const kept = this.#entries.filter((entry) => !stale.includes(entry));
    const tooMany = kept.splice(0, Math.max(0, kept.length - MOST_RUNS + 1));
    this.#entries = kept;
    await Promise.all([...stale, ...tooMany].map(end));
    const entry = begin(request, written);
    this.#entries.push(entry);
    // What cannot be run is tried again when it is asked for again.
    entry.run.catch(() => this.#drop(entry));
    void entry.process.gone.then(() => this.#drop(entry));
    return entry.run;
  }

  #drop(entry: Entry): void {
    this.#entries = this.#entries.filter((one) => one !== entry);
    void end(entry);
  }

  async close(): Promise<void> {
    await Promise.all(this.#entries.splice(0).map(end));
  }
}

function begin(request: RunRequest, written: number): Entry {
  const script = new URL("../../session/engine-process.ts", import.meta.url);
  const process = new EngineProcess({ script, folder: dirname(request.file) });
  return { request, written, process, run: runToStop(process, request) };
}

async function end({ process }: Entry): Promise<void> {
  await process.stop(PATIENCE_MILLISECONDS);
}

async function runToStop(process: EngineProcess, request: RunRequest): Promise<KeptRun> {
  const { engine } = process;
  const standing = Promise.withResolvers<KeptRun>();
  let timeOver = false;
  const stateChanged = (state: SessionState): void => {
    if (state.kind === "ended") standing.resolve({ engine, failure: state.failure ?? null, unfinished: false });
    else if (state.kind === "stopped") {
      standing.resolve({ engine, failure: state.failure ?? null, unfinished: timeOver && request.stopAt === null });
    }
  };
  const nothing = (): void => undefined;
  process.serve({
    stateChanged,
    cursorMoved: nothing,
    // What the program prints is told by the tool that runs it; here its passes are read.
    output: nothing,
    rerunProgress: () => undefined,
    checkProgress: nothing,
    saveProgress: nothing,
    recordingSaved: nothing,
    passReported: nothing,
    breakpointsChanged: nothing,
    findingsChanged: nothing,
    ranksChanged: nothing,
    trainingLogGrew: nothing,
    warned: nothing,
  });
  const limit = setTimeout(() => {
    timeOver = true;
    // A program that computes nothing any more does not come to a stop.
    const tooLate = setTimeout(() => standing.reject(outOfTime(request)), PAUSE_MILLISECONDS);
    void standing.promise.catch(nothing).finally(() => clearTimeout(tooLate));
    engine.pause().catch(standing.reject);
  }, request.seconds * 1000);
  try {
    const launched = engine.launch({
      program: request.file,
      args: [],
      stopOn: request.stopAt === null ? { kind: "none" } : { kind: "nth", n: request.stopAt + 1 },
      threads: null,
      historyBytes: HISTORY_BYTES,
      seed: null,
      deterministic: false,
      ...(extname(request.file) === PYTHON_EXTENSION && {
        python: { interpreter: request.interpreter, module: false, cwd: dirname(request.file) },
      }),
    });
    launched.catch(standing.reject);
    const gone = process.gone.then((failure): never => {
      throw failure ?? outOfTime(request);
    });
    return await Promise.race([standing.promise, gone]);
  } finally {
    clearTimeout(limit);
  }
}

function outOfTime({ seconds }: RunRequest): Failure {
  return { kind: "request", message: `The file did not come to a pass within ${seconds} s.`, site: null };
}
