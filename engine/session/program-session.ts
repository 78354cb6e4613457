import { statSync } from "node:fs";
import { extname } from "node:path";
import { ScratchArena } from "../memory/arena.ts";
import { createSharedMemory } from "../memory/shared-memory.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { Engine, EngineEvents, LaunchRequest } from "../protocol/engine.ts";
import type { JobId, PassId } from "../protocol/ids.ts";
import { RECORDING_EXTENSION } from "../protocol/model-file.ts";
import type { Rerunning } from "../protocol/rerun.ts";
import { FollowedLog, type Parting } from "../recording/log/followed-log.ts";
import { cursorAtStart } from "../recording/moves.ts";
import { answering, type EngineParts } from "./answering.ts";
import { EventGate } from "./event-gate.ts";
import { Examiner, type ExaminerOptions } from "./examiner.ts";
import { partingWarning } from "./parting.ts";
import { RankGroup } from "./ranks/rank-group.ts";
import type { StoredRanks } from "./ranks/stored-ranks.ts";
import { requestFailure } from "./request-failure.ts";
import { Rerun } from "./rerun.ts";

/** Whether it is a recording, or a folder of them. */
function isStored(program: string): boolean {
  return (
    extname(program) === RECORDING_EXTENSION || (statSync(program, { throwIfNoEntry: false })?.isDirectory() ?? false)
  );
}

/** The examiner of a run, and whether others hear of that run. */
export interface Shown {
  readonly examiner: Examiner;
  readonly gate: EventGate;
}

/**
 * One program in an engine process: the examiner of the run that is shown and, to go back to a pass that was released, another
 * one of the same program run again, which takes its place once it has come there.
 */
export class ProgramSession implements Rerunning {
  /** What other processes call. */
  readonly engine: Engine;
  readonly #cacheFolder: string | null;
  readonly #events: EngineEvents;
  #shown: Shown;
  /** The ranks of a script that trains on several; their examiners answer then. */
  #ranks: RankGroup | StoredRanks | null = null;
  #rerun: { readonly job: JobId; readonly rerun: Rerun } | null = null;

  constructor(cacheFolder: string | null, events: EngineEvents) {
    this.#cacheFolder = cacheFolder;
    this.#events = events;
    this.#shown = this.#begin(true);
    const own: EngineParts[0] = {
      launch: (request) => this.#launch(request),
      ranks: async () => (await this.#ranks?.ranks()) ?? null,
      selectRank: (rank) => this.#selectRank(rank),
      rankStrip: async (pass) => (await this.#ranks?.rankStrip(pass)) ?? null,
      framesOfRank: async (rank) => (await this.#ranks?.framesOfRank(rank)) ?? [],
      resume: () => (this.#ranks ?? this.#shown.examiner.parts()[3]).resume(),
      pause: () => (this.#ranks ?? this.#shown.examiner.parts()[3]).pause(),
      setBreakpoints: (breakpoints) => (this.#ranks ?? this.#shown.examiner.parts()[0]).setBreakpoints(breakpoints),
      goToPass: (job: JobId, pass: PassId): Promise<Cursor> => this.goToPass(job, pass),
      cancelGoTo: (job: JobId): Promise<void> => this.cancelGoTo(job),
    };
    this.engine = answering(() => [own, ...(this.#ranks ?? this.#shown).examiner.parts()]);
  }

  async goToPass(job: JobId, pass: PassId): Promise<Cursor> {
    const { run, repeatable } = (this.#ranks ?? this.#shown).examiner;
    if (run.state.kind !== "stopped" && run.state.kind !== "ended")
      throw requestFailure("the model file is running: pause it, and go to another pass then");
    const isKept = run.source.kept.some((one) => one.pass === pass);
    if (isKept && !repeatable.stuck) return run.moveCursor(cursorAtStart(await run.source.open(pass)));
    return this.#goBack(job, pass);
  }

  async cancelGoTo(job: JobId): Promise<void> {
    if (this.#rerun?.job === job) this.#rerun.rerun.cancel();
  }

  /** Whether ending it takes the time that saving a recording takes. */
  get isRecording(): boolean {
    return this.#shown.examiner.recorder.isWanted || (this.#ranks?.isRecording ?? false);
  }

  /** Ends all that runs. */
  async dispose(): Promise<void> {
    const { rerun } = this.#rerun ?? {};
    rerun?.cancel();
    await Promise.all([rerun?.over, this.#shown.examiner.dispose(), this.#ranks?.dispose()]);
  }

  async #launch(request: LaunchRequest): Promise<void> {
    const { examiner } = this.#shown;
    const { python, program } = request;
    if (!python && !this.#ranks && isStored(program)) return this.#open(request);
    const isAlone = (python?.ranks ?? 1) === 1 && !python?.torchrun;
    if (!python || isAlone || this.#ranks) return examiner.parts()[0].launch(request);
    this.#ranks = await RankGroup.begin(python, this.#events, (events, seat) => this.#examiner(events, { seat }));
    await this.#ranks.setBreakpoints(examiner.breakpoints);
    await this.#ranks.launch(request);
  }

  /** Opens a recording; where it is of one of several ranks, those of the others in its folder too. */
  async #open(request: LaunchRequest): Promise<void> {
    // Loaded when there is a recording to open: programs start without the format.
    const { StoredRanks } = await import("./ranks/stored-ranks.ts");
    const ranks = await StoredRanks.open(request, this.#events, (events) => this.#examiner(events));
    if (!ranks) return this.#shown.examiner.parts()[0].launch(request);
    this.#ranks = ranks;
    await ranks.selectRank(ranks.shown);
  }

  async #selectRank(rank: number): Promise<void> {
    if (!this.#ranks) throw requestFailure("this run has one rank alone");
    await this.#ranks.selectRank(rank);
  }

  #examiner(events: EngineEvents, more: Partial<ExaminerOptions> = {}): Examiner {
    const memory = createSharedMemory();
    return new Examiner({ memory, arena: new ScratchArena(memory), cacheFolder: this.#cacheFolder, events, ...more });
  }

  #begin(isShown: boolean, more: Partial<ExaminerOptions> = {}): Shown {
    const gate = new EventGate(this.#events, isShown);
    return { examiner: this.#examiner(gate.events, more), gate };
  }

  async #goBack(job: JobId, pass: PassId): Promise<Cursor> {
    const { run, repeatable, python } = (this.#ranks ?? this.#shown).examiner;
    const request = this.#requestToRepeat(repeatable.request);
    if (this.#rerun) throw requestFailure("the model file is being run again already");
    const position = run.log.positionOf(pass);
    if (position < 0) throw requestFailure(`there was no pass ${pass}`);
    const begin = (followed: FollowedLog, parted: (parting: Parting) => void): Shown =>
      this.#begin(false, { followed, parted, ...(python && { repeats: python.beginning }) });
    const rerun = new Rerun((parted) => begin(new FollowedLog(run.log), parted), {
      parted: (parting) => this.#events.warned(partingWarning(parting)),
      progress: (done) => this.#events.rerunProgress(job, Math.min(done, position), position + 1),
    });
    this.#rerun = { job, rerun };
    try {
      const next = await rerun.to(request, pass, repeatable.clocks);
      return await this.#replaceBy(next, request);
    } finally {
      this.#rerun = null;
      // Whichever way it ended, it is over.
      this.#events.rerunProgress(job, position + 1, position + 1);
    }
  }

  /** The run that has come to where somebody wanted to be takes the place of the one that is shown. */
  async #replaceBy(next: Shown, { record }: LaunchRequest): Promise<Cursor> {
    const last = this.#shown;
    last.gate.isOpen = false;
    this.#shown = next;
    next.examiner.activate();
    next.gate.isOpen = true;
    const { run, recorder } = next.examiner;
    last.examiner.recorder.handOn();
    const disposed = last.examiner.dispose();
    if (record) await recorder.begin(record);
    await next.examiner.parts()[0].setBreakpoints(last.examiner.breakpoints);
    // A thread that cannot be ended goes when its call returns, or with the process.
    if (!last.examiner.repeatable.stuck) await disposed;
    const { cursor } = run;
    if (!cursor) throw requestFailure("the model file has ended");
    run.setState(run.state);
    this.#events.trainingLogGrew(run.log.length, run.log.rows.length);
    return cursor;
  }

  #requestToRepeat(request: LaunchRequest | null): LaunchRequest {
    if (!request)
      throw requestFailure(
        "that pass was released, and this program cannot be run again: recordings cannot, nor can one of several ranks",
      );
    if (request.log === false)
      throw requestFailure("that pass was released, and no training log was kept to go back by");
    return request;
  }
}
