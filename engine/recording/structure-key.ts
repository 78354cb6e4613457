import { NodeKind } from "../protocol/graph.ts";
import type { RecordedPass } from "./recorded-pass.ts";

/**
 * A key that passes of one structure share: the same ops on tensors of the same ranks, wired the same way, behind
 * parameters of the same shapes. Other sizes count only where they are 0 or 1, as those broadcast: the last batch of an
 * epoch and every episode of a game have their own, and the rules do not know them.
 */
export function structureKey(pass: RecordedPass): string {
  let hash = 0x811c9dc5;
  const mix = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  };
  mix(pass.rows);
  for (let row = 0; row < pass.rows; row++) {
    mix(pass.opIndex(row));
    mix(pass.rank(row));
    const isParameter = pass.nodeKind(row) === NodeKind.parameter;
    for (const size of pass.shape(row)) mix(isParameter ? size : Math.min(size, 2));
    for (const input of pass.inputs(row)) mix(row - input);
  }
  return `${pass.rows}:${hash >>> 0}`;
}
