import { readElements } from "../../core/elements.ts";
import type { DoubleReplay } from "./double-replay.ts";
import type { Sample } from "../difference/five-point.ts";
import { SINGLE_EPSILON } from "../verdict/input-check.ts";
import { samplesAgainst } from "./sampling.ts";
import type { Stack } from "./stack.ts";
import { applyToStacks } from "./stacked-op.ts";
import type { applyStacked } from "./stack-rules.ts";

/**
 * The roots for several values of one row at once: what depends on it is computed again for all of them.
 * @param downstream rows that depend on `row`, in forward order.
 * @param together applies an op in all samples at once, where it can.
 */
export async function sampleRoots(
  replay: DoubleReplay,
  row: number,
  downstream: readonly number[],
  stack: Stack,
  {
    together,
    after = (values) => values,
  }: {
    readonly together?: typeof applyStacked;
    /** What is done to each value that has been computed. */
    readonly after?: (stack: Stack, at: number) => Stack;
  } = {},
): Promise<Sample[]> {
  const stacks = new Map<number, Stack>([[row, stack]]);
  const samePiece = Array<boolean>(stack.values.shape[0]!).fill(true);
  const sums = samePiece.map(() => ({ delta: 0, rounding: 0 }));
  const add = (samples: readonly Omit<Sample, "samePiece">[]): void =>
    samples.forEach(({ delta, rounding }, k) => {
      sums[k]!.delta += delta;
      // What follows has passed through a chain of sums, each of which rounds.
      sums[k]!.rounding += 16 * rounding;
    });
  for (const at of downstream) {
    const rows = replay.reader.inputs(at);
    const operands = rows.map((input) => stacks.get(input) ?? null);
    if (operands.every((operand) => operand === null)) continue;
    const declared = replay.declared(at);
    if (declared !== null) {
      // From here on the gradient is what the Function says it is.
      operands.forEach((operand, i) => {
        const part = declared[i];
        if (!operand || !part) return;
        const value = replay.value(rows[i]!);
        add(samplesAgainst({ elements: readElements(value), weights: readElements(part) }, value.shape, operand));
      });
      continue;
    }
    const point = {
      inputs: rows.map((input) => replay.value(input)),
      output: replay.value(at),
      pieces: replay.pieces(at),
    };
    stacks.set(at, after(await applyToStacks(replay, at, point, operands, samePiece, together), at));
  }
  const epsilon = downstream.some((at) => replay.coarse.has(at)) ? SINGLE_EPSILON : Number.EPSILON;
  for (const root of replay.reader.roots) {
    const found = stacks.get(root);
    if (found === undefined) continue;
    const value = replay.value(root);
    const weights = readElements(replay.rootCotangent(root));
    const samples = samplesAgainst({ elements: readElements(value), weights, epsilon }, value.shape, found);
    add(samples);
  }
  return sums.map((sum, k) => ({ ...sum, samePiece: samePiece[k]! }));
}
