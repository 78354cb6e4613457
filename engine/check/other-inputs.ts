import type { CheckRow } from "../protocol/check.ts";
import { fromNumbers } from "../core/creation.ts";
import { readElements } from "../core/elements.ts";
import { isFloating, type Tensor } from "../core/tensor.ts";
import type { DoubleReplay } from "./replay/double-replay.ts";
import { probeCotangents } from "./replay/elements.ts";
import { checkOp, checkOpAt } from "./local-check.ts";

/** Inputs made of the recorded ones, so that they stay in the range that the op is used in, or leave it by a little. */
const DRAWS: readonly { readonly words: string; readonly of: (values: Float64Array, seed: number) => Float64Array }[] =
  [
    { words: "between half and one and a half times the recorded ones", of: scaled },
    { words: "the recorded ones in another order", of: (values) => values.toReversed() },
    { words: "the recorded ones, some with the other sign", of: resigned },
    { words: "a hundred times the recorded ones", of: (values) => values.map((value) => 100 * value) },
    { words: "a hundredth of the recorded ones", of: (values) => values.map((value) => value / 100) },
  ];

function scaled(values: Float64Array, seed: number): Float64Array {
  const factors = probeCotangents(values.length, seed);
  return values.map((value, i) => value * (0.25 + Math.abs(factors[i]!)));
}

function resigned(values: Float64Array, seed: number): Float64Array {
  const signs = probeCotangents(values.length, seed);
  return values.map((value, i) => (signs[i]! < 0 ? -value : value));
}

/**
 * Checks an op by itself on the recorded inputs, and where it is not wrong there, on others of the same shapes: a rule
 * may be right by the luck of its inputs, that are all positive say.
 */
export async function checkOnOtherInputs(replay: DoubleReplay, row: number): Promise<CheckRow> {
  const own = await checkOp(replay, row);
  if (own.verdict === "fail") return own;
  const recorded = replay.reader.inputs(row).map((input) => replay.recorded(input));
  for (const [draw, { words, of }] of DRAWS.entries()) {
    const inputs = recorded.map((input, i): Tensor => {
      if (!isFloating(input.dtype)) return input;
      return fromNumbers(of(readElements(input), row + 31 * draw + i), input.shape, "float64");
    });
    // Some inputs an op may refuse. That says nothing of its gradient.
    const found = await checkOpAt(replay, row, inputs).catch(() => null);
    if (found?.verdict === "fail") return { ...found, reason: `on inputs that were not recorded: ${words}` };
  }
  return own;
}
