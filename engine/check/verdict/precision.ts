import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { View } from "../../core/view.ts";
import { nameOf, opNameOf } from "../../recording/node-names.ts";
import { findStale } from "./stale.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";

/** What float32 computed may be off by, against float64, before it is worth saying. */
const WORTH_SAYING = 1e-3;
/** What is below this share of what float32 computed of it is zero, and that was rounding: 2⁻²⁴. */
const VANISHES = 2 ** -24;

/**
 * What the run itself computed, against the same in float64: rounding is no fault of a rule, but a person should know
 * where it has eaten the result.
 * @param what "value" or "gradient".
 * @returns a sentence, or null when little was lost, or when either is not finite.
 */
export function precisionLost(what: string, recorded: View | null, exact: Tensor): string | null {
  const share = recorded?.dtype === "float32" ? deviation(recorded, exact) : 0;
  if (share <= WORTH_SAYING) return null;
  const percent = (100 * Math.min(share, 9.99)).toPrecision(2);
  return `float32 lost precision here: the ${what} that the run computed is off by ${percent} % of its norm`;
}

/**
 * Why a gradient of the run is not the one that the rules give in float64: a hook changed it, a Function gave something else
 * than it gives now, or float32 lost it.
 * @param downstream the rows that it came through.
 */
export async function gradientChanged(
  replay: DoubleReplay,
  row: number,
  downstream: readonly number[],
  exact: Tensor,
): Promise<string | null> {
  const { reader } = replay;
  const recorded = reader.gradient(row);
  const lost = precisionLost("gradient", recorded, exact);
  if (recorded === null || lost === null) return null;
  for (const at of [row, ...downstream]) {
    const hook = reader.hook(at);
    if (hook === null) continue;
    const where = hook.site ? `, registered in line ${hook.site.line},` : "";
    const whose = at === row ? "this gradient" : `the gradient of ${nameOf(reader, at)}`;
    return `a hook${where} changed ${whose}: what the run computed is not the derivative of the loss`;
  }
  for (const at of downstream) {
    if (!replay.isFunction(at)) continue;
    const isOther = lostIn(replay, at) !== null || (await findStale(replay, at)) !== null;
    if (isOther) return `${opNameOf(reader, at)} gave something else in the run than it gives when it is run again`;
  }
  // As that of a bias before a normalisation: there was nothing to lose.
  return deviation(recorded, exact) * VANISHES > 1 ? null : lost;
}

/** The op whose value is off although those it was computed from are not: where terms cancelled, or a sum grew large. */
export async function precisionLostAt(replay: DoubleReplay, row: number): Promise<string | null> {
  const { reader } = replay;
  try {
    await replay.forward();
  } catch {
    // A Function that could not be run has a check row of its own that says so.
    return null;
  }
  if (reader.inputs(row).some((input) => lostIn(replay, input) !== null)) return null;
  return lostIn(replay, row);
}

/** What is known of the values of each replay, since a value is an operand of several ops. */
const known = new WeakMap<DoubleReplay, Map<number, string | null>>();

function lostIn(replay: DoubleReplay, row: number): string | null {
  const rows = known.get(replay) ?? new Map<number, string | null>();
  known.set(replay, rows);
  let lost = rows.get(row);
  if (lost === undefined) {
    lost = precisionLost("value", replay.reader.value(row), replay.value(row));
    rows.set(row, lost);
  }
  return lost;
}

/** Norm of the difference over that of the exact one; 0 where that is no finite number. */
function deviation(recorded: View, exact: Tensor): number {
  const [got, want] = [readElements(recorded), readElements(exact)];
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < want.length; i++) {
    difference += (got[i]! - want[i]!) ** 2;
    norm += want[i]! ** 2;
  }
  const share = Math.sqrt(difference / norm);
  return Number.isFinite(share) ? share : 0;
}
