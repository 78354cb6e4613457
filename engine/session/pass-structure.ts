import type { Pass } from "../autograd/pass.ts";
import { TapeColumn, type Tape } from "../autograd/tape.ts";

/** A key that passes of one structure share: the same ops on the same shapes, wired the same way. */
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
    mixShape(tape, row, mix);
    for (const input of tape.inputs(row)) mix(row - input);
  }
  return `${tape.rows}:${hash >>> 0}`;
}

function mixShape(tape: Tape, row: number, mix: (word: number) => void): void {
  const shape = tape.shape(row);
  mix(shape.length);
  for (const size of shape) mix(size);
}
