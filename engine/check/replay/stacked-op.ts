import { withGradMode } from "../../context/grad-mode.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { DoubleReplay } from "./double-replay.ts";
import { glance, samePieces } from "./sampling.ts";
import { entryOf, inSlab, stackOf, wholeOf, type Stack } from "./stack.ts";
import { applyStacked } from "./stack-rules.ts";

/** Where an op is differentiated. */
export interface OpPoint {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** Which smooth piece each element of the result lies on; null for ops without kinks. */
  readonly pieces: Float64Array | null;
}

/**
 * A row's op in several samples at once, in as few applications as its rule allows.
 * @param stacks those operands that differ from the point's.
 * @param samePiece of each sample: turned false where its result leaves the point's smooth pieces.
 * @param together applies an op in all samples at once, where it can.
 */
export async function applyToStacks(
  replay: DoubleReplay,
  row: number,
  { inputs, output, pieces }: OpPoint,
  stacks: readonly (Stack | null)[],
  samePiece: boolean[],
  together: typeof applyStacked = applyStacked,
): Promise<Stack> {
  const op = replay.reader.op(row);
  const attributes = replay.attributes(row);
  const found =
    op && withGradMode(false, () => together({ op, attributes, inputs, output, stacks, samples: samePiece.length }));
  if (found) {
    return withGradMode(false, () => {
      if (pieces && found.pieces) {
        const base = inSlab(pieces, output.shape, found.slab);
        const all = glance(found.pieces.contiguous());
        samePiece.forEach((same, k) => (samePiece[k] = same && samePieces(base, all, k * base.length)));
      }
      return { values: found.values.contiguous(), slab: found.slab };
    });
  }
  const operands = withGradMode(false, () => stacks.map((stack, i) => stack && wholeOf(stack, inputs[i]!)));
  const batch = samePiece.map((_, k) => operands.map((all, i) => (all ? entryOf(all, k) : inputs[i]!)));
  const results = await replay.apply(row, batch);
  if (pieces) {
    samePiece.forEach((same, k) => {
      samePiece[k] = same && samePieces(pieces, glance(replay.piecesAt(row, batch[k]!, results[k]!)!));
    });
  }
  return stackOf(results);
}
