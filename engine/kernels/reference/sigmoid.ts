import type { DType } from "../../protocol/dtype.ts";

/** The largest float32 whose e⁻ˣ overflows. */
const FLOAT32_END = -88.72283935546875;

/** In PyTorch this is 1 / (1 + e⁻ˣ): zero, not subnormal, from where e⁻ˣ overflows in the type of the result. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  if (Math.exp(-x) === Infinity) return 0;
  const e = Math.exp(x);
  return e / (1 + e);
}

export function sigmoidOfSingle(x: number): number {
  return x <= FLOAT32_END ? 0 : sigmoid(x);
}

export function sigmoidOf(dtype: DType): (x: number) => number {
  return dtype === "float32" ? sigmoidOfSingle : sigmoid;
}
