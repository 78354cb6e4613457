import type { RankCall } from "./rank-reports.ts";

/** Calls at the same place in the order of their group that are not the same. */
export interface CallMismatch {
  /** From 0. */
  readonly place: number;
  readonly calls: ReadonlyMap<number, RankCall>;
}

interface Group {
  readonly ranks: readonly number[];
  /** The place of the first call that is held. */
  first: number;
  readonly calls: ReadonlyMap<number, RankCall[]>;
}

/** The collective calls of each group of ranks, in order, as far as some rank has not made them yet. */
export class CallOrder {
  readonly #ranks: readonly number[];
  readonly #groups = new Map<string, Group>();

  constructor(ranks: readonly number[]) {
    this.#ranks = ranks;
  }

  /** A rank makes its next call. @returns what all ranks have called in its place so far, where that is not the same */
  add(rank: number, call: RankCall): CallMismatch | null {
    const ranks = this.#ranksOf(call);
    const key = keyOf(call, ranks);
    let group = this.#groups.get(key);
    if (!group) this.#groups.set(key, (group = { ranks, first: 0, calls: new Map(ranks.map((one) => [one, []])) }));
    const own = group.calls.get(rank);
    if (!own) return null;
    const index = own.push(call) - 1;
    const others = [...group.calls].flatMap(([one, calls]) => (calls[index] ? [[one, calls[index]] as const] : []));
    if (others.some(([, other]) => other.call !== call.call)) {
      return { place: group.first + index, calls: new Map(others) };
    }
    if (others.length === group.ranks.length) {
      for (const calls of group.calls.values()) calls.shift();
      group.first++;
    }
    return null;
  }

  /** The ranks among some that have not made the call which another one waits in: its last. */
  without(rank: number, call: RankCall, among: readonly number[]): readonly number[] {
    const group = this.#groups.get(keyOf(call, this.#ranksOf(call)));
    const made = group?.calls.get(rank)?.length ?? 0;
    return among.filter((one) => (group?.calls.get(one)?.length ?? made) < made);
  }

  /** Those that make a call together and are told of. */
  #ranksOf({ group }: RankCall): readonly number[] {
    return group === null ? this.#ranks : group.filter((rank) => this.#ranks.includes(rank));
  }
}

/** Names a process group: two that have the same ranks have an order of calls each. */
function keyOf({ groupName }: RankCall, ranks: readonly number[]): string {
  return `${groupName ?? ""} ${ranks.join()}`;
}
