import fc from "fast-check";
import { allOps } from "../../engine/ops/op.ts";
import { checkOpsBehind, checkOpsOf, describeCheck, isCalledWrong, type OpCheck } from "./op-checks.ts";
import { programs } from "./programs.ts";
import { casesWithGradients, lossOfRedrawn } from "./redrawn.ts";

/** Random programs whose ops are checked beside the fixtures: for shapes that no fixture has. */
const PROGRAMS = 1000;

/**
 * Local checks of the engine's own ops, tens of thousands: those of every parity fixture with other numbers, and those of
 * random programs. Prints each that is called wrong.
 * @returns how many are: false alarms, or wrong rules.
 */
export async function run(seed: number): Promise<number> {
  const counts = { pass: 0, wrong: 0, "not finite": 0, inconclusive: 0 };
  const seen = new Set<string>();
  const count = (checks: readonly OpCheck[], of: () => string): void => {
    for (const found of checks) {
      seen.add(found.op);
      const { verdict } = found.row;
      const isWrong = isCalledWrong(found);
      counts[verdict === "fail" ? (isWrong ? "wrong" : "not finite") : verdict]++;
      if (isWrong) console.log(`${describeCheck(found)}\n  in ${of()}`);
    }
  };
  for (const [i, parityCase] of casesWithGradients().entries()) {
    const loss = lossOfRedrawn(parityCase, seed + i);
    if (loss) count(await checkOpsBehind(loss), () => `${parityCase.id}, seed ${seed + i}`);
  }
  for (const program of fc.sample(programs, { numRuns: PROGRAMS, seed })) {
    count(await checkOpsOf(program), () => JSON.stringify(program));
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  console.log(
    `ops: ${total} local checks of ${seen.size} of ${allOps().length} op records with seed ${seed}: ` +
      `${counts.pass} pass, ${counts.inconclusive} undecided, ${counts["not finite"]} with a gradient that is not finite, ${counts.wrong} called wrong`,
  );
  return counts.wrong;
}
