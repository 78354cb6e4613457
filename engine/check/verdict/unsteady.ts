import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { DoubleReplay } from "../replay/double-replay.ts";
import { opNameOf } from "../../recording/node-names.ts";

/**
 * Whether a custom Function gives the same for the same twice: one that draws random numbers or reads what changes
 * outside of it cannot be compared with differences of itself.
 * @returns what is unsteady about it, in words; null when nothing is.
 */
export async function findUnsteady(
  replay: DoubleReplay,
  row: number,
  inputs: readonly Tensor[],
  output: Tensor,
  cotangent: Tensor,
  products: readonly (Tensor | null)[],
): Promise<string | null> {
  if (!replay.isFunction(row)) return null;
  // Two at once: what the Function writes to tensors of its own is undone after each request.
  const [, again] = (await replay.apply(row, [inputs, inputs])) as [Tensor, Tensor];
  if (!identical(readElements(output), readElements(again))) {
    return "not deterministic: forward gives another result for the same inputs, so there is nothing to compare with";
  }
  const changed = replay.changing.get(row);
  if (changed) {
    return `forward changes argument ${changed.join(" and ")} in place without markDirty: what backward is given is not what forward was called with`;
  }
  const repeated = await replay.product(row, inputs, output, cotangent, (i) => products[i] !== null);
  const differs = products.some(
    (product, i) => product !== null && repeated[i] && !identical(readElements(product), readElements(repeated[i])),
  );
  return differs ? "not deterministic: backward gives another result for the same gradient" : null;
}

/** Names the Function on the way to the loss that gives another result for the same inputs, if there is one. */
export async function unsteadyAmong(replay: DoubleReplay, rows: readonly number[]): Promise<string | null> {
  for (const row of rows) {
    if (!replay.isFunction(row)) continue;
    const inputs = replay.reader.inputs(row).map((input) => replay.value(input));
    const [once, again] = (await replay.apply(row, [inputs, inputs])) as [Tensor, Tensor];
    if (!identical(readElements(once), readElements(again))) {
      return `it passes through ${opNameOf(replay.reader, row)}, whose forward gives another result for the same inputs`;
    }
  }
  return null;
}

function identical(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]) || value === b[i]);
}
