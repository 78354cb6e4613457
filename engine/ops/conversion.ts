import type { DType } from "../protocol/dtype.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { defineOp } from "./op.ts";

export const to = defineOp<{ readonly dtype: DType }>({
  id: "to",
  name: "to",
  copies: true,
  elementwise: true,
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  compute: ([x], _, out) => runtime.kernels.copy(x!, out),
  // The engine converts every cotangent to the dtype of the input it is for.
  vjp: [(g) => g],
  saves: [],
  formula: { forward: "x", backward: ["\\bar y"] },
});

export function convert(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : apply(to, [x], { dtype });
}
