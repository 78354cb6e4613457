import { fileURLToPath } from "node:url";
import { YOUNG_GENERATION_MB } from "../../engine/session/user-thread-handle.ts";
import { V8_FLAGS } from "../../engine/session/v8-flags.ts";
import { runPeer } from "./peers.ts";
import { median, type SuiteOptions } from "./row.ts";
import type { Work } from "./work.ts";

/** What a process that measures one work prints. */
export interface Measured {
  readonly milliseconds: number;
}

/** As the thread in which programs run: of what `--max-semi-space-size` takes, a young generation has three. */
const AS_USER_THREAD = [...V8_FLAGS, `--max-semi-space-size=${Math.round(YOUNG_GENERATION_MB / 3)}`];
const script = fileURLToPath(new URL("./work.ts", import.meta.url));

/** Measures a step of ours in a process of its own. @param size of a chain, where the work is one. */
export function measureWork(work: Work, threads: number, { quick }: SuiteOptions, size?: number): Measured | null {
  const args = [...AS_USER_THREAD, script, work, String(threads), quick ? "quick" : "whole"];
  return runPeer(process.execPath, size === undefined ? args : [...args, String(size)]) as Measured | null;
}

/** What both took, and how many times as long ours did as the peer: medians, and the ratio's own. */
export interface Compared<P extends Measured> {
  readonly ours: number;
  readonly peer: P | null;
  readonly ratio: number | null;
}

/**
 * Runs ours and the peer in turn. A shared machine's speed drifts by more than what is looked for, and what runs right
 * after each other drifts alike: so the ratio is the median of the rounds' ratios, and not that of two medians.
 * @throws Error where ours does not run.
 */
export function alternate<P extends Measured>(
  { quick }: SuiteOptions,
  ours: () => Measured | null,
  peer: () => P | null,
): Compared<P> {
  const rounds: { readonly ours: number; readonly peer: P | null }[] = [];
  for (let round = 0; round < (quick ? 3 : 5); round++) {
    const other = round > 0 && rounds[0]!.peer === null ? null : peer();
    const measured = ours();
    if (measured === null) throw new Error("a work of the bench did not run: try test/bench/work.ts by itself");
    rounds.push({ ours: measured.milliseconds, peer: other });
  }
  const peers = rounds.flatMap(({ peer }) => (peer === null ? [] : [peer]));
  const ratios = rounds.flatMap(({ ours, peer }) => (peer === null ? [] : [ours / peer.milliseconds]));
  const first = peers[0];
  return {
    ours: median(rounds.map((round) => round.ours)),
    peer: first === undefined ? null : { ...first, milliseconds: median(peers.map((peer) => peer.milliseconds)) },
    ratio: ratios.length === 0 ? null : median(ratios),
  };
}
