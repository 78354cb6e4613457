import { withGradMode } from "../autograd/grad-mode.ts";
import { readElements, type Tensor } from "../tensor/tensor.ts";
import type { DoubleReplay } from "./double-replay.ts";
import type { Sample } from "./five-point.ts";
import { SINGLE_EPSILON } from "./local-check.ts";
import { sampleAgainst, samePieces } from "./sampling.ts";
import { entryOf, inSlab, stackOf, wholeOf, type Stack } from "./stack.ts";
import { applyStacked } from "./stack-rules.ts";

/**
 * The roots for several values of one row at once: what depends on it is computed again for all of them, in as few
 * applications of each op as its rule allows.
 * @param downstream rows that depend on `row`, in forward order.
 * @param together applies an op in all samples at once, where it can.
 */
export async function sampleRoots(
  replay: DoubleReplay,
  row: number,
  downstream: readonly number[],
  stack: Stack,
  together: typeof applyStacked = applyStacked,
): Promise<Sample[]> {
  const samples = stack.values.shape[0]!;
  const stacks = new Map<number, Stack>([[row, stack]]);
  const samePiece = Array<boolean>(samples).fill(true);
  for (const at of downstream) {
    stacks.set(
      at,
      stackedRow(replay, at, stacks, samePiece, together) ?? (await oneByOne(replay, at, stacks, samePiece)),
    );
  }
  const roots = replay.reader.record.roots.filter((root) => stacks.has(root));
  const sums = samePiece.map((same) => ({ delta: 0, rounding: 0, samePiece: same }));
  const epsilon = downstream.some((at) => replay.coarse.has(at)) ? SINGLE_EPSILON : Number.EPSILON;
  for (const root of roots) {
    const value = replay.value(root);
    const weights = readElements(replay.rootCotangent(root));
    const base = { elements: readElements(value), weights, pieces: null, epsilon };
    const results = wholeOf(stacks.get(root)!, value);
    sums.forEach((sum, k) => {
      const { delta, rounding } = sampleAgainst(base, entryOf(results, k), null);
      sum.delta += delta;
      // The loss has passed through a chain of sums, each of which rounds.
      sum.rounding += 16 * rounding;
    });
  }
  return sums;
}

/** An op in all samples at once, where it has a rule for that. */
function stackedRow(
  replay: DoubleReplay,
  row: number,
  stacks: ReadonlyMap<number, Stack>,
  samePiece: boolean[],
  together: typeof applyStacked,
): Stack | null {
  const op = replay.reader.op(row);
  if (op === undefined) return null;
  const rows = replay.reader.tape.inputs(row);
  return withGradMode(false, () => {
    const found = together({
      op,
      attributes: replay.attributes(row),
      inputs: rows.map((input) => replay.value(input)),
      output: replay.value(row),
      stacks: rows.map((input) => stacks.get(input) ?? null),
      samples: samePiece.length,
    });
    if (found?.pieces) {
      const base = inSlab(replay.pieces(row)!, replay.value(row).shape, found.slab);
      const pieces = found.pieces.contiguous();
      samePiece.forEach((same, k) => (samePiece[k] = same && samePieces(base, entryOf(pieces, k))));
    }
    return found && { values: found.values.contiguous(), slab: found.slab };
  });
}

/** An op in each sample by itself. */
async function oneByOne(
  replay: DoubleReplay,
  row: number,
  stacks: ReadonlyMap<number, Stack>,
  samePiece: boolean[],
): Promise<Stack> {
  const { reader } = replay;
  const operands = withGradMode(false, () =>
    reader.tape.inputs(row).map((input) => {
      const stack = stacks.get(input);
      const whole = stack && wholeOf(stack, replay.value(input));
      return (k: number): Tensor => (whole ? entryOf(whole, k) : replay.value(input));
    }),
  );
  const batch = samePiece.map((_, k) => operands.map((operand) => operand(k)));
  const results = await replay.apply(row, batch);
  results.forEach((result, k) => (samePiece[k] &&= staysOnPiece(replay, row, batch[k]!, result)));
  return stackOf(results);
}

/** Whether an op with kinks is still on the pieces that it is on in the replay. */
function staysOnPiece(replay: DoubleReplay, row: number, inputs: readonly Tensor[], output: Tensor): boolean {
  const pieces = replay.reader.op(row)?.pieces;
  const base = replay.pieces(row);
  if (pieces === undefined || base === null) return true;
  return withGradMode(false, () => samePieces(base, pieces(inputs, replay.reader.attributes(row), output)));
}
