import type { DType } from "../protocol/dtype.ts";

let widening = false;

/** Whether new tensors get float64 where float32 is asked for. */
export function isWidening(): boolean {
  return widening;
}

/** For who has to put back what code that was ended could not. */
export function setWidening(flag: boolean): void {
  widening = flag;
}

/**
 * Runs user code as if every float32 were a float64: a check that compares with finite differences would otherwise
 * take the rounding of a `zeros(shape)` or a `.float()` for a wrong gradient.
 */
export function withWidening<T>(body: () => T): T {
  const before = widening;
  widening = true;
  try {
    return body();
  } finally {
    widening = before;
  }
}

export function widened(dtype: DType): DType {
  return widening && dtype === "float32" ? "float64" : dtype;
}
