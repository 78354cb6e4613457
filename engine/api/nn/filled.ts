import type { DType } from "../../protocol/dtype.ts";
import { runtime } from "../../core/runtime.ts";
import type { Shape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";

/** A tensor with one value everywhere: how a parameter or buffer starts. */
export function filled(shape: Shape, value: number, dtype: DType): Tensor {
  const out = Tensor.empty(shape, dtype);
  runtime.kernels.fill(out, value);
  return out;
}
