import type { Breakpoint, BreakpointStatus } from "../../protocol/breakpoints.ts";
import type { EngineEvents, LaunchRequest } from "../../protocol/engine.ts";
import type { Frame } from "../../protocol/failure.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { RankReading, RankState, RankStates, RankStrip } from "../../protocol/ranks.ts";
import type { RankPromise } from "../../recording/ranks/rank-reports.ts";
import { EventGate } from "../event-gate.ts";
import type { Examiner } from "../examiner.ts";
import { requestFailure } from "../request-failure.ts";
import { readStrip, type RankOfStrip } from "./rank-strip.ts";
import { closeRanks, openRanks, type RecordedRank, type RecordedRanks } from "./recorded-ranks.ts";

interface OpenRank {
  readonly examiner: Examiner;
  readonly gate: EventGate;
}

/**
 * Recordings of the ranks of one run, shown as the ranks of a program are: one of them as a whole, which is opened when somebody asks
 * for it, and of the others the few numbers by which they are held against each other.
 */
export class StoredRanks implements RankReading {
  readonly #recorded: RecordedRanks;
  readonly #request: LaunchRequest;
  readonly #events: EngineEvents;
  readonly #begin: (events: EngineEvents) => Examiner;
  readonly #open = new Map<number, OpenRank>();
  #shown: number;

  private constructor(
    recorded: RecordedRanks,
    request: LaunchRequest,
    events: EngineEvents,
    begin: (events: EngineEvents) => Examiner,
  ) {
    this.#recorded = recorded;
    this.#request = request;
    this.#events = events;
    this.#begin = begin;
    const [first] = recorded.ranks.keys();
    const named = [...recorded.ranks].find(([, { file }]) => file === request.program);
    this.#shown = named?.[0] ?? first!;
  }

  /**
   * Opens what a launch names, a recording or a folder of them; null where it is the recording of a run of one rank.
   * @param begin makes the examiner of one rank
   * @throws Failure that says why there is nothing to open
   */
  static async open(
    request: LaunchRequest,
    events: EngineEvents,
    begin: (events: EngineEvents) => Examiner,
  ): Promise<StoredRanks | null> {
    const recorded = await openRanks(request.program);
    if (!recorded) return null;
    for (const remark of recorded.remarks) events.warned(remark);
    if (recorded.findings.length > 0) events.findingsChanged(recorded.findings);
    return new StoredRanks(recorded, request, events, begin);
  }

  /** The rank that is shown. */
  get shown(): number {
    return this.#shown;
  }

  get examiner(): Examiner {
    const open = this.#open.get(this.#shown);
    if (!open) throw requestFailure("no rank is shown yet");
    return open.examiner;
  }

  async ranks(): Promise<RankStates> {
    const ranks = Array.from({ length: this.#recorded.world }, (_, rank): RankState => {
      const recording = this.#recorded.ranks.get(rank)?.opened.recording;
      const kind = recording ? "ended" : "missing";
      return { rank, kind, passes: recording?.passes.length ?? 0, waitsIn: null, failure: recording?.failure ?? null };
    });
    return { shown: this.#shown, ranks };
  }

  async selectRank(rank: number): Promise<void> {
    const chosen = this.#recorded.ranks.get(rank);
    if (!chosen) throw requestFailure(`there is no recording of rank ${rank}`);
    const last = this.#open.get(this.#shown);
    let open = this.#open.get(rank);
    if (open) {
      if (last) last.gate.isOpen = false;
      this.#shown = rank;
      open.gate.isOpen = true;
      open.examiner.activate();
      this.#events.ranksChanged(await this.ranks());
      this.#events.stateChanged(open.examiner.run.state);
      return;
    }
    const gate = new EventGate(this.#events, true);
    open = { examiner: this.#begin(gate.events), gate };
    if (last) last.gate.isOpen = false;
    this.#open.set(rank, open);
    this.#shown = rank;
    this.#events.ranksChanged(await this.ranks());
    await open.examiner.parts()[0].launch({ ...this.#request, program: chosen.file });
  }

  async rankStrip(pass: PassId): Promise<RankStrip> {
    const { ranks, world } = this.#recorded;
    const shown = ranks.get(this.#shown)!;
    const all = Array.from({ length: world }, (_, rank) => stripOf(ranks.get(rank)));
    return { pass, shown: this.#shown, ranks: await readStrip(all, this.#shown, pass, promisesOf(shown, pass)) };
  }

  async framesOfRank(): Promise<readonly Frame[]> {
    return [];
  }

  async resume(): Promise<void> {
    await this.examiner.parts()[3].resume();
  }

  async pause(): Promise<void> {
    await this.examiner.parts()[3].pause();
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    return this.examiner.parts()[0].setBreakpoints(breakpoints);
  }

  /** What is recorded is saved already. */
  readonly isRecording = false;

  async dispose(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ examiner }) => examiner.dispose()));
    closeRanks(this.#recorded);
  }
}

function stripOf(rank: RecordedRank | undefined): RankOfStrip | null {
  if (!rank?.notes) return null;
  const { notes, opened } = rank;
  return {
    rows: async (pass) => {
      // A rank may have let go of a pass that another one has saved.
      if (!opened.recording.passes.some((one) => one.kept && one.pass === pass)) return null;
      const { rows } = opened.recording.pass(pass).structure;
      return notes.passes.find((one) => one.pass === pass && one.rows === rows) ?? null;
    },
    structure: async (pass) => opened.recording.pass(pass).structure,
  };
}

/** What the ranks promise each other of a parameter of a pass, by its row. */
function promisesOf({ notes }: RecordedRank, pass: PassId): (row: number) => RankPromise | null {
  for (const report of notes?.reports ?? []) {
    if (report.event === "rank.pass" && report.pass === pass) {
      const promises = new Map(report.leaves.map(({ row, promise }) => [row, promise]));
      return (row) => promises.get(row) ?? null;
    }
  }
  return () => null;
}
