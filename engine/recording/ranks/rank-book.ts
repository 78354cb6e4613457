import type { Finding } from "../../protocol/finding.ts";
import { CallOrder, type CallMismatch } from "./call-order.ts";
import { Gathering } from "./gathering.ts";
import * as findings from "./rank-findings.ts";
import type { RankCall, RankLeaf, RankPass, RankPromise, RankReduction, RankReport, RankStep } from "./rank-reports.ts";
import { odd, oddTexts, offReduced, offShards } from "./relations.ts";

/** Stands for the model whose gradients the script reduces by itself. */
const BY_HAND = -1;

/** A rank as it stands. */
interface RankPlace {
  /** The call that it waits in. */
  call: RankCall | null;
  /** The last one that it began. */
  begun: RankCall | null;
  ended: boolean;
  failed: boolean;
  /** How many steps each of its models was updated in. */
  readonly steps: Map<number, number>;
  last: RankPass | null;
}

/**
 * Holds ranks against each other as they tell of their passes and steps. What must be equal, or the mean, is compared in the order
 * of the tape; the first violation is the finding, since what follows from it is wrong on all ranks. Where only some of all ranks
 * are there, only equality is asked for: what the others bring to a reduction is not known.
 */
export class RankBook {
  readonly #ranks: readonly number[];
  /** How many train together, those that are not told of among them. */
  readonly #world: number;
  readonly #places: ReadonlyMap<number, RankPlace>;
  readonly #calls: CallOrder;
  readonly #passes = new Gathering<{ readonly pass: RankPass; readonly steps: ReadonlyMap<number, number> }>();
  readonly #steps = new Gathering<{ readonly step: RankStep; readonly last: RankPass | null }>();
  readonly #reductions = new Gathering<RankReduction>();
  #findings: readonly Finding[] = [];
  /** Where the order of calls parts. */
  #parting: CallMismatch | null = null;
  /** Parameters that were equal on all ranks in some pass, by model and name. */
  readonly #equal = new Set<string>();
  /** Models that are known to differ from rank to rank: what comes later follows from that. */
  readonly #parted = new Set<number>();
  /** Models whose hook is known to give the sum. */
  readonly #summed = new Set<number>();
  /** Models that a rank has given numbers to that are not finite. */
  readonly #spoilt = new Set<number>();

  /** @param ranks those that are told of; absent: all */
  constructor(world: number, ranks: readonly number[] = Array.from({ length: world }, (_, rank) => rank)) {
    this.#ranks = ranks;
    this.#world = world;
    this.#places = new Map(
      this.#ranks.map((rank) => [
        rank,
        { call: null, begun: null, ended: false, failed: false, steps: new Map(), last: null },
      ]),
    );
    this.#calls = new CallOrder(this.#ranks);
  }

  /** Another array whenever there is something new. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Whether ranks wait for what will never come. */
  get isStuck(): boolean {
    return this.#has("rank-call") || this.#has("rank-call-missing");
  }

  /** The call that a rank waits in; null where it does not. */
  waitsIn(rank: number): RankCall | null {
    return this.#places.get(rank)?.call ?? null;
  }

  /** What the ranks promise each other of a parameter, by its row; null of any pass but the last. */
  promiseOf(rank: number, pass: number, row: number): RankPromise | null {
    const { last } = this.#place(rank);
    if (last?.pass !== pass) return null;
    return last.leaves.find((leaf) => leaf.row === row)?.promise ?? null;
  }

  /** Takes what a rank tells. */
  take(rank: number, report: RankReport): void {
    if (report.event === "rank.call") this.call(rank, report.call);
    else if (report.event === "rank.pass") this.pass(rank, report);
    else if (report.event === "rank.reduction") this.#reduction(rank, report);
    else this.step(rank, report);
  }

  /** @param call null: the last one has ended */
  call(rank: number, call: RankCall | null): void {
    const place = this.#place(rank);
    place.call = call;
    if (call === null) return;
    place.begun = call;
    this.#lookForFatallyUnused();
    if (!call.ordered) return;
    const mismatch = this.#calls.add(rank, call);
    if (mismatch && (!this.#parting || mismatch.place === this.#parting.place)) {
      this.#parting = mismatch;
      this.#findings = [...this.#findings.filter(({ rule }) => rule !== "rank-call"), findings.callsDiffer(mismatch)];
    }
    this.#lookForMissing();
  }

  pass(rank: number, pass: RankPass): void {
    const place = this.#place(rank);
    place.last = pass;
    if (pass.turn === null) return;
    const group = this.#toldOf(largestGroup(pass));
    const key = `${group.join()} ${pass.turn}`;
    const told = this.#passes.add(key, group.length, rank, { pass, steps: new Map(place.steps) });
    if (!told) return;
    const passes = new Map([...told].map(([one, { pass }]) => [one, pass]));
    this.#lookForNotFinite(passes);
    this.#compareLeaves(passes, new Map([...told].map(([one, { steps }]) => [one, steps])));
  }

  step(rank: number, step: RankStep): void {
    const place = this.#place(rank);
    const models = new Set(step.gradients.map(({ model }) => model));
    for (const model of models) place.steps.set(model, (place.steps.get(model) ?? 0) + 1);
    const group = this.#toldOf(smallestGroup(step));
    const key = `${group.join()} ${step.optimizer.number} ${step.step}`;
    const told = this.#steps.add(key, group.length, rank, { step, last: place.last });
    if (told && ![...models].some((model) => this.#parted.has(model))) this.#compareSteps(told);
  }

  /** A rank's script has come to its end. @param failed by an exception, or a signal */
  ended(rank: number, failed: boolean): void {
    const place = this.#place(rank);
    place.ended = true;
    place.failed = failed;
    if (failed) this.#lookForFatallyUnused();
    else this.#lookForMissing();
  }

  #place(rank: number): RankPlace {
    const place = this.#places.get(rank);
    if (!place) throw new RangeError(`there is no rank ${rank}`);
    return place;
  }

  /** Those of a group that are told of; null: of all. */
  #toldOf(group: readonly number[] | null): readonly number[] {
    return group === null ? this.#ranks : group.filter((rank) => this.#ranks.includes(rank));
  }

  #has(rule: string): boolean {
    return this.#findings.some((one) => one.rule === rule);
  }

  /** Adds what makes models differ from rank to rank. */
  #part(models: Iterable<number>, finding: Finding): void {
    for (const model of models) this.#parted.add(model);
    this.#add(finding);
  }

  #add(finding: Finding): void {
    this.#findings = [...this.#findings, finding];
  }

  #lookForNotFinite(passes: ReadonlyMap<number, RankPass>): void {
    const bad = [...passes].filter(([, pass]) => pass.bad !== null);
    if (bad.length === 0 || bad.length === passes.size) return;
    const models = bad[0]![1].leaves.map(({ model }) => model);
    if (models.some((model) => this.#spoilt.has(model))) return;
    for (const model of models) this.#spoilt.add(model);
    this.#add(
      findings.notFinite(
        bad.map(([rank]) => rank),
        bad[0]![1],
      ),
    );
  }

  #compareLeaves(passes: ReadonlyMap<number, RankPass>, steps: ReadonlyMap<number, ReadonlyMap<number, number>>): void {
    const unused = new Map<number, RankLeaf[]>();
    // What a pass that was broken off has left is no result.
    const isWhole = [...passes.values()].every(({ failed }) => !failed);
    // Each group by the first of its ranks that is told of.
    const firstOf = ({ group }: RankLeaf) => (group === null ? this.#ranks[0] : group.find((one) => passes.has(one)));
    const all = [...passes].flatMap(([rank, { leaves }]) => leaves.filter((leaf) => firstOf(leaf) === rank));
    for (const leaf of all) {
      const leaves = sameLeaf(passes, leaf);
      if (leaves === null) continue;
      const isReduced = [...leaves.values()].every(({ promise }) => promise === "reduced");
      const without = [...leaves].filter(([, { local }]) => local === null);
      if (isReduced && without.length > 0 && without.length < leaves.size) {
        for (const [rank, own] of without) unused.set(rank, [...(unused.get(rank) ?? []), own]);
      }
      if (!this.#parted.has(leaf.model) && isWhole) this.#compareLeaf(passes, steps, leaves, isReduced);
    }
    const [first] = unused;
    if (!first || this.#has("rank-unused-parameter")) return;
    const [rank, leaves] = first;
    const ranks = [...unused].filter(([, other]) => other.length === leaves.length).map(([one]) => one);
    this.#add(findings.unused(ranks, passes.get(rank)!, leaves, !isWhole));
  }

  #compareLeaf(
    passes: ReadonlyMap<number, RankPass>,
    steps: ReadonlyMap<number, ReadonlyMap<number, number>>,
    leaves: ReadonlyMap<number, RankLeaf>,
    isReduced: boolean,
  ): void {
    const { name, model } = [...leaves.values()][0]!;
    const key = `${model} ${name}`;
    const about = (ranks: readonly number[]) => [passes.get(ranks[0]!)!, leaves.get(ranks[0]!)!] as const;
    const parts = [...leaves.values()];
    const isComplete = leaves.size === (parts[0]!.group?.length ?? this.#world);
    if (parts.some(({ promise }) => promise === "shard")) {
      if (!isComplete) return;
      const { divisor } = parts[0]!;
      const off = offShards(parts, Math.max(...parts.map(({ epsilon }) => epsilon)), divisor ?? undefined);
      if (off > 1) this.#part([model], findings.wronglyReduced(...about([...leaves.keys()]), off, leaves.size));
      return;
    }
    if (parts.some(({ promise }) => promise === "hooked")) {
      if (isComplete && !this.#summed.has(model) && isSummed(parts)) {
        this.#summed.add(model);
        this.#add(findings.hookSums(...about([...leaves.keys()]), leaves.size));
      }
      return;
    }
    const weights = odd(new Map([...leaves].map(([rank, { value }]) => [rank, value])));
    if (weights.length > 0) {
      const seeds = new Map([...leaves.keys()].map((rank) => [rank, passes.get(rank)!.seed]));
      const made = new Map([...leaves.keys()].map((rank) => [rank, steps.get(rank)?.get(model) ?? 0]));
      const past = { wasEqual: this.#equal.has(key), steps: made, seeds };
      return this.#part([model], findings.weightsDiffer(weights, ...about(weights), past));
    }
    this.#equal.add(key);
    if (!isReduced) return;
    const reduced = odd(new Map([...leaves].map(([rank, { after }]) => [rank, after])));
    if (reduced.length > 0) return this.#part([model], findings.reducedDiffers(reduced, ...about(reduced)));
    if (!isComplete) return;
    for (const [rank, { after, epsilon }] of leaves) {
      const off = after === null ? 0 : offReduced(after, [...leaves.values()], epsilon);
      if (off > 1) return this.#part([model], findings.wronglyReduced(...about([rank]), off, leaves.size));
    }
  }

  #compareSteps(told: ReadonlyMap<number, { readonly step: RankStep; readonly last: RankPass | null }>): void {
    // A rank that left a step out makes another one now: the weights of the next pass tell.
    if (new Set([...told.values()].map(({ last }) => last?.turn)).size > 1) return;
    const models = new Set([...told.values()].flatMap(({ step }) => step.gradients.map(({ model }) => model)));
    // What each rank steps for itself is its own.
    if ([...told.values()].some(({ step }) => step.gradients.length === 0)) return;
    const stepOf = (rank: number): RankStep => told.get(rank)!.step;
    const passOf = (rank: number): number => told.get(rank)!.last?.pass ?? 0;
    const compare = (name: string, values: ReadonlyMap<number, string>): boolean => {
      const ranks = oddTexts(values);
      if (ranks.length === 0) return false;
      this.#part(models, findings.settingDiffers(name, values, ranks, stepOf(ranks[0]!), passOf(ranks[0]!)));
      return true;
    };
    const each = (value: (step: RankStep) => string | undefined): ReadonlyMap<number, string> =>
      new Map([...told].map(([rank, { step }]) => [rank, value(step) ?? "nothing"]));
    const first = [...told.values()][0]!.step;
    for (const [group, rates] of first.rates.entries()) {
      for (const name of Object.keys(rates))
        if (
          compare(
            name,
            each((step) => step.rates[group]?.[name]),
          )
        )
          return;
    }
    if (
      compare(
        "scale",
        each(({ scale }) => (scale === null ? undefined : String(scale))),
      )
    )
      return;
    for (const { name, model, group } of first.gradients) {
      const sharing = [...told].filter(([rank]) => group === null || group.includes(rank));
      const own = sharing.map(
        ([rank, { step }]) => [rank, step.gradients.find((one) => one.name === name && one.model === model)] as const,
      );
      if (own.some(([, found]) => found === undefined)) continue;
      const ranks = odd(new Map(own.map(([rank, found]) => [rank, found!.numbers])));
      if (ranks.length === 0) continue;
      const [rank] = ranks as [number];
      const leaf = told.get(rank)!.last?.leaves.find((one) => one.name === name && one.model === model) ?? null;
      if (leaf?.promise === "hooked") continue;
      return this.#part([model], findings.gradientDiffers(name, ranks, stepOf(rank), passOf(rank), leaf));
    }
  }

  /** What the ranks sum by themselves is the sum, and of one gradient. */
  #reduction(rank: number, reduction: RankReduction): void {
    const { turn, groupName, group } = reduction;
    const ranks = this.#toldOf(group);
    const told = this.#reductions.add(`${groupName ?? ""} ${ranks.join()} ${turn}`, ranks.length, rank, reduction);
    if (!told || this.#parted.has(BY_HAND)) return;
    const odds = oddTexts(new Map([...told].map(([one, { name }]) => [one, name])));
    if (odds.length > 0) return this.#part([BY_HAND], findings.reducedTogether(odds, told));
    if (told.size < (group?.length ?? this.#world)) return;
    const brought = [...told.values()].map(({ before }) => ({ before, local: null }));
    for (const [one, { after, epsilon, divisor }] of told) {
      const off = after === null ? 0 : offReduced(after, brought, epsilon, divisor ?? undefined);
      if (off > 1) return this.#part([BY_HAND], findings.sumIsNone(one, told.get(one)!, off));
    }
  }

  /**
   * A wrapper that waits for a gradient which a rank never computes fails on that rank, and waits on the others, until they fail
   * as well. Which of this is heard of first is chance.
   */
  #lookForFatallyUnused(): void {
    if (this.#has("rank-unused-parameter")) return;
    for (const rank of this.#ranks) {
      const { last, failed } = this.#place(rank);
      if (!failed || !last) continue;
      const without = last.leaves.filter(({ promise, local }) => promise === "reduced" && local === null);
      const isAwaited = this.#ranks.some((one) => one !== rank && this.#waitsInPass(one, last));
      if (without.length > 0 && isAwaited) return this.#add(findings.unused([rank], last, without, true));
    }
  }

  /** Whether a rank waits in the backward of a wrapper that belongs to another's pass, or has failed there. */
  #waitsInPass(rank: number, pass: RankPass): boolean {
    const { call, begun, failed, last } = this.#place(rank);
    if (last?.turn === pass.turn && !last.failed) return false;
    return (call ?? (failed ? begun : null))?.call.startsWith("backward of ") ?? false;
  }

  /** Ranks that wait for one that has ended. */
  #lookForMissing(): void {
    if (this.#has("rank-call") || this.#has("rank-call-missing")) return;
    const missing = this.#ranks.filter((rank) => this.#place(rank).ended);
    for (const rank of this.#ranks) {
      const { call } = this.#place(rank);
      if (!call?.ordered) continue;
      const absent = this.#calls.without(rank, call, missing);
      if (absent.length === 0) continue;
      const waiting = this.#ranks.filter((one) => this.#place(one).call?.call === call.call);
      this.#add(findings.callNeverMade(waiting, call, absent));
      return;
    }
  }
}

/** The ranks whose pass it is too; null: all. */
function largestGroup({ leaves }: RankPass): readonly number[] | null {
  const groups = leaves.filter(({ promise }) => promise !== null).map(({ group }) => group);
  if (groups.includes(null)) return null;
  return groups.toSorted((a, b) => b!.length - a!.length)[0] ?? null;
}

/** The fewest ranks that an optimizer steps a parameter together on: wherever else its others are shared, these share them too. */
function smallestGroup({ gradients }: RankStep): readonly number[] | null {
  const groups = gradients.flatMap(({ group }) => (group === null ? [] : [group]));
  return groups.toSorted((a, b) => a.length - b.length)[0] ?? null;
}

/** Whether a reduced gradient is the sum of what the ranks brought, and not their mean. */
function isSummed(leaves: readonly RankLeaf[]): boolean {
  return leaves.every(({ after, epsilon }) => {
    if (after === null || after[2] === 0) return false;
    return offReduced(after, leaves, epsilon, 1) <= 1 && offReduced(after, leaves, epsilon) > 1;
  });
}

/** A parameter on each rank of its group; null where the ranks promise nothing of it, or do not all have it. */
function sameLeaf(passes: ReadonlyMap<number, RankPass>, leaf: RankLeaf): ReadonlyMap<number, RankLeaf> | null {
  if (leaf.promise === null) return null;
  const found = new Map<number, RankLeaf>();
  for (const [rank, { leaves }] of passes) {
    if (leaf.group !== null && !leaf.group.includes(rank)) continue;
    const own = leaves.find((one) => isSame(one, leaf));
    if (!own || own.promise === null) return null;
    found.set(rank, own);
  }
  return found.size > 1 ? found : null;
}

function isSame(a: RankLeaf, b: RankLeaf): boolean {
  return a.name === b.name && a.model === b.model && a.shape.join() === b.shape.join();
}
