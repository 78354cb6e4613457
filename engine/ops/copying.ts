import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { defineOp } from "./op.ts";

export const clone = defineOp({
  id: "clone",
  name: "clone",
  copies: true,
  elementwise: true,
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x], _, out) => runtime.kernels.copy(x!, out),
  vjp: [(g) => g],
  saves: [],
  formula: { forward: "x", backward: ["\\bar y"] },
});

/** The tensor itself when it is dense and row-major, else a dense copy. */
export function contiguous(x: Tensor): Tensor {
  return x.isContiguous() ? x : apply(clone, [x]);
}
