import type { Pass } from "../autograd/pass.ts";
import { TapeColumn } from "../autograd/tape.ts";

/**
 * A key that passes of one structure share: the same ops on tensors of the same ranks, wired the same way. Not the same
 * sizes: the last batch of an epoch and every episode of a game have their own, and the rules do not know them.
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
    for (const input of tape.inputs(row)) mix(row - input);
  }
  return `${tape.rows}:${hash >>> 0}`;
}
