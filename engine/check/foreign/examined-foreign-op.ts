import type { ExaminedOp, OperandPart } from "../causes/examined-op.ts";
import type { ForeignOp } from "./foreign-op.ts";
import { PYTHON_SPELLING } from "./python-spelling.ts";

/** A foreign op, to be examined for what makes its backward wrong. */
export function examined(op: ForeignOp): ExaminedOp {
  const place = (operand: number): number => op.wanted.indexOf(operand);
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
      return products![place(operand)] ?? null;
    },
    ...(op.part && { part: async (parts: readonly OperandPart[]) => examined(await op.part!(parts)) }),
    ...(op.mistake && {
      mistake: async (operand: number, cotangent: Float64Array) => {
        const cotangents = [cotangent, cotangent.map((value, i) => value * (1.2 + Math.sin(2.3 * i)))];
        const products = await op.products(cotangents);
        const probes = cotangents.map((each, n) => ({ cotangent: each, given: products[n]![place(operand)]! }));
        return op.mistake!(operand, probes);
      },
    }),
  };
}
