import type { View } from "../../core/view.ts";
import type { SharedMemory } from "../../memory/shared-memory.ts";
import type { Kernels } from "../kernels.ts";
import { countOf, elementsOf, startOf } from "./elements.ts";

const TWO_32 = 2 ** 32;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/**
 * Philox 4x32-10: four random words for each counter and key, with no state in between.
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function philox(counter: number, seed: number, words: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter >>> 0, Math.floor(counter / TWO_32) >>> 0, 0, 0];
  let [k0, k1] = [seed >>> 0, Math.floor(seed / TWO_32) >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** 53 bits of two words as a double in [0, 1). */
function toUniform(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

type RandomKernels = Pick<Kernels, "uniform" | "normal">;

/** Every block of four words gives two elements, in both dtypes; in float32 they are those of float64, cut to 24 bits. */
export function randomKernels(memory: SharedMemory): RandomKernels {
  function pairs(out: View, seed: number, counter: number, pair: (u: number, v: number) => [number, number]): void {
    const to = elementsOf(memory, out.dtype);
    const start = startOf(out);
    const count = countOf(out.shape);
    const words = new Uint32Array(4);
    for (let i = 0; i < count; i += 2) {
      philox(counter + i / 2, seed, words);
      const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;
      const [first, second] = pair(toUniform(w0, w1), toUniform(w2, w3));
      to[start + i] = first;
      if (i + 1 < count) to[start + i + 1] = second;
    }
  }

  return {
    uniform(out, seed, counter) {
      const bits = out.dtype === "float32" ? 2 ** 24 : 2 ** 53;
      // Cut, not rounded: rounding up would give 1.
      pairs(out, seed, counter, (u, v) => [Math.floor(u * bits) / bits, Math.floor(v * bits) / bits]);
    },
    normal(out, seed, counter) {
      // Box and Muller, 1958. 1 - u is in (0, 1], so its logarithm is finite.
      pairs(out, seed, counter, (u, v) => {
        const radius = Math.sqrt(-2 * Math.log(1 - u));
        return [radius * Math.cos(2 * Math.PI * v), radius * Math.sin(2 * Math.PI * v)];
      });
    },
  };
}
