import type { BinaryFunction } from "../kernels/kernels.ts";
import { runtime } from "../runtime.ts";
import { broadcastShapes, broadcastStrides, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { View } from "../tensor/view.ts";
import { defineOp, type ComputeOp } from "./op.ts";

/** Shape and dtype of an elementwise op on two tensors of one dtype. */
function inferBinary(name: string): ComputeOp["infer"] {
  return ([a, b]) => ({ shape: broadcastShapes(name, a!.shape, b!.shape), dtype: a!.dtype });
}

function computeBinary(fn: BinaryFunction): ComputeOp["compute"] {
  return ([a, b], _, out) => runtime.kernels.binary(fn, broadcastTo(a!, out), broadcastTo(b!, out), out);
}

/** Reads a tensor as if it had the shape of the result. */
export function broadcastTo(x: Tensor, out: Tensor): View {
  if (sameShape(x.shape, out.shape)) return x;
  const strides = broadcastStrides(x.shape, x.strides, out.shape);
  return { dtype: x.dtype, offset: x.offset, shape: out.shape, strides };
}

export const add = defineOp({
  id: "add",
  name: "add",
  infer: inferBinary("add"),
  compute: computeBinary("add"),
  vjp: [(g) => g, (g) => g],
  saves: [],
  formula: { forward: "a + b", backward: ["\\bar y", "\\bar y"] },
  flops: (_, __, out) => out.numel(),
});

export const mul = defineOp({
  id: "mul",
  name: "mul",
  infer: inferBinary("mul"),
  compute: computeBinary("mul"),
  vjp: [(g, at) => g.mul(at.input(1)), (g, at) => g.mul(at.input(0))],
  saves: [0, 1],
  formula: { forward: "a \\odot b", backward: ["\\bar y \\odot b", "\\bar y \\odot a"] },
  flops: (_, __, out) => out.numel(),
});
