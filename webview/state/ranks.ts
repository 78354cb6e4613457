import { signal } from "@preact/signals";
import type { PassId } from "../../engine/protocol/ids.ts";
import type { RankStates, RankStrip } from "../../engine/protocol/ranks.ts";
import { ask, inspect } from "./partners.ts";
import * as resources from "./resources.ts";

/** How the ranks of the run stand; null of a run of one. */
export const rankStates = signal<RankStates | null>(null);
/** All ranks at the nodes of the shown pass; null until it is known. */
export const rankStrip = signal<RankStrip | null>(null);

export function forgetRanks(): void {
  rankStates.value = null;
  rankStrip.value = null;
}

export async function readRanks(): Promise<void> {
  rankStates.value = await ask(inspect().ranks());
}

/** Asks all ranks that stand still for their numbers of a pass. */
export async function readStrip(pass: PassId): Promise<void> {
  if (!rankStates.value) return;
  const strip = await ask(inspect().rankStrip(pass));
  if (strip && resources.graph.value?.pass === pass && strip.shown === rankStates.value.shown) rankStrip.value = strip;
}

/** Shows another rank: the engine tells of its stop, as of any. */
export async function showRank(rank: number): Promise<void> {
  if (rankStates.value?.shown !== rank) await ask(inspect().selectRank(rank));
}
