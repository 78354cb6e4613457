import { fromNumbers } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { moved } from "../difference/directions.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { partsOf } from "../replay/joined-outputs.ts";
import type { ExaminedOp, OperandPart } from "./examined-op.ts";
import { coordinates, flatIndex } from "./suspect.ts";

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
    // The outputs that a pass uses of several are known in their whole size alone.
    ...(replay.isFunction(row) &&
      partsOf(replay.reader, row).length === 0 && {
        part: async (parts: readonly OperandPart[]) => {
          const own = inputs.map((input, i) => narrowed(input, parts[i]!));
          const [result] = await replay.apply(row, [own]);
          return replayedOp(replay, row, own, result!, names);
        },
      }),
    ...(replay.isFunction(row) && {
      mistake: (operand: number, cotangent: Float64Array) =>
        replay.mistake(row, inputs, fromNumbers(cotangent, output.shape, "float64"), operand),
    }),
  };
}

/** A part of a tensor, in memory of its own. */
function narrowed(tensor: Tensor, { ranges, below }: OperandPart): Tensor {
  const elements = readElements(tensor);
  const sizes = ranges.map(([, count]) => count);
  const count = sizes.reduce((product, size) => product * size, 1);
  const values = Float64Array.from({ length: count }, (_, flat) => {
    const value =
      elements[
        flatIndex(
          tensor.shape,
          coordinates(sizes, flat).map((at, axis) => at + ranges[axis]![0]),
        )
      ]!;
    return below !== null && value >= below ? value % below : value;
  });
  return fromNumbers(values, sizes, tensor.dtype);
}
