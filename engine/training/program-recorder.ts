import type { Pass } from "../autograd/pass.ts";
import { currentSite } from "../context/site.ts";
import { Module } from "../api/nn/module.ts";
import { Parameter } from "../api/nn/parameter.ts";
import type { LRScheduler } from "../api/optim/lr-scheduler.ts";
import { groupsOf, type Optimizer } from "../api/optim/optimizer.ts";
import type { NodeId, SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { Tensor } from "../core/tensor.ts";
import type { ProgramObserver } from "../context/program-observer.ts";
import { ModuleBook } from "./module-book.ts";
import { firstWriter, ParameterBook, type ParameterEntry } from "./parameter-book.ts";
import { PassColumns } from "./pass-entries.ts";
import { before, isMeasured, updateSince, type Before, type UpdateSample } from "./update-samples.ts";
import type { ClipHistory, OptimizerHistory, ScheduleHistory, Training } from "./training.ts";

/** A program that catches what backward() throws may do so for ever. */
const MOST_REFUSALS = 100;
/** So many norms of a call that clips tell their median. */
const MOST_NORMS = 2048;
/** Larger parameters are not copied to be measured. */
const MOST_MEASURED = 1 << 20;
/** A rate below this share of the largest so far is as good as none: three steps of a tenth each, whatever their roundings, are many a recipe. */
const NOTHING = 1e-3 * (1 - 1e-9);

interface OptimizerEntry {
  readonly id: number;
  readonly optimizer: Optimizer;
  readonly madeAt: SiteId;
  readonly madeBefore: number;
  steps: number;
  emptySteps: number;
  idleSteps: number;
  staleSteps: number;
  fedPasses: number;
  discardedPasses: number;
  /** Passes that fed it since its last step or reset. */
  fedSinceReset: number;
  /** Passes that fed it since its last step. */
  fedSinceStep: number;
  zeroed: number;
  largestRate: number;
  lastRate: number;
  stepsAtNothing: number;
  stepSite: SiteId;
  zeroSite: SiteId;
}

interface ClipEntry {
  readonly kind: "norm" | "value";
  readonly site: SiteId;
  limit: number;
  calls: number;
  active: number;
  late: number;
  /** The norms of calls that lie evenly far apart, so that they stay few; and the smallest of all. */
  norms: number[];
  apart: number;
  smallest: number;
}

interface ScheduleEntry {
  readonly scheduler: LRScheduler;
  readonly madeAt: SiteId;
  readonly firstRates: readonly number[];
  steps: number;
  stepSite: SiteId;
  /** The lowest rate of the first group so far, and after how many steps it came. */
  lowest: number;
  lowestAfter: number;
}

/** Follows a program in the thread that runs it, and keeps what happened as numbers and sites. */
export class ProgramRecorder implements ProgramObserver {
  readonly #siteOf: (id: SiteId) => Site | null;
  readonly #parameters = new ParameterBook();
  readonly #optimizers: OptimizerEntry[] = [];
  readonly #modules: ModuleBook;
  readonly #clips = new Map<SiteId, ClipEntry>();
  readonly #schedules: ScheduleEntry[] = [];
  readonly #passes = new PassColumns();
  readonly updates: UpdateSample[] = [];
  #measured: Before[] = [];
  readonly releases: { readonly site: SiteId; readonly calledAt: SiteId; readonly label: string }[] = [];
  /** Roots of backward() calls that found nothing to do, with the call. */
  readonly refused: { readonly root: Tensor; readonly site: SiteId }[] = [];

  constructor(siteOf: (id: SiteId) => Site | null) {
    this.#siteOf = siteOf;
    this.#modules = new ModuleBook(siteOf);
  }

  get parameters(): ParameterBook {
    return this.#parameters;
  }

  moduleMade(module: Module): void {
    this.#modules.made(module);
  }

  moduleNamed(module: Module, name: string): void {
    this.#modules.named(module, name);
  }

  moduleCalled(module: Module): void {
    this.#modules.called(module);
  }

  modeSet(module: Module, training: boolean): void {
    if (!training) this.#modules.evaluated(module);
  }

  readOff(): void {
    this.#modules.readOff();
  }

  graphReleased(site: SiteId, label: string): void {
    if (this.releases.length < MOST_REFUSALS) this.releases.push({ site, label, calledAt: currentSite() });
  }

  gradientsSwitched(tensor: Tensor, flag: boolean): void {
    if (tensor instanceof Parameter || this.#parameters.known(tensor))
      this.#parameters.switched(tensor, flag, this.#passes.length);
  }

  optimizerMade(optimizer: Optimizer): void {
    const id = this.#optimizers.length;
    this.#optimizers.push({
      id,
      optimizer,
      madeAt: currentSite(),
      madeBefore: this.#passes.length,
      steps: 0,
      emptySteps: 0,
      idleSteps: 0,
      staleSteps: 0,
      fedPasses: 0,
      discardedPasses: 0,
      fedSinceReset: 0,
      fedSinceStep: 0,
      zeroed: 0,
      largestRate: 0,
      lastRate: 0,
      stepsAtNothing: 0,
      stepSite: 0 as SiteId,
      zeroSite: 0 as SiteId,
    });
  }

  stepping(optimizer: Optimizer): void {
    const entry = this.#entryOf(optimizer);
    if (!entry) return;
    entry.steps++;
    entry.stepSite = currentSite();
    if (entry.fedSinceStep === 0) entry.idleSteps++;
    entry.fedSinceStep = entry.fedSinceReset = 0;
    entry.lastRate = Math.max(...groupsOf(optimizer).map(({ lr }) => lr));
    entry.largestRate = Math.max(entry.largestRate, entry.lastRate);
    if (entry.lastRate <= NOTHING * entry.largestRate) entry.stepsAtNothing++;
    else entry.stepsAtNothing = 0;
    let given = 0;
    let stale = false;
    for (const parameter of this.#held(optimizer)) {
      const { grad } = parameter;
      if (grad === null) continue;
      given++;
      const known = this.#parameters.of(parameter);
      stale ||= known.stale;
      known.used = true;
      known.moved = true;
    }
    if (given === 0) entry.emptySteps++;
    if (isMeasured(entry.steps)) this.#measure(optimizer);
    if (stale) entry.staleSteps++;
  }

  stepped(optimizer: Optimizer): void {
    const entry = this.#entryOf(optimizer);
    if (!entry) return;
    for (const moved of this.#measured) this.updates.push(updateSince(moved, entry.steps));
    this.#measured = [];
  }

  zeroed(owner: Optimizer | Module): void {
    const owned = new Set<Tensor>(owner instanceof Module ? owner.parameters() : this.#held(owner));
    for (const entry of this.#optimizers) {
      if (owner !== entry.optimizer && !this.#held(entry.optimizer).some((parameter) => owned.has(parameter))) continue;
      entry.zeroed++;
      entry.discardedPasses += entry.fedSinceReset;
      entry.fedSinceReset = 0;
      entry.zeroSite = currentSite();
    }
    for (const parameter of owned) {
      const known = this.#parameters.known(parameter);
      if (known) known.used = known.stale = false;
    }
  }

  clipped(kind: "norm" | "value", parameters: readonly Tensor[], limit: number, norm: number): void {
    const site = currentSite();
    let entry = this.#clips.get(site);
    if (!entry)
      this.#clips.set(
        site,
        (entry = { kind, site, limit, calls: 0, active: 0, late: 0, norms: [], apart: 1, smallest: Infinity }),
      );
    entry.calls++;
    entry.limit = limit;
    if (norm > limit) entry.active++;
    const given = parameters.filter(({ grad }) => grad !== null);
    if (given.length === 0 || given.every((one) => this.#parameters.known(one)?.used === true)) entry.late++;
    if (Number.isFinite(norm)) noteNorm(entry, norm);
  }

  schedulerMade(scheduler: LRScheduler): void {
    const { baseLrs } = scheduler;
    this.#schedules.push({
      scheduler,
      madeAt: currentSite(),
      firstRates: [...baseLrs],
      steps: 0,
      lowest: baseLrs[0] ?? 0,
      lowestAfter: 0,
      stepSite: 0 as SiteId,
    });
  }

  schedulerStepped(scheduler: LRScheduler): void {
    const entry = this.#schedules.find((one) => one.scheduler === scheduler);
    if (!entry) return;
    entry.steps++;
    entry.stepSite = currentSite();
    const [rate = entry.lowest] = scheduler.getLastLr();
    if (isLower(rate, entry)) [entry.lowest, entry.lowestAfter] = [rate, entry.steps];
  }

  nothingToDo(root: Tensor): void {
    if (this.refused.length < MOST_REFUSALS) this.refused.push({ root, site: currentSite() });
  }

  /** A pass has run. @param norms of the gradients that it gave leaves, by row, where they are known */
  finished(pass: Pass, norms: ReadonlyMap<NodeId, number>): void {
    this.#passes.push({ index: pass.id, kind: pass.kind, loss: pass.loss, site: this.#siteOf(pass.site) });
    const fed = this.#parameters.finished(pass, norms);
    this.#assignParameters();
    const holders = new Set<number>();
    for (const { optimizers } of fed) for (const id of optimizers) holders.add(id);
    for (const id of holders) {
      this.#optimizers[id]!.fedPasses++;
      this.#optimizers[id]!.fedSinceStep++;
      this.#optimizers[id]!.fedSinceReset++;
    }
    this.#modules.finished();
  }

  /** What has happened so far. */
  training(): Training {
    this.#assignParameters();
    const modules = this.#modules.live;
    // A parameter that no pass has seen is of interest for that.
    const members = new Set<number>();
    for (const module of modules) {
      for (const [, value] of module.namedParameters("", false)) members.add(this.#parameters.of(value).id);
    }
    return {
      passes: this.#passes,
      parameters: this.#parameters.entries.map((entry) => this.#describeParameter(entry, members.has(entry.id))),
      optimizers: this.#optimizers.map((entry) => this.#describeOptimizer(entry)),
      modules: this.#modules.describe(
        (tensor) => this.#parameters.of(tensor).id,
        (module) => this.#isWhole(module),
      ),
      clips: [...this.#clips.values()].map((entry) => this.#describeClip(entry)),
      schedules: this.#schedules.map((entry) => this.#describeSchedule(entry)),
      handSteps: this.#parameters.handSteps(this.#siteOf),
      vainSwitches: this.#parameters.vainSwitches(this.#siteOf),
    };
  }

  /** Whether all that an optimizer moves is inside of a module. */
  #isWhole(module: Module): boolean {
    const inside = new Set<Tensor>(module.parameters());
    return this.#optimizers.some(({ optimizer }) => this.#held(optimizer).every((one) => inside.has(one)));
  }

  #measure(optimizer: Optimizer): void {
    for (const parameter of this.#held(optimizer)) {
      if (parameter.grad === null || parameter.numel() > MOST_MEASURED) continue;
      this.#measured.push(before(this.#parameters.of(parameter).id, parameter));
    }
  }

  #entryOf(optimizer: Optimizer): OptimizerEntry | undefined {
    return this.#optimizers.find((entry) => entry.optimizer === optimizer);
  }

  #held(optimizer: Optimizer): readonly Tensor[] {
    const groups = groupsOf(optimizer);
    return groups.length === 1 ? groups[0]!.params : groups.flatMap(({ params }) => params);
  }

  /** Groups may be added at any time. */
  #assignParameters(): void {
    for (const { id, optimizer } of this.#optimizers) {
      for (const parameter of this.#held(optimizer)) this.#parameters.of(parameter).optimizers.add(id);
    }
  }

  #describeParameter(entry: ParameterEntry, isMember: boolean): Training["parameters"][number] {
    const tensor = entry.tensor.deref();
    if (tensor) {
      entry.name = tensor.qualifiedLabel;
      entry.learns = tensor.requiresGrad;
      if (entry.writtenFirst >= 0 && tensor.storage.writtenAt !== entry.writtenFirst) entry.moved = true;
    }
    const { id, shape, ofModule, learns, seen, reached, reachedByZero, lastReached, moved } = entry;
    const writtenBy = firstWriter(entry);
    return {
      id,
      name: entry.name || `parameter ${id}`,
      shape,
      madeAt: this.#siteOf(entry.madeAt),
      ofModule,
      learns,
      frozenAt: entry.frozenAt === 0 ? null : this.#siteOf(entry.frozenAt),
      optimizers: [...entry.optimizers],
      seen,
      reached,
      reachedByZero,
      lastReached,
      reads: entry.reads,
      readAt: entry.readAt === 0 ? null : this.#siteOf(entry.readAt),
      readBy: entry.readBy,
      readBehind: entry.readBehind,
      firstSeen: entry.firstSeen,
      lastSeen: entry.lastSeen,
      isMember,
      moved,
      writtenAt: writtenBy === null ? null : this.#siteOf(writtenBy),
      written: writtenBy !== null,
    };
  }

  #describeOptimizer(entry: OptimizerEntry): OptimizerHistory {
    const { largestRate, lastRate, stepsAtNothing } = entry;
    const { id, optimizer, madeBefore, steps, emptySteps, idleSteps, staleSteps, fedPasses, discardedPasses, zeroed } =
      entry;
    return {
      id,
      type: optimizer.constructor.name,
      madeAt: this.#siteOf(entry.madeAt),
      groups: groupsOf(optimizer).map(({ params, ...options }) => ({
        options: { ...options },
        parameters: params.map((parameter) => this.#parameters.of(parameter).id),
      })),
      steps,
      emptySteps,
      idleSteps,
      staleSteps,
      fedPasses,
      discardedPasses,
      zeroed,
      largestRate,
      lastRate,
      stepsAtNothing,
      stepSite: this.#siteOf(entry.stepSite),
      zeroSite: this.#siteOf(entry.zeroSite),
      madeBefore,
    };
  }

  #describeClip({ norms, smallest, site, kind, limit, calls, active, late }: ClipEntry): ClipHistory {
    const sorted = norms.toSorted((a, b) => a - b);
    return {
      kind,
      limit,
      calls,
      active,
      late,
      site: this.#siteOf(site),
      smallestNorm: smallest < Infinity ? smallest : Number.NaN,
      medianNorm: sorted[sorted.length >> 1] ?? Number.NaN,
    };
  }

  #describeSchedule(entry: ScheduleEntry): ScheduleHistory {
    const { scheduler, steps, firstRates, lowestAfter } = entry;
    return {
      type: scheduler.constructor.name,
      madeAt: this.#siteOf(entry.madeAt),
      steps,
      stepSite: this.#siteOf(entry.stepSite),
      lowestAfter,
      firstRates,
      rates: scheduler.getLastLr(),
      optimizer: this.#optimizers.findIndex(({ optimizer }) => optimizer === scheduler.optimizer),
    };
  }
}

/** Whether a rate lies below the lowest so far: what comes down to the same again differs by roundings. */
function isLower(rate: number, { lowest, firstRates }: ScheduleEntry): boolean {
  return rate < lowest - 1e-9 * Math.abs(firstRates[0] ?? 0);
}

function noteNorm(entry: ClipEntry, norm: number): void {
  entry.smallest = Math.min(entry.smallest, norm);
  if (entry.calls % entry.apart !== 0) return;
  entry.norms.push(norm);
  if (entry.norms.length < MOST_NORMS) return;
  entry.norms = entry.norms.filter((_, i) => i % 2 === 1);
  entry.apart *= 2;
}
