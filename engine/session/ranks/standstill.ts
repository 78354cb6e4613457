import type { Failure } from "../../protocol/failure.ts";
import type { RankState } from "../../protocol/ranks.ts";
import { rankNames } from "../../recording/ranks/rank-findings.ts";

/** Nothing has been heard of any rank for so long. */
const QUIET_MILLISECONDS = 10_000;

/** Python and torch may take so long to be loaded. */
const START_MILLISECONDS = 60_000;

/** Says who waits where and for whom when ranks make no progress, once for each standstill. */
export class Standstill {
  readonly #states: () => readonly RankState[];
  readonly #say: (failure: Failure) => void;
  #timer: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(states: () => readonly RankState[], say: (failure: Failure) => void) {
    this.#states = states;
    this.#say = say;
  }

  /** Some rank has told of something. */
  moved(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#isOver) return;
    const haveStarted = this.#states().some(({ kind }) => kind !== "starting");
    const quiet = haveStarted ? QUIET_MILLISECONDS : START_MILLISECONDS;
    this.#timer = setTimeout(() => {
      const failure = standstillOf(this.#states(), quiet / 1000);
      if (failure) this.#say(failure);
    }, quiet);
    this.#timer.unref();
  }

  dispose(): void {
    this.#isOver = true;
    if (this.#timer) clearTimeout(this.#timer);
  }
}

/** Who waits where; null where nobody does, or where a rank is stopped and holds up the others for that. */
export function standstillOf(ranks: readonly RankState[], seconds: number): Failure | null {
  if (ranks.some(({ kind }) => kind === "stopped")) return null;
  const waiting = ranks.filter(({ waitsIn }) => waitsIn !== null);
  const silent = ranks.filter(({ kind }) => kind === "starting").map(({ rank }) => rank);
  const [first] = waiting;
  const places = waiting.map(({ rank, waitsIn }) => `rank ${rank} in ${waitsIn!.call}`).join(", ");
  const rest = ranks.filter(({ kind, waitsIn }) => kind === "running" && waitsIn === null).map(({ rank }) => rank);
  const parts = [
    ...(waiting.length > 0 ? [`${places} ${waiting.length === 1 ? "waits" : "wait"} for other ranks`] : []),
    ...(rest.length > 0 && waiting.length > 0
      ? [`${rankNames(rest)} ${rest.length === 1 ? "runs" : "run"} code of its own`]
      : []),
    ...(silent.length > 0 ? [`${rankNames(silent)} ${silent.length === 1 ? "has" : "have"} not started`] : []),
  ];
  if (parts.length === 0) return null;
  return {
    kind: "value",
    message: `nothing has moved for ${seconds} s: ${parts.join("; ")}`,
    site: first?.waitsIn?.site ?? null,
    related: waiting
      .slice(1)
      .flatMap(({ rank, waitsIn }) =>
        waitsIn!.site ? [{ message: `rank ${rank} waits in ${waitsIn!.call}`, site: waitsIn!.site }] : [],
      ),
    fix: "stop ends all ranks",
  };
}
