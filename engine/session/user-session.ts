import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { setStackCapture } from "../context/call-stack.ts";
import { history, isForeign, type EndedPass } from "../autograd/history.ts";
import { labelTable, opTable, type Pass } from "../autograd/pass.ts";
import { TapeColumn } from "../autograd/tape.ts";
import type { LaunchRequest, PassSummary, StopReason } from "../protocol/engine.ts";
import type { Failure, Frame } from "../protocol/failure.ts";
import type { NodeId, PassId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import { Control } from "../memory/shared-memory.ts";
import { BreakpointSet } from "./breakpoints/breakpoint-set.ts";
import type { Hit } from "./breakpoints/hit.ts";
import type { OutsideSource } from "./clock-notes.ts";
import { writeCompiledCode } from "../context/compiled-code.ts";
import { beginFreeze, freeze } from "./freeze.ts";
import { rememberCallState } from "./call-state.ts";
import { serveFunction } from "./function-server.ts";
import { onUnreadableThrow } from "./loader/thrown-values.ts";
import type { SiteRegistry } from "./loader/site-registry.ts";
import type { BreakpointList, ThreadReply, ThreadRequest, UserThreadMessage } from "./messages.ts";
import { leavesOf, type ForeignPass } from "../reading/foreign-pass.ts";
import type { RecordedSince } from "../reading/live-source.ts";
import { recordOf, type PassRecord } from "../reading/pass-record.ts";
import { learningRates, recordOptimizers, type OptimizerRecord } from "./optimizer-records.ts";
import { reportPass, withoutGradient } from "./pass-report.ts";
import type { ProgramStacks } from "./program-stacks.ts";
import { LivePass } from "../reading/live-pass.ts";
import type { PassNames } from "../reading/pass-names.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { ThreadNames } from "./thread-names.ts";
import { sendOutput } from "./user-output.ts";
import { LogRecorder } from "../training/log-recorder.ts";
import { TrainingMonitor } from "../training/training-monitor.ts";
import type { PassReport } from "../protocol/report.ts";
import { StopChoice } from "./stop-choice.ts";

/** So many passes before the one that a run goes to are kept as well. */
const KEPT_BEFORE = 10;

/** Of a run that never stops the examiner hears at least this often. */
const MOST_SUMMARIES = 4096;

/** The user thread's side of a session: decides where to stop, and hands the examiner what it needs to read passes. */
export class UserSession {
  readonly #launch: LaunchRequest;
  readonly #port: MessagePort;
  readonly #requests: MessagePort;
  readonly #breakpointLists: MessagePort;
  readonly #breakpoints: BreakpointSet;
  readonly #registry: SiteRegistry;
  readonly #toFailure: (error: unknown) => Failure;
  readonly #stacks: ProgramStacks;
  readonly #functionNamed: (name: string, preferredFile: string | null) => Site | null;
  /** What this thread's tapes refer to. */
  readonly #names: PassNames;
  readonly #choice: StopChoice;
  /** What the last pass that failed did so with. */
  #failedWith: unknown;
  readonly #monitor: TrainingMonitor | null;
  readonly #log: LogRecorder | null;
  /** The pass that the run goes to before it stops anywhere. */
  #goingTo: PassId | null;
  /** Summaries of the passes that the examiner has not heard of yet. */
  #summaries: PassSummary[] = [];
  #isAnyPass = false;
  readonly #identities = new WeakMap<Tensor, number>();
  #nextIdentity = 0;
  #learningRates: ReadonlyMap<Tensor, number> = new Map();
  /** Passes up to this ordinal have been sent. */
  #sentUpTo = -1;

  constructor(
    launch: LaunchRequest,
    port: MessagePort,
    requests: MessagePort,
    breakpoints: MessagePort,
    registry: SiteRegistry,
    toFailure: (error: unknown) => Failure,
    stacks: ProgramStacks,
    functionNamed: (name: string, preferredFile: string | null) => Site | null,
  ) {
    this.#launch = launch;
    this.#choice = new StopChoice(launch.stopOn, (pass) => this.#shown(pass));
    this.#port = port;
    this.#requests = requests;
    this.#breakpointLists = breakpoints;
    this.#breakpoints = new BreakpointSet({
      sites: () => registry.all,
      say: (text) => sendOutput({ memory: runtime.memory, port }, "stdout", `${text}\n`, 0),
    });
    this.#registry = registry;
    this.#names = new ThreadNames(registry);
    registry.observer = () => {
      this.#post({ type: "sites", tables: { ops: [], labels: [], sites: registry.takeNew() } });
    };
    onUnreadableThrow((site) => this.#post({ type: "thrown", site }));
    this.#toFailure = toFailure;
    this.#stacks = stacks;
    this.#functionNamed = functionNamed;
    this.#monitor =
      launch.findings === true
        ? new TrainingMonitor(
            (id) => registry.get(id),
            (pass) => this.#shown(pass),
          )
        : null;
    this.#log = launch.log === false ? null : new LogRecorder((id) => registry.get(id));
    this.#goingTo = launch.goTo ?? null;
    this.#keepMore(this.#goingTo === null || this.#goingTo <= KEPT_BEFORE);
    if (typeof launch.record?.passes === "number") history.least = launch.record.passes;
    history.observer = {
      finished: (pass) => this.#finished(pass),
      finishedForeign: (pass) => this.#finished(pass),
      released: () => this.#publishOldest(),
    };
  }

  /** The file has ended, or failed: everything stays readable, and custom Functions can still be run. */
  end(failure: Failure | null, exitCode: number): void {
    const missing = !this.#isAnyPass && failure === null && exitCode === 0;
    const noBackward: Failure | null = missing
      ? {
          kind: "no-backward",
          message: "the file ran to its end and never called backward(), so there is no pass to look at",
          site: null,
          fix: "reduce the output to a scalar and call loss.backward()",
        }
      : null;
    this.#postLog();
    this.#postFindings(true);
    beginFreeze(runtime.memory);
    this.#post({ type: "ended", ...this.#snapshot(), failure: failure ?? noBackward, exitCode });
    this.#freeze();
  }

  /** Stops here; returns when the examiner lets the thread go on. */
  #stop(reason: StopReason | null, failure: Failure | null, hits: readonly Hit[], compare: boolean): void {
    this.#postLog();
    this.#postFindings(false);
    beginFreeze(runtime.memory);
    this.#post({ type: "stopped", reason, ...this.#snapshot(), failure, hits, compare, frames: this.#stacks.here() });
    this.#freeze();
  }

  /** What a run has to say about its training does not wait for anybody to ask. */
  #postFindings(ended: boolean): void {
    if (this.#monitor) this.#post({ type: "findings", findings: this.#monitor.findings(ended) });
  }

  /** Somebody reads what is otherwise at every run. @returns whether it is the program, in this frame of it */
  clockRead(source: OutsideSource, frame: Frame | null): boolean {
    if (frame) this.#post({ type: "clock", reading: { source, site: frame.site } });
    return frame !== null;
  }

  /** Whether passes are kept, with the stacks of their ops; on the way to another pass nobody looks at them. */
  #keepMore(isKept: boolean): void {
    const { historyBytes, stopOn, recording } = this.#launch;
    history.budget = isKept ? historyBytes : 0;
    // Nobody looks at the stacks of a run that never stops, or only to be checked.
    const isWatched = this.#goingTo !== null || (stopOn.kind !== "none" && stopOn.kind !== "distinct");
    setStackCapture(isKept && isWatched && recording !== "light");
  }

  /** The thread is about to be ended, wherever it is: what it knows of passes that have ended is not lost. */
  leave(): void {
    this.#postLog();
  }

  #postLog(): void {
    const batch = this.#log?.take();
    if (batch) this.#post({ type: "logged", batch });
  }

  warn(failure: Failure): void {
    this.#post({ type: "warning", failure });
  }

  #finished(pass: EndedPass): void {
    const { i32, f64 } = runtime.memory;
    const { kind, loss, rows } = isForeign(pass) ? pass.columns : { ...pass, rows: pass.tape.rows };
    const { site, failure } = isForeign(pass) ? pass.source : pass;
    Atomics.store(i32, Control.passCount >> 2, pass.ordinal + 1);
    f64[Control.lastLoss / 8] = loss ?? Number.NaN;
    this.#publishOldest();
    this.#note(pass);
    this.#isAnyPass = true;
    this.#summaries.push({
      pass: pass.id,
      ...(pass.within !== null && { within: pass.within }),
      kind,
      loss,
      nodeCount: rows,
      site: this.#registry.get(site),
      kept: true,
    });
    if (this.#goingTo !== null && !this.#isThere(pass, this.#goingTo)) return;
    if (this.#launch.report) {
      const report = isForeign(pass) ? this.#reportForeign(pass) : this.#report(pass);
      this.#post({ type: "reported", report });
    }
    const hits = this.#hits(pass);
    if (failure !== undefined) {
      // Through passes within passes one error goes out: it is shown where it was thrown.
      if (failure === this.#failedWith) return;
      this.#failedWith = failure;
      if (this.#launch.stopOn.kind !== "none") this.#stop("exception", this.#toFailure(failure), hits, false);
      return;
    }
    const compare = this.#breakpoints.comparing && this.#choice.isNewStructure(pass);
    const reason = this.#reasonToStop(pass, hits);
    if (reason !== null || compare) this.#stop(reason, null, hits, compare);
    else if (typeof this.#launch.record?.passes === "number" || this.#summaries.length >= MOST_SUMMARIES)
      this.#post({ type: "recorded", ...this.#recordedSince() });
  }

  /** Whether a run that goes to a pass need not go on from this one; stops where it is that pass. */
  #isThere({ id }: EndedPass, goal: PassId): boolean {
    if (id === goal - KEPT_BEFORE) this.#keepMore(true);
    if (id !== goal) return false;
    this.#goingTo = null;
    this.#stop("goto", null, [], false);
    return false;
  }

  #report(pass: Pass): PassReport {
    const leaves = new Map(pass.leaves);
    const captured = pass.captured.map(([tensor, gradient]) => {
      if (gradient === null) return null;
      const twins = pass.leaves.filter(([, { label }]) => label === tensor.label);
      return { label: twins.length > 1 ? tensor.qualifiedLabel : tensor.label, gradient };
    });
    const report = reportPass(
      this.#shown(pass),
      this.#launch.report === "values",
      captured,
      (row) => leaves.get(row as NodeId)?.qualifiedLabel ?? "",
    );
    // What `autograd.grad` was asked for, it returns: nobody's `.grad` changes.
    const without = pass.kind === "grad" ? [] : withoutGradient([...leaves.values()]);
    return without.length === 0 ? report : { ...report, withoutGradient: without };
  }

  /** Takes a pass into the training log, and looks at it for what is wrong with the training. */
  #note(pass: EndedPass): void {
    if (isForeign(pass)) this.#log?.finishedForeign(pass);
    const norms = isForeign(pass) ? undefined : this.#log?.finished(pass, () => this.#shown(pass));
    if (this.#log?.isDue === true) this.#postLog();
    // What is wrong with a training is argued from the engine's own tape.
    if (!isForeign(pass)) this.#monitor?.finished(pass, norms);
  }

  #reportForeign(pass: ForeignPass): PassReport {
    const withValues = this.#launch.report === "values";
    return pass.read((shown) => {
      const captured =
        shown.kind === "grad"
          ? leavesOf(shown).map((row) => ({ label: shown.label(row), gradient: shown.gradient(row)! }))
          : [];
      return reportPass(shown, withValues, captured, (row) => shown.label(row));
    });
  }

  /** A pass of this thread as readers see it. What only the examiner asks for is left out. */
  #shown(pass: EndedPass): ReadablePass {
    if (isForeign(pass)) return pass.readable();
    return new LivePass(runtime.memory, this.#names, recordOf(pass, { parameters: [], backwardSites: [] }));
  }

  #reasonToStop(pass: EndedPass, hits: readonly Hit[]): StopReason | null {
    // Both are asked of every pass, also where the first answer decides: each notes what it has seen.
    const isFirstBad = this.#choice.isFirstBad(pass);
    const stops = this.#choice.stopsAt(pass);
    if (isFirstBad) return "not-finite";
    if (stops) return "entry";
    if (hits.length > 0) return "breakpoint";
    return Atomics.exchange(runtime.memory.i32, Control.interrupt >> 2, 0) !== 0 ? "pause" : null;
  }

  /** Where breakpoints stop in a pass, as they are set by now. */
  #hits(pass: EndedPass): readonly Hit[] {
    if (this.#launch.stopOn.kind === "none") return [];
    this.#receiveBreakpoints();
    return this.#breakpoints.empty ? [] : this.#breakpoints.hits(this.#shown(pass));
  }

  /** The same of a pass that is kept, where breakpoints have changed or somebody has gone back to it. */
  #hitsAgain(id: PassId): readonly Hit[] {
    this.#receiveBreakpoints();
    const pass = history.ended.find((one) => one.id === id);
    return pass ? this.#breakpoints.hitsAgain(this.#shown(pass), pass === history.ended.at(-1)) : [];
  }

  #receiveBreakpoints(): void {
    for (let mail = receiveMessageOnPort(this.#breakpointLists); mail;) {
      this.#breakpoints.set(mail.message as BreakpointList);
      mail = receiveMessageOnPort(this.#breakpointLists);
    }
  }

  #publishOldest(): void {
    Atomics.store(runtime.memory.i32, Control.oldestPass >> 2, history.ended[0]?.ordinal ?? 0);
  }

  #snapshot(): RecordedSince & { optimizers: readonly OptimizerRecord[] } {
    return { ...this.#recordedSince(), optimizers: recordOptimizers() };
  }

  /** What has been recorded since the examiner last heard of it. */
  #recordedSince(): RecordedSince {
    const fresh = history.ended.filter((pass) => pass.ordinal > this.#sentUpTo);
    if (fresh.length > 0) this.#sentUpTo = fresh[fresh.length - 1]!.ordinal;
    const summaries = this.#summaries;
    this.#summaries = [];
    this.#learningRates = learningRates();
    return {
      tables: { ops: opTable.takeNew(), labels: labelTable.takeNew(), sites: this.#registry.takeNew() },
      passes: fresh.map((pass) => (isForeign(pass) ? pass.record() : this.#describePass(pass))),
      summaries,
      oldest: history.ended[0]?.ordinal ?? 0,
    };
  }

  #describePass(pass: Pass): PassRecord {
    return recordOf(pass, {
      parameters: pass.leaves.flatMap(([row, leaf]) =>
        leaf.ownRequiresGrad
          ? [{ row, identity: this.#identityOf(leaf), learningRate: this.#learningRates.get(leaf) ?? null }]
          : [],
      ),
      backwardSites: [...pass.functions].flatMap(([row, { name }]) => {
        const applied = this.#registry.get(pass.tape.get(row, TapeColumn.site) as SiteId);
        const site = this.#functionNamed(`${name}.backward`, applied?.file ?? null);
        return site ? [[row as NodeId, site] as const] : [];
      }),
    });
  }

  #identityOf(leaf: Tensor): number {
    let identity = this.#identities.get(leaf);
    if (identity === undefined) this.#identities.set(leaf, (identity = this.#nextIdentity++));
    return identity;
  }

  #freeze(): void {
    writeCompiledCode();
    // Passes that expressions in the debugger make are nobody's: to stop in one would be to stop within a stop.
    const resumeHistory = history.pause();
    freeze(runtime.memory, this.#requests, {
      serve: (request) => this.#requests.postMessage(this.#serve(request as ThreadRequest)),
      evaluated: rememberCallState(),
    });
    resumeHistory();
  }

  #serve(request: ThreadRequest): ThreadReply {
    if (!("kind" in request)) {
      return serveFunction(request, this.#toFailure, (site) => this.#registry.get(site)?.line ?? null);
    }
    const { id } = request;
    switch (request.kind) {
      case "hits":
        return { id, hits: this.#hitsAgain(request.pass) };
      case "frames":
        return { id, frames: this.#stacks.ofOp(request.pass, request.row) };
      case "stacks":
        return { id, stacks: this.#stacks.ofPass(request.pass) };
    }
  }

  #post(message: UserThreadMessage): void {
    this.#port.postMessage(message);
  }
}
