import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { EngineEvents, RecordRequest, SavedRecording } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { JobId, PassId } from "../../protocol/ids.ts";
import { NO_STACKS } from "../../recording/call-stacks.ts";
import type { RecordingFile } from "../../recording/file/recording-file.ts";
import type { InspectedRun } from "../inspected-run.ts";
import { requestFailure } from "../request-failure.ts";
import type { RankRecord, RecordedRun, RecordingTask } from "./recording-task.ts";
import { savePass, type StackReader } from "./save-passes.ts";
import { SourceTexts } from "./source-texts.ts";

export interface RecorderOptions {
  readonly memory: SharedMemory;
  readonly run: InspectedRun;
  readonly events: EngineEvents;
}

/** Saves recordings of a run: when somebody asks for one, and by itself where its launch says so. */
export class Recorder {
  /** What is known of the source files that ran. */
  readonly sources = new SourceTexts();
  /** How the program was launched. */
  args: readonly string[] = [];
  seed: number | null = null;
  /** What runs the ops; null where the engine itself does. */
  framework: { readonly name: string; readonly version: string } | null = null;
  /** Where the run is that of one of several ranks. */
  rank: RankRecord | null = null;
  sourceText: (file: string) => string | null = (file) => this.sources.text(file);
  stacksOf: StackReader = () => Promise.resolve(NO_STACKS);
  readonly #options: RecorderOptions;
  readonly #jobs = new Map<JobId, AbortController>();
  /** Settles when nothing is being saved: until then what is saved must not change. */
  #saving: Promise<unknown> = Promise.resolve();
  /** Settles when what the launch asked for is saved as far as it was to be. */
  #savingOwn: Promise<void> = Promise.resolve();
  /** How often that is still to be written. */
  #unwritten = 0;
  #request: RecordRequest | null = null;
  /** What a launch that records asked for; null for any other. */
  #task: RecordingTask | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The run is a reopened recording: its sources are those inside it. */
  restore(recording: RecordingFile): void {
    const { args, seed, framework } = recording.manifest;
    this.args = args;
    this.seed = seed;
    this.framework = framework;
    this.sourceText = (file) => recording.sourceText(file);
    this.stacksOf = async (pass) => recording.notes(pass);
  }

  /** Whether a launch asked for a recording that is still to be saved, or is being saved. */
  get isWanted(): boolean {
    return this.#request !== null || this.#unwritten > 0;
  }

  /** Another run of the same program saves what the launch asked for. */
  handOn(): void {
    this.#request = null;
  }

  /** Waits for what is being saved. */
  async settled(): Promise<void> {
    await this.#saving.catch(() => undefined);
  }

  /** A launch asks for a recording. @throws Failure when its file cannot be written */
  async begin(request: RecordRequest): Promise<void> {
    // Written to at once, so that nobody trains for an hour and then has nowhere to put it.
    const task = await beginTask(request.file, this.#recordedRun());
    if (request.passes === "compared") this.#task = task;
    else await task.discard();
    this.#request = request;
  }

  /** The program is about to leave a pass that it was stopped in. */
  async leaves(pass: PassId): Promise<void> {
    const { memory, run } = this.#options;
    if (this.#task === null || run.verdictsOf(pass).rows.length === 0) return;
    await savePass(this.#task, memory, run, pass, this.stacksOf);
  }

  /**
   * Saves what the launch asked for: the program stands still at a fault, or it has ended. What is amiss is said to everybody.
   * Settles when it is saved; whoever asks once more for the end of a run waits for the same file.
   * @param ended false where more may follow, which is then saved in its place
   */
  saveOwn(failure: Failure | null, ended: boolean): Promise<void> {
    const request = this.#request;
    if (request === null) return this.#savingOwn;
    if (this.#task && !ended) return Promise.resolve();
    if (ended) this.#request = null;
    this.#unwritten++;
    // Both write the same file: one after the other.
    const saving = this.#savingOwn
      .then(() => this.#saveOwn(request, failure))
      .finally(() => {
        this.#unwritten--;
      });
    this.#savingOwn = saving;
    this.#saving = saving;
    return saving;
  }

  async #saveOwn(request: RecordRequest, failure: Failure | null): Promise<void> {
    const { run, events } = this.#options;
    try {
      let saved: SavedRecording;
      if (this.#task) {
        await this.#task.finish(run.source.passes, failure);
        saved = { file: request.file, passes: this.#task.passes, bytes: this.#task.bytes };
      } else {
        const kept = this.#kept().slice(-Number(request.passes));
        saved = await this.#write(request.file, kept, failure, () => undefined);
      }
      events.recordingSaved(saved);
    } catch (error) {
      const why = error instanceof Error ? error.message : (error as Failure).message;
      events.warned({ kind: "request", message: `the recording was not saved: ${why}`, site: null });
    }
  }

  async save(job: JobId, file: string, passes: readonly PassId[] | null): Promise<SavedRecording> {
    const { run, events } = this.#options;
    const { state } = run;
    if (state.kind !== "stopped" && state.kind !== "ended") {
      throw requestFailure("the model file is running: pause it, and save what it has recorded");
    }
    const wanted = passes ?? this.#kept();
    if (wanted.length === 0) throw requestFailure("there is no pass to save");
    const cancel = new AbortController();
    this.#jobs.set(job, cancel);
    const saving = this.#write(
      file,
      wanted,
      state.failure ?? null,
      (done) => events.saveProgress(job, done, wanted.length),
      cancel.signal,
    );
    this.#saving = saving;
    try {
      return await saving;
    } catch (error) {
      if (cancel.signal.aborted) throw requestFailure("saving was cancelled; there is no file");
      throw error;
    } finally {
      this.#jobs.delete(job);
    }
  }

  cancel(job: JobId): void {
    this.#jobs.get(job)?.abort();
  }

  async #write(
    file: string,
    passes: readonly PassId[],
    failure: Failure | null,
    progress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<SavedRecording> {
    const { memory, run } = this.#options;
    const task = await beginTask(file, this.#recordedRun());
    try {
      for (const [done, pass] of passes.entries()) {
        progress(done);
        signal?.throwIfAborted();
        await savePass(task, memory, run, pass, this.stacksOf, signal);
      }
      signal?.throwIfAborted();
      await task.finish(run.source.passes, failure);
    } catch (error) {
      await task.discard();
      throw error;
    }
    progress(passes.length);
    return { file, passes: passes.length, bytes: task.bytes };
  }

  #kept(): PassId[] {
    return this.#options.run.source.kept.map(({ pass }) => pass);
  }

  #recordedRun(): RecordedRun {
    const { run } = this.#options;
    return {
      program: run.program,
      args: this.args,
      seed: this.seed,
      framework: () => this.framework,
      sourceText: this.sourceText,
      log: () => run.log,
      rank: () => this.rank,
    };
  }
}

/** Loaded when something is saved: most runs start without ever needing the format. */
async function beginTask(file: string, run: RecordedRun): Promise<RecordingTask> {
  const { RecordingTask } = await import("./recording-task.ts");
  return RecordingTask.begin(file, run);
}
