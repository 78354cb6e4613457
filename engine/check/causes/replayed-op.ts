import { fromNumbers } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { moved } from "../difference/directions.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { partsOf } from "../replay/joined-outputs.ts";
import type { ExaminedOp } from "./examined-op.ts";

/** A row of a pass that the engine replays, to be examined at some operands. */
export function replayedOp(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  output: Tensor,
  names: readonly string[],
): ExaminedOp {
  const values = inputs.map((input) => readElements(input));
  return {
    operands: inputs.map((input, i) => ({
      name: names[i]!,
      shape: input.shape,
      values: values[i]!,
      isFloating: isFloating(input.dtype),
    })),
    output: readElements(output),
    outputShape: output.shape,
    parts: partsOf(replay.reader, row),
    isCoarse: replay.coarse.has(row),
    moved: (operand, moves) =>
      replay.scoped(async () => {
        const batch = moves.map(({ element, by }) =>
          inputs.map((input, i) => (i === operand ? moved(input, element, values[operand]![element]! + by) : input)),
        );
        return (await replay.apply(row, batch)).map(readElements);
      }),
    product: async (operand, cotangent) => {
      const given = fromNumbers(cotangent, output.shape, "float64");
      const products = await replay.product(row, inputs, output, given, (i) => i === operand);
      return products[operand] ? readElements(products[operand]) : null;
    },
    ...(replay.isFunction(row) && {
      mistake: (operand: number, cotangent: Float64Array) =>
        replay.mistake(row, inputs, fromNumbers(cotangent, output.shape, "float64"), operand),
    }),
  };
}
