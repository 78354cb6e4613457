import type { Pass } from "../autograd/pass.ts";
import { TapeColumn } from "../autograd/tape.ts";
import { NodeKind } from "../protocol/graph.ts";

/**
 * A key that passes of one structure share: the same ops on tensors of the same ranks, wired the same way, behind
 * parameters of the same shapes. Other sizes count only where they are 0 or 1, as those broadcast: the last batch of an
 * epoch and every episode of a game have their own, and the rules do not know them.
 */
export function structureKey(pass: Pass): string {
  const { tape } = pass;
  let hash = 0x811c9dc5;
  const mix = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  };
  mix(tape.rows);
  for (let row = 0; row < tape.rows; row++) {
    mix(tape.get(row, TapeColumn.op));
    mix(tape.rank(row));
    const isParameter = tape.kind(row) === NodeKind.parameter;
    for (const size of tape.shape(row)) mix(isParameter ? size : Math.min(size, 2));
    for (const input of tape.inputs(row)) mix(row - input);
  }
  return `${tape.rows}:${hash >>> 0}`;
}
