import { EngineError, formatShape } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { GEMM_DEPTH } from "../kernels/kernels.ts";
import { dense, requireOneFloat, shaped } from "./dense.ts";
import { defineOp } from "./op.ts";

/** All axes but the last as one. */
function rows(x: Tensor): Tensor {
  return x.rank === 2 ? x : x.reshape(x.numel() / Math.max(1, x.shape[x.rank - 1]!), x.shape[x.rank - 1]!);
}

/** x [..., in] · weightᵀ [out, in] (+ bias [out]) → [..., out]. PyTorch: `torch.nn.functional.linear`. */
export const linear = defineOp({
  id: "linear",
  name: "linear",
  infer: (inputs) => {
    const [x, weight, bias] = inputs;
    requireOneFloat("linear", inputs);
    if (weight!.rank !== 2) {
      throw new EngineError("shape", `linear: weight must be [out, in], found ${formatShape(weight!.shape)}`);
    }
    const [outFeatures, inFeatures] = weight!.shape as [number, number];
    const last = x!.shape[x!.rank - 1];
    if (last !== inFeatures) {
      throw new EngineError(
        "shape",
        `linear: x ${formatShape(x!.shape)} has ${last ?? "no"} features on its last axis, weight ${formatShape(weight!.shape)} takes ${inFeatures}`,
        { fix: last === outFeatures ? "did you mean weight.t()?" : `make the layer's inFeatures ${last ?? 1}` },
      );
    }
    if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== outFeatures)) {
      throw new EngineError(
        "shape",
        `linear: bias ${formatShape(bias.shape)} does not fit weight ${formatShape(weight!.shape)}, expected [${outFeatures}]`,
      );
    }
    return { shape: [...x!.shape.slice(0, -1), outFeatures], dtype: x!.dtype };
  },
  compute: ([x, weight, bias], _, out) => {
    const [outFeatures, inFeatures] = weight!.shape as [number, number];
    const count = elementCount(x!.shape.slice(0, -1));
    const flat = x!.rank === 2 ? x! : shaped(dense(x!), [count, inFeatures]);
    const [outStride, inStride] = weight!.strides as [number, number];
    const transposed = {
      dtype: weight!.dtype,
      offset: weight!.offset,
      shape: [inFeatures, outFeatures],
      strides: [inStride, outStride],
    };
    runtime.kernels.gemm(flat, transposed, shaped(out, [count, outFeatures]), bias ? { bias: dense(bias) } : {});
  },
  vjp: (g, at, index) => {
    // One product of all rows, not one for each entry of the leading axes.
    if (index === 0) return g.rank > 2 ? rows(g).matmul(at.input(1)).reshape(at.shape(0)) : g.matmul(at.input(1));
    if (index === 1)
      return rows(g)
        .t()
        .matmul(rows(at.input(0)));
    return g.rank === 1 ? g : rows(g).sum(0);
  },
  addCotangent: (g, at, index, sum) => {
    if (index === 2 || g.dtype !== sum.dtype) return false;
    const [cotangents, operand] = index === 0 ? [rows(g), at.input(1)] : [rows(g).t(), rows(at.input(0))];
    if (cotangents.shape[1]! > GEMM_DEPTH) return false;
    const out = shaped(sum, [cotangents.shape[0]!, operand.shape[1]!]);
    runtime.kernels.gemm(cotangents, operand, out, { accumulate: true });
    return true;
  },
  saves: [0, 1],
  affine: true,
  formula: {
    forward: "x W^\\top + b",
    backward: ["\\bar y W", "\\bar y^\\top x", "\\sum_n \\bar y_n"],
  },
  flops: ([x, weight, bias], _, out) => 2 * x!.numel() * weight!.shape[0]! + (bias ? out.numel() : 0),
});
