import type { PassSummary } from "../../protocol/engine.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { NewPass } from "../../recording/file/pass-file.ts";
import type { RankNotes } from "../../recording/file/rank-file.ts";
import { FORMAT_VERSION, type Manifest } from "../../recording/file/manifest.ts";
import { encodeLog } from "../../recording/log/log-file.ts";
import type { TrainingLog } from "../../recording/log/training-log.ts";
import type { RankIdentity } from "../../recording/ranks/rank-reports.ts";
import { RecordingWriter } from "../../recording/file/write-recording.ts";
import { digests } from "./digests.ts";
import { TargetFile } from "./target-file.ts";

/** The version of Backstep that writes a recording: package.json's. */
export const VERSION = "0.1.0";

/** What a recording of one of several ranks says of it. */
export interface RankRecord {
  readonly identity: RankIdentity;
  /** What it has told, and the saved passes in a few numbers. */
  notes(passes: readonly PassId[]): Promise<RankNotes>;
}

/** What a recording says of its run as a whole. */
export interface RecordedRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly seed: number | null;
  /** What ran the ops, once it is known; null of the engine itself. */
  readonly framework: () => Manifest["framework"] | null;
  /** Text of a source file, where it is known. */
  readonly sourceText: (file: string) => string | null;
  /** As it is when the recording ends. */
  readonly log: () => TrainingLog;
  /** Once it is known; null of a run of one rank. */
  readonly rank: () => RankRecord | null;
}

/**
 * Writes one recording, pass by pass. A fault, or an end before {@link finish}, leaves no file. Calls are made one after
 * another.
 */
export class RecordingTask {
  readonly #target: TargetFile;
  readonly #writer: RecordingWriter;
  readonly #run: RecordedRun;
  readonly #sources = new Set<string>();
  readonly #saved: PassId[] = [];
  #hasManifest = false;

  private constructor(target: TargetFile, run: RecordedRun) {
    this.#target = target;
    this.#writer = new RecordingWriter(target, digests);
    this.#run = run;
  }

  /** @throws Failure when the file cannot be written */
  static async begin(path: string, run: RecordedRun): Promise<RecordingTask> {
    return new RecordingTask(await TargetFile.create(path), run);
  }

  get passes(): number {
    return this.#saved.length;
  }

  get bytes(): number {
    return this.#target.bytes;
  }

  /** Writes a pass, and the sources that it refers to. */
  async add(pass: NewPass, signal?: AbortSignal): Promise<void> {
    await this.#guard(async () => {
      await this.#writeManifest();
      for (const site of pass.structure.sites) {
        if (site === null || this.#sources.has(site.file)) continue;
        this.#sources.add(site.file);
        const text = this.#run.sourceText(site.file);
        if (text !== null) await this.#writer.source(site.file, text);
      }
      await this.#writer.pass(pass, signal);
      this.#saved.push(pass.facts.pass);
    });
  }

  /** Ends the file and gives it its name. */
  async finish(passes: readonly PassSummary[], failure: Failure | null): Promise<void> {
    await this.#guard(async () => {
      await this.#writeManifest();
      const rank = this.#run.rank();
      if (rank) await this.#writer.rank(await rank.notes(this.#saved));
      const log = this.#run.log();
      if (log.length > 0) await this.#writer.steps(encodeLog(log));
      await this.#writer.end({
        passes: passes.map(({ kept: _, ...summary }) => summary),
        failure,
      });
    });
    await this.#target.commit();
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#target.discard();
  }

  /** Not before there is something to write: a launch asks for a recording before what it runs has said what it is. */
  async #writeManifest(): Promise<void> {
    if (this.#hasManifest) return;
    this.#hasManifest = true;
    const { program, args, seed, framework } = this.#run;
    const rank = this.#run.rank();
    const backstep = { name: "backstep", version: VERSION };
    await this.#writer.manifest({
      format: FORMAT_VERSION,
      producer: backstep,
      program,
      args: [...args],
      framework: framework() ?? backstep,
      device: "cpu",
      seed,
      created: new Date().toISOString(),
      ...(rank && { rank: rank.identity }),
    });
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#target.discard();
      throw this.#target.failureOf(error);
    }
  }
}
