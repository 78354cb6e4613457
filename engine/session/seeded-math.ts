/**
 * Seeds `Math.random` of this thread, so that a run can be had again. The generator is SplitMix32: 32 bits of state, all values
 * of 2³² steps before it repeats.
 */
export function seedMathRandom(seed: number): void {
  let state = Math.trunc(seed) | 0;
  Math.random = () => {
    // Two draws make the 53 bits that a double holds.
    return (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
  };

  function next(): number {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
