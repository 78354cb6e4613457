import { runtime } from "../runtime.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";
import { defineOp } from "./op.ts";
import { expand, reshape } from "./view-ops.ts";

type OverDims = { readonly dims: readonly number[]; readonly keepdim: boolean };

export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  const out: number[] = [];
  shape.forEach((size, axis) => {
    if (!dims.includes(axis)) out.push(size);
    else if (keepdim) out.push(1);
  });
  return out;
}

/** Repeats a reduced tensor back over the axes it was reduced over. */
export function expandOver(g: Tensor, shape: Shape, { dims, keepdim }: OverDims): Tensor {
  const kept = keepdim ? g : reshape(g, reducedShape(shape, dims, true));
  return apply(expand, [kept], { shape });
}

/** `dims` are sorted and not negative. Integers and booleans sum to int64. */
export const sum = defineOp<OverDims>({
  id: "sum",
  name: "sum",
  infer: ([x], { dims, keepdim }) => ({
    shape: reducedShape(x!.shape, dims, keepdim),
    dtype: x!.dtype === "bool" ? "int64" : x!.dtype,
  }),
  compute: ([x], { dims }, out) => runtime.kernels.reduce("sum", x!, dims, out),
  vjp: [(g, at) => expandOver(g, at.shape(0), at.attributes)],
  saves: [],
  formula: { forward: "\\sum_i x_i", backward: ["\\bar y \\mathbf{1}"] },
  flops: ([x]) => x!.numel(),
});

/** Sums a cotangent over the axes along which its input was broadcast. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  const lead = g.shape.length - shape.length;
  const dims: number[] = [];
  g.shape.forEach((size, axis) => {
    if (axis < lead || (shape[axis - lead] === 1 && size !== 1)) dims.push(axis);
  });
  const summed = dims.length === 0 ? g : apply(sum, [g], { dims, keepdim: true });
  return lead === 0 ? summed : reshape(summed, shape);
}
