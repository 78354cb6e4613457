import type { ExaminedOp } from "../causes/examined-op.ts";
import type { ForeignOp } from "./foreign-op.ts";
import { PYTHON_SPELLING } from "./python-spelling.ts";

/** A foreign op, to be examined for what makes its backward wrong. */
export function examined(op: ForeignOp): ExaminedOp {
  return {
    operands: op.operands,
    output: op.output,
    outputShape: op.outputShape,
    parts: op.parts,
    isCoarse: op.isCoarse,
    spelling: PYTHON_SPELLING,
    moved: (operand, moves) =>
      op.moved(
        operand,
        moves.map(({ element, by }) => [element, by]),
      ),
    product: async (operand, cotangent) => {
      const [products] = await op.products([cotangent]);
      return products![op.wanted.indexOf(operand)] ?? null;
    },
  };
}
