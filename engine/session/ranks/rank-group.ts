import type { Breakpoint, BreakpointStatus } from "../../protocol/breakpoints.ts";
import type { EngineEvents, LaunchRequest, PythonRequest, SessionState } from "../../protocol/engine.ts";
import type { PassId } from "../../protocol/ids.ts";
import type { Failure, Frame } from "../../protocol/failure.ts";
import type { Finding } from "../../protocol/finding.ts";
import type { RankReading, RankState, RankStates, RankStrip } from "../../protocol/ranks.ts";
import { findInterpreter } from "../../recorders/pytorch/interpreter.ts";
import { TorchrunHost } from "../../recorders/pytorch/torchrun.ts";
import { RankBook } from "../../recording/ranks/rank-book.ts";
import type { RankIdentity, RankPromise, RankReport } from "../../recording/ranks/rank-reports.ts";
import type { Examiner } from "../examiner.ts";
import { requestFailure } from "../request-failure.ts";
import { freePort, rankEnvironment } from "./rank-environment.ts";
import { readStrip, type RankOfStrip } from "./rank-strip.ts";
import { ofRank, rankEvents } from "./rank-events.ts";
import { localRankFile, rankFile } from "./rank-file-name.ts";
import { askRows } from "./rank-rows.ts";
import type { RankSeat } from "./rank-seat.ts";
import { Standstill } from "./standstill.ts";

/** Between two times that everybody is told how the ranks stand. */
const TELL_MILLISECONDS = 250;

/** What ranks may take to end once another has failed, or can never be reached. torch's own limit is half an hour. */
const GRACE_MILLISECONDS = 3_000;

/** Ranks that stop in the same pass do so within this. */
const OWN_STOP_MILLISECONDS = 1_000;

/** What a rank that lost its peer says: another rank's end is the cause. */
const LOST_PEER = /connection (?:closed|reset)|broken pipe|peer closed|timed out waiting|store.*(?:closed|reset)/iu;

/** Who starts the ranks: the user's torchrun, or this process, where they meet at a port. */
interface RankStart {
  readonly torchrun: TorchrunHost | null;
  readonly port: number;
}

/** Makes the examiner of one rank. */
export type BeginRank = (events: EngineEvents, seat: RankSeat) => Examiner;

interface Rank {
  readonly examiner: Examiner;
  state: SessionState;
  isHeard: boolean;
  passes: number;
  failure: Failure | null;
}

/**
 * The processes of a script that trains on several ranks: each has its own examiner, of which one is shown. They are launched,
 * paused and ended together, and held against each other as they tell of their passes.
 */
export class RankGroup implements RankReading {
  readonly #events: EngineEvents;
  #book: RankBook;
  /** Which rank the first of this machine is of all. */
  #first = 0;
  readonly #ranks: readonly Rank[];
  readonly #standstill: Standstill;
  #shown = 0;
  #told: NodeJS.Timeout | null = null;
  #grace: NodeJS.Timeout | null = null;
  /** What ranks do not agree in, and what the shown one has found in its own training. */
  #findings: readonly Finding[] = [];
  #own: readonly Finding[] = [];
  /** Whether ranks that wait for what never comes are ended; else whoever looks at them ends them. */
  #endsWhenStuck = false;
  /** Ranks in the order in which they failed. */
  readonly #failed: number[] = [];

  private constructor(count: number, start: RankStart, events: EngineEvents, begin: BeginRank) {
    this.#events = events;
    this.#book = new RankBook(count);
    this.#ranks = Array.from({ length: count }, (_, rank): Rank => {
      const listener = {
        isShown: () => this.#shown === rank,
        stateChanged: (state: SessionState) => this.#stateChanged(rank, state),
        findingsChanged: (findings: readonly Finding[]) => {
          this.#own = findings;
          this.#events.findingsChanged([...this.#findings, ...findings]);
        },
      };
      const seat: RankSeat = {
        env: start.torchrun ? {} : rankEnvironment(rank, count, start.port),
        torchrun: start.torchrun,
        relays: rank === 0,
        connected: (identity) => {
          if (identity) this.#learnWorld(rank, identity);
          this.#ranks[rank]!.isHeard = true;
          this.#standstill.moved();
        },
        told: (header) => this.#take(rank, header),
      };
      const examiner = begin(
        rankEvents(() => this.#first + rank, events, listener),
        seat,
      );
      return { examiner, state: { kind: "idle" }, isHeard: false, passes: 0, failure: null };
    });
    this.#standstill = new Standstill(
      () => this.#states().ranks,
      (failure) => events.warned(failure),
    );
  }

  /** @param python of several ranks */
  static async begin(python: PythonRequest, events: EngineEvents, begin: BeginRank): Promise<RankGroup> {
    const { ranks = 1, torchrun: args, interpreter, cwd, env = {} } = python;
    const found = args && findInterpreter(interpreter, cwd);
    const torchrun = found ? new TorchrunHost({ interpreter: found, args, cwd, env, ranks }) : null;
    return new RankGroup(ranks, { torchrun, port: torchrun ? 0 : await freePort() }, events, begin);
  }

  /** The examiner of the rank that is shown. */
  get examiner(): Examiner {
    return this.#ranks[this.#shown]!.examiner;
  }

  async launch(request: LaunchRequest): Promise<void> {
    this.#endsWhenStuck = request.findings === true && request.stopOn.kind === "none";
    const fileOf = nameRecordings(request, this.#ranks.length);
    await Promise.all(
      this.#ranks.map(({ examiner }, rank) => examiner.parts()[0].launch(requestOf(request, rank, fileOf))),
    );
  }

  async ranks(): Promise<RankStates> {
    return this.#states();
  }

  async selectRank(rank: number): Promise<void> {
    const chosen = this.#ranks[rank];
    if (!chosen) throw requestFailure(`there is no rank ${rank}: the ranks are 0 to ${this.#ranks.length - 1}`);
    this.#shown = rank;
    chosen.examiner.activate();
    this.#tell();
    this.#events.stateChanged(this.#stateOf(rank));
  }

  async rankStrip(pass: PassId): Promise<RankStrip> {
    const ranks = this.#ranks.map(({ examiner }): RankOfStrip | null => {
      const { python } = examiner;
      return (
        python && {
          rows: (pass) => askRows(() => python.process, pass),
          structure: async (pass) => (await python.recording.pass(pass)).structure,
        }
      );
    });
    const promiseOf = (row: number): RankPromise | null => this.#book.promiseOf(this.#first + this.#shown, pass, row);
    return { pass, shown: this.#shown, ranks: await readStrip(ranks, this.#shown, pass, promiseOf) };
  }

  async framesOfRank(rank: number): Promise<readonly Frame[]> {
    return (await this.#ranks[rank]?.examiner.parts()[3].stack()) ?? [];
  }

  /** On to the shown rank's next stop; when it leaves its pass, all others leave theirs. */
  async resume(): Promise<void> {
    await this.examiner.parts()[3].resume();
    if (this.#ranks[this.#shown]!.state.kind === "stopped") return;
    await Promise.all(this.#ranks.map(async ({ examiner }) => examiner.python?.letGo()));
  }

  async pause(): Promise<void> {
    const running = this.#ranks.filter(({ state }) => state.kind === "running");
    if (running.length === 0) throw requestFailure("the script is not running");
    await Promise.all(running.map(({ examiner }) => examiner.parts()[3].pause()));
  }

  async setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointStatus[]> {
    const answers = await Promise.all(
      this.#ranks.map(({ examiner }) => examiner.parts()[0].setBreakpoints(breakpoints)),
    );
    return answers[this.#shown]!;
  }

  /** Whether a recording of a rank is still to be saved. */
  get isRecording(): boolean {
    return this.#ranks.some(({ examiner }) => examiner.recorder.isWanted);
  }

  async dispose(): Promise<void> {
    if (this.#told) clearTimeout(this.#told);
    if (this.#grace) clearTimeout(this.#grace);
    this.#standstill.dispose();
    await Promise.all(this.#ranks.map(({ examiner }) => examiner.dispose()));
  }

  #states(): RankStates {
    const ranks = this.#ranks.map(({ state, isHeard, passes, failure }, rank): RankState => {
      const kind = state.kind === "stopped" || state.kind === "ended" ? state.kind : isHeard ? "running" : "starting";
      const call = kind === "running" ? this.#book.waitsIn(this.#first + rank) : null;
      return { rank, kind, passes, waitsIn: call && { call: call.call, site: call.site }, failure };
    });
    return { shown: this.#shown, ranks };
  }

  /** torchrun may have started others on other machines: what they do is not heard of here. */
  #learnWorld(place: number, { rank, ranks }: RankIdentity): void {
    if (ranks === this.#ranks.length || this.#ranks.some(({ isHeard }) => isHeard)) return;
    this.#first = rank - place;
    this.#book = new RankBook(
      ranks,
      this.#ranks.map((_, place) => this.#first + place),
    );
  }

  #take(rank: number, header: Readonly<Record<string, unknown>>): void {
    this.#standstill.moved();
    const report = header as unknown as RankReport;
    if (report.event === "rank.pass") this.#ranks[rank]!.passes = report.pass + 1;
    this.#book.take(this.#first + rank, report);
    this.#tellFindings();
    this.#tellSoon();
    if (this.#endsWhenStuck && this.#book.isStuck) this.#endSoon();
  }

  #stateChanged(rank: number, state: SessionState): void {
    const own = this.#ranks[rank]!;
    const before = own.state;
    own.state = state;
    this.#standstill.moved();
    if (state.kind === "running") own.passes = Math.max(own.passes, state.passes);
    if (state.kind !== "ended") {
      if (rank === this.#shown) this.#events.stateChanged(state);
      else if (state.kind === "stopped") this.#showUnlessShownStops(rank);
      if (state.kind === before.kind) this.#tellSoon();
      else this.#tell();
      return;
    }
    own.failure = state.failure ?? null;
    if (state.failure) this.#failed.push(rank);
    this.#book.ended(this.#first + rank, state.failure !== undefined);
    this.#tellFindings();
    this.#tell();
    if (this.#ranks.every(({ state }) => state.kind === "ended")) this.#allEnded();
    else if (state.failure || this.#book.isStuck) this.#endSoon();
  }

  /** A rank may stop where the shown one does not, which then waits for it. */
  #showUnlessShownStops(rank: number): void {
    setTimeout(() => {
      const isStill = this.#ranks[rank]!.state.kind === "stopped";
      if (isStill && this.#ranks[this.#shown]!.state.kind === "running") void this.selectRank(rank);
    }, OWN_STOP_MILLISECONDS).unref();
  }

  /** The run has ended once all ranks have. */
  #allEnded(): void {
    if (this.#grace) clearTimeout(this.#grace);
    this.#standstill.dispose();
    this.#events.stateChanged(this.#stateOf(this.#shown));
  }

  /** A rank as everybody is told of it: the run has not ended before all of them have. */
  #stateOf(rank: number): SessionState {
    const { state, passes } = this.#ranks[rank]!;
    if (state.kind !== "ended") return state;
    if (!this.#ranks.every((one) => one.state.kind === "ended")) {
      return { kind: "running", passes, loss: null, passesPerSecond: 0 };
    }
    const failure = this.#cause();
    return { kind: "ended", cursor: state.cursor, ...(failure && { failure }) };
  }

  /** Why the run failed: the first rank that failed by itself, not because another was gone. */
  #cause(): Failure | null {
    const own = this.#failed.find((rank) => !LOST_PEER.test(this.#ranks[rank]!.failure!.message));
    const rank = own ?? this.#failed[0];
    if (rank === undefined) return null;
    const failure = this.#ranks[rank]!.failure!;
    return failure.kind === "no-backward" ? failure : ofRank(this.#first + rank, failure);
  }

  /** The others would wait for the one that is gone. */
  #endSoon(): void {
    this.#grace ??= setTimeout(() => {
      for (const { examiner, state } of this.#ranks) if (state.kind !== "ended") void examiner.python?.endOfAnother();
    }, GRACE_MILLISECONDS);
  }

  #tellFindings(): void {
    const { findings } = this.#book;
    if (findings === this.#findings || findings.length === 0) return;
    this.#findings = findings;
    this.#events.findingsChanged([...findings, ...this.#own]);
  }

  #tellSoon(): void {
    this.#told ??= setTimeout(() => this.#tell(), TELL_MILLISECONDS);
  }

  #tell(): void {
    if (this.#told) clearTimeout(this.#told);
    this.#told = null;
    this.#events.ranksChanged(this.#states());
  }
}

/** How the recordings of ranks are called. Where torchrun starts some on other machines, which ranks these are is not known yet. */
function nameRecordings({ python }: LaunchRequest, ranks: number): (file: string, rank: number) => string {
  const args = python?.torchrun ?? [];
  const at = args.findIndex((word) => /^--nnodes(?:=|$)/u.test(word));
  const machines = at < 0 ? "1" : (args[at]!.split("=")[1] ?? args[at + 1]);
  return machines === "1" ? (file, rank) => rankFile(file, rank, ranks) : localRankFile;
}

function requestOf(
  request: LaunchRequest,
  rank: number,
  fileOf: (file: string, rank: number) => string,
): LaunchRequest {
  const { record } = request;
  const shared = rank === 0 ? request : { ...request, threads: 0 };
  return record ? { ...shared, record: { ...record, file: fileOf(record.file, rank) } } : shared;
}
