import fc from "fast-check";
import { allOps } from "../../engine/ops/op.ts";
import { checkOpsBehind, describeCheck } from "./op-checks.ts";
import { lossOf, programs } from "./programs.ts";
import { casesWithGradients, lossOfRedrawn } from "./redrawn.ts";

/** Random programs whose ops are checked beside the fixtures: for shapes that no fixture has. */
const PROGRAMS = 1000;

/**
 * Local checks of the engine's own ops, tens of thousands: those of every parity fixture with other numbers, and those of
 * random programs. Prints each that is called wrong.
 * @returns how many are: false alarms, or wrong rules.
 */
export async function run(seed: number): Promise<number> {
  const counts = { pass: 0, fail: 0, inconclusive: 0 };
  const seen = new Set<string>();
  const check = async (loss: ReturnType<typeof lossOfRedrawn>, of: () => string): Promise<void> => {
    if (!loss?.requiresGrad) return;
    for (const found of await checkOpsBehind(loss)) {
      seen.add(found.op);
      counts[found.row.verdict]++;
      if (found.row.verdict === "fail") console.log(`${describeCheck(found)}\n  in ${of()}`);
    }
  };
  for (const [i, parityCase] of casesWithGradients().entries()) {
    await check(lossOfRedrawn(parityCase, seed + i), () => `${parityCase.id}, seed ${seed + i}`);
  }
  for (const program of fc.sample(programs, { numRuns: PROGRAMS, seed })) {
    await check(lossOf({ ...program, twice: false }), () => JSON.stringify(program));
  }
  const total = counts.pass + counts.fail + counts.inconclusive;
  console.log(
    `ops: ${total} local checks of ${seen.size} of ${allOps().length} op records with seed ${seed}: ` +
      `${counts.pass} pass, ${counts.inconclusive} undecided, ${counts.fail} called wrong`,
  );
  return counts.fail;
}
