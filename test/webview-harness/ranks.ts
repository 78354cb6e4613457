import type { RankState, RankStates } from "../../engine/protocol/ranks.ts";
import type { Site } from "../../engine/protocol/site.ts";

/** Ranks that stand still after their third pass, but the last, which waits in a collective. */
export function inventedRanks(count: number, site: Site): RankStates {
  const ranks = Array.from({ length: count }, (_, rank): RankState => {
    const waits = rank === count - 1;
    return {
      ...{ rank, kind: waits ? "running" : "stopped", passes: 3, failure: null },
      waitsIn: waits ? { call: "all_reduce", site } : null,
    };
  });
  return { shown: 0, ranks };
}
