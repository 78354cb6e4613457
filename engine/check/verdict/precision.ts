import { readElements, type Tensor } from "../../core/tensor.ts";
import type { View } from "../../core/view.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";

/** What float32 computed may be off by, against float64, before it is worth saying. */
const WORTH_SAYING = 1e-3;

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

/** The op whose value is off although those it was computed from are not: where terms cancelled, or a sum grew large. */
export async function precisionLostAt(replay: DoubleReplay, row: number): Promise<string | null> {
  const { reader } = replay;
  try {
    await replay.forward();
  } catch {
    // A Function that could not be run has a row of its own that says so.
    return null;
  }
  if (reader.inputs(row).some((input) => lostIn(replay, input) !== null)) return null;
  return lostIn(replay, row);
}

/** Of the values of each replay, for a value is an operand of several ops. */
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
