import type { DType } from "../protocol/dtype.ts";

/**
 * How a kernel sees a tensor: where its first element is, and how far apart its elements are.
 * `offset` is in bytes from the start of the shared memory, `strides` in elements (0 repeats, negative runs backwards).
 */
export interface View {
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A plain copy of the numbers by which any thread can read a tensor. */
export function viewOf(view: View): View {
  return { dtype: view.dtype, offset: view.offset, shape: [...view.shape], strides: [...view.strides] };
}
