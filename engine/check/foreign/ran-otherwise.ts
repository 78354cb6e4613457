import type { Cause } from "../../protocol/check.ts";
import type { ForeignOp } from "./foreign-op.ts";

/** What a run may be off by as a share of the norm, beyond what its dtype's rounding explains. */
const ALLOWED: Readonly<Record<string, number>> = { float64: 1e-9, float32: 2e-3, float16: 0.05, bfloat16: 0.2 };

/** An operand that was passed back something else in the run than its rule gives. */
export interface RanOtherwise {
  readonly input: number;
  readonly element: number;
  readonly returned: number;
  readonly expected: number;
  readonly cause: Cause;
}

/**
 * A rule that is right, and was not what was computed in the run. It is held against itself run again in the dtypes of the run:
 * what is off by the same amount then has lost precision, which is no fault of the rule.
 */
export async function ranOtherwise(op: ForeignOp): Promise<RanOtherwise | null> {
  for (const { input, ran, inDouble, inOwn, dtype } of await op.ranAgain()) {
    const allowed = ALLOWED[dtype] ?? ALLOWED["float32"]!;
    const norm = normOf(inDouble, null);
    if (!(normOf(ran, inDouble) > allowed * norm) || !(normOf(ran, inOwn) > allowed * norm)) continue;
    // What is not the same twice draws random numbers that nobody can restore.
    if (normOf(inOwn, inDouble) > allowed * norm) continue;
    let element = 0;
    let gap = -1;
    ran.forEach((value, i) => {
      const difference = Math.abs(value - inDouble[i]!);
      if (difference > gap) [element, gap] = [i, difference];
    });
    const text = op.isFunction
      ? "a value that backward uses had changed since forward kept it: run again on the recorded inputs, the same backward gives another result"
      : "computed wrongly: in the run the op passed back another result than it does when it is run again on the recorded inputs";
    const cause: Cause = { kind: op.isFunction ? "stale" : "unknown", text };
    return { input, element, returned: ran[element]!, expected: inDouble[element]!, cause };
  }
  return null;
}

/** The norm of an array, or of its difference from a second one; 0 where it is no finite number. */
function normOf(values: Float64Array, from: Float64Array | null): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from?.[i] ?? 0)) ** 2;
  const norm = Math.sqrt(sum);
  return Number.isFinite(norm) ? norm : 0;
}
