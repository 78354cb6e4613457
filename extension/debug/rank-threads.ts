import type { DebugProtocol } from "@vscode/debugprotocol";
import type { RankState, RankStates } from "../../engine/protocol/ranks.ts";
import type { PassId } from "../../engine/protocol/ids.ts";
import { t } from "../../engine/language/translate.ts";
import { THREAD } from "./thread.ts";

/** Ids of frames of ranks that are not shown begin here; so many are left for each. */
const OTHER_FRAMES = 1_000_000;
const FRAMES_OF_RANK = 1_000;

/** The threads that the protocol hears of: one for each rank, or the one that runs the model file. */
export class RankThreads {
  #states: RankStates | null = null;

  /** How the ranks stand; null of a run that has one alone. */
  get states(): RankStates | null {
    return this.#states;
  }

  /** @returns ranks that have stopped since the last time, besides the one that is shown */
  take(states: RankStates): readonly number[] {
    const before = this.#states?.ranks;
    this.#states = states;
    const stopped = states.ranks.filter(({ rank, kind }) => kind === "stopped" && before?.[rank]?.kind !== "stopped");
    return stopped.map(({ rank }) => rank).filter((rank) => rank !== states.shown);
  }

  /** The thread of the shown rank. */
  get shown(): number {
    return THREAD + (this.#states?.shown ?? 0);
  }

  /** Whether no rank runs on while one is stopped. */
  get allStopped(): boolean {
    return this.#states?.ranks.every(({ kind }) => kind === "stopped" || kind === "ended") ?? true;
  }

  threads(pass: PassId | null): DebugProtocol.Thread[] {
    if (!this.#states) return [{ id: THREAD, name: pass === null ? t("model file") : t`pass ${pass + 1}` }];
    const { ranks, shown } = this.#states;
    return ranks.map((state) => ({
      id: threadOf(state.rank),
      name: t`rank ${state.rank}  ${state.rank === shown && pass !== null ? t`pass ${pass + 1}` : standing(state)}`,
    }));
  }

  /** The rank of a thread that is not shown; null where it is shown. */
  otherRank(thread: number): number | null {
    return this.#states && thread !== this.shown ? thread - THREAD : null;
  }
}

export function threadOf(rank: number): number {
  return THREAD + rank;
}

export function otherFrameId(rank: number, index: number): number {
  return OTHER_FRAMES + rank * FRAMES_OF_RANK + Math.min(index, FRAMES_OF_RANK - 1);
}

/** The rank that a frame's id belongs to, where it is one that is not shown. */
export function rankOfFrame(frame: number): number | null {
  return frame < OTHER_FRAMES ? null : Math.floor((frame - OTHER_FRAMES) / FRAMES_OF_RANK);
}

function standing({ kind, passes, waitsIn, failure }: RankState): string {
  if (kind === "starting") return t("has not started");
  if (failure) return t("failed");
  if (kind === "ended") return t("has ended");
  if (kind === "stopped") return t`pass ${passes}`;
  if (!waitsIn) return t("running");
  return t`waits in ${waitsIn.call}${waitsIn.site ? t`, line ${waitsIn.site.line}` : ""}`;
}
