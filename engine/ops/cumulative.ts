import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { defineOp, type Op } from "./op.ts";

type AlongDim = { readonly dim: number };

/** Sums from the end rather than from the start. */
const reversed = (g: Tensor, dim: number): Tensor => g.flip(dim).cumsum(dim).flip(dim);

export const cumsum: Op<AlongDim> = defineOp<AlongDim>({
  id: "cumsum",
  name: "cumsum",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x], { dim }, out) =>
    x!.rank === 0 ? runtime.kernels.copy(x!, out) : runtime.kernels.cumsum(x!, dim, out),
  vjp: [(g, at) => (g.rank === 0 ? g : reversed(g, at.attributes.dim))],
  saves: [],
  formula: { forward: "\\sum_{j \\le i} x_j", backward: ["\\sum_{j \\ge i} \\bar y_j"] },
  flops: ([x]) => x!.numel(),
});

/** ∂y_j/∂x_k = Π_{i ≤ j, i ≠ k} x_i, multiplied out, for inputs that hold zeros. */
function throughZeros(g: Tensor, x: Tensor, dim: number): Tensor {
  const rows = x.transpose(dim, -1);
  const count = rows.shape[rows.rank - 1]!;
  const square = x.newZeros([count, count]).add(1);
  const without = rows
    .unsqueeze(-2)
    .expand([...rows.shape.slice(0, -1), count, count])
    .maskedFill(square.tril().triu().ne(0), 1);
  const products = apply(cumprod, [without], { dim: rows.rank }).mul(square.triu());
  return products.mul(g.transpose(dim, -1).unsqueeze(-2)).sum(-1).transpose(dim, -1);
}

export const cumprod: Op<AlongDim> = defineOp<AlongDim>({
  id: "cumprod",
  name: "cumprod",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x], { dim }, out) => {
    runtime.kernels.copy(x!, out);
    if (x!.rank === 0) return;
    const entry = (i: number): { dtype: typeof out.dtype; offset: number; shape: number[]; strides: number[] } => ({
      dtype: out.dtype,
      offset: out.offset + i * out.strides[dim]! * out.elementBytes,
      shape: out.shape.map((size, axis) => (axis === dim ? 1 : size)),
      strides: [...out.strides],
    });
    for (let i = 1; i < x!.shape[dim]!; i++) {
      // Kernels write dense results, so each step goes through memory of its own.
      const product = x!.newZeros(entry(i).shape);
      runtime.kernels.binary("mul", entry(i - 1), entry(i), product);
      runtime.kernels.copy(product, entry(i));
    }
  },
  vjp: [
    (g, at) => {
      const x = at.input(0);
      const { dim } = at.attributes;
      if (x.rank === 0) return g;
      if (x.eq(0).any().item() !== 0) return throughZeros(g, x, dim);
      return reversed(g.mul(at.output), dim).div(x);
    },
  ],
  saves: [0, "output"],
  formula: { forward: "\\prod_{j \\le i} x_j", backward: ["\\frac{1}{x_i} \\sum_{j \\ge i} \\bar y_j y_j"] },
  flops: ([x]) => x!.numel(),
});
