import { EngineError } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import type { Shape } from "../core/shape.ts";
import { isFloating, type Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { computeBy } from "./compute-by.ts";
import { defineOp, type Op } from "./op.ts";
import { expand, reshape } from "./view-ops.ts";

/** Axes that an op reduces over: sorted, not negative. */
export type OverDims = { readonly dims: readonly number[]; readonly keepdim: boolean };

export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  const out: number[] = [];
  shape.forEach((size, axis) => {
    if (!dims.includes(axis)) out.push(size);
    else if (keepdim) out.push(1);
  });
  return out;
}

/** A reduced tensor with its axes back, as size 1. */
export function withDims(g: Tensor, shape: Shape, { dims, keepdim }: OverDims): Tensor {
  return keepdim ? g : reshape(g, reducedShape(shape, dims, true));
}

/** Repeats a reduced tensor back over the axes it was reduced over. */
export function expandOver(g: Tensor, shape: Shape, over: OverDims): Tensor {
  return apply(expand, [withDims(g, shape, over)], { shape });
}

/** How many elements are reduced into one. */
export function countOver(shape: Shape, dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * shape[dim]!, 1);
}

export function requireFloating(op: string, x: Tensor): void {
  if (isFloating(x.dtype)) return;
  throw new EngineError("dtype", `${op}: only defined for floating-point tensors, this is ${x.dtype}`, {
    fix: "convert it with .float()",
  });
}

/** Integers and booleans sum to int64. */
export const sum: Op<OverDims> = defineOp<OverDims>({
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

export const mean: Op<OverDims> = defineOp<OverDims>({
  id: "mean",
  name: "mean",
  infer: ([x], { dims, keepdim }) => {
    requireFloating("mean", x!);
    return { shape: reducedShape(x!.shape, dims, keepdim), dtype: x!.dtype };
  },
  compute: ([x], { dims }, out) => {
    runtime.kernels.reduce("sum", x!, dims, out);
    runtime.kernels.binaryScalar("div", out, countOver(x!.shape, dims), out);
  },
  vjp: [(g, at) => expandOver(g, at.shape(0), at.attributes).div(countOver(at.shape(0), at.attributes.dims))],
  saves: [],
  formula: { forward: "\\frac1n \\sum_i x_i", backward: ["\\bar y / n"] },
  flops: ([x]) => x!.numel(),
});

type Moments = OverDims & { readonly correction: number };

const variance = ([x]: readonly Tensor[], { dims, keepdim, correction }: Moments): Tensor => {
  const centred = x!.sub(apply(mean, [x!], { dims, keepdim: true }));
  const degrees = Math.max(0, countOver(x!.shape, dims) - correction);
  return apply(sum, [centred.square()], { dims, keepdim }).div(degrees);
};

/** 2 (x − mean) / (n − correction), the derivative of the variance. */
function varianceSlope(x: Tensor, { dims, correction }: Moments): Tensor {
  const degrees = Math.max(0, countOver(x.shape, dims) - correction);
  return x.sub(apply(mean, [x], { dims, keepdim: true })).mul(2 / degrees);
}

/** `correction` 1 divides by n − 1. */
export const variances: Op<Moments> = defineOp<Moments>({
  id: "var",
  name: "var",
  infer: ([x], { dims, keepdim }) => {
    requireFloating("var", x!);
    return { shape: reducedShape(x!.shape, dims, keepdim), dtype: x!.dtype };
  },
  compute: computeBy(variance),
  vjp: [(g, at) => expandOver(g, at.shape(0), at.attributes).mul(varianceSlope(at.input(0), at.attributes))],
  saves: [0],
  formula: {
    forward: "\\tfrac{1}{n-1} \\sum_i (x_i - \\bar x)^2",
    backward: ["\\tfrac{2}{n-1}\\, \\bar y\\, (x - \\bar x)"],
  },
  flops: ([x]) => 4 * x!.numel(),
});

/** Its gradient where the deviation is 0 is 0. */
export const deviations: Op<Moments> = defineOp<Moments>({
  id: "std",
  name: "std",
  infer: ([x], { dims, keepdim }) => {
    requireFloating("std", x!);
    return { shape: reducedShape(x!.shape, dims, keepdim), dtype: x!.dtype };
  },
  compute: computeBy((inputs, attributes) => variance(inputs, attributes).sqrt()),
  vjp: [
    (g, at) => {
      const scaled = g.div(at.output.mul(2)).maskedFill(at.output.eq(0), 0);
      return expandOver(scaled, at.shape(0), at.attributes).mul(varianceSlope(at.input(0), at.attributes));
    },
  ],
  saves: [0, "output"],
  formula: {
    forward: "\\sqrt{\\tfrac{1}{n-1} \\sum_i (x_i - \\bar x)^2}",
    backward: ["\\frac{\\bar y\\, (x - \\bar x)}{(n-1)\\, y}"],
  },
  kinks: "all x equal",
  flops: ([x]) => 4 * x!.numel(),
});

/** The product of all other elements of the group that each element is in, by multiplying them out. */
function productOfOthers(x: Tensor, dims: readonly number[]): Tensor {
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !dims.includes(axis));
  const order = [...rest, ...dims];
  const rows = x.permute(order).reshape([...rest.map((axis) => x.shape[axis]!), countOver(x.shape, dims)]);
  const count = rows.shape[rows.rank - 1]!;
  const others = rows
    .unsqueeze(-2)
    .expand([...rows.shape.slice(0, -1), count, count])
    .maskedFill(diagonalMask(rows, count), 1);
  const products = apply(prod, [others], { dims: [rows.rank], keepdim: false });
  const back = new Array<number>(order.length);
  order.forEach((axis, i) => (back[axis] = i));
  return products.reshape(order.map((axis) => x.shape[axis]!)).permute(back);
}

function diagonalMask(like: Tensor, count: number): Tensor {
  return like.newZeros([count, count]).add(1).tril().triu().ne(0);
}

export const prod: Op<OverDims> = defineOp<OverDims>({
  id: "prod",
  name: "prod",
  infer: ([x], { dims, keepdim }) => ({
    shape: reducedShape(x!.shape, dims, keepdim),
    dtype: x!.dtype === "bool" ? "int64" : x!.dtype,
  }),
  compute: ([x], { dims }, out) => runtime.kernels.reduce("prod", x!, dims, out),
  vjp: [
    (g, at) => {
      const x = at.input(0);
      const { dims } = at.attributes;
      const spread = expandOver(g, at.shape(0), at.attributes);
      // With a zero among them, y / x is 0 / 0 where only the others count.
      if (x.eq(0).any().item() !== 0) return spread.mul(productOfOthers(x, dims));
      return spread.mul(expandOver(at.output, at.shape(0), at.attributes)).div(x);
    },
  ],
  saves: [0, "output"],
  formula: { forward: "\\prod_i x_i", backward: ["\\bar y \\prod_{j \\ne i} x_j"] },
  flops: ([x]) => x!.numel(),
});

/** log Σ e^x, with the maximum taken out first. */
export const logsumexp: Op<OverDims> = defineOp<OverDims>({
  id: "logsumexp",
  name: "logsumexp",
  infer: ([x], { dims, keepdim }) => {
    requireFloating("logsumexp", x!);
    return { shape: reducedShape(x!.shape, dims, keepdim), dtype: x!.dtype };
  },
  compute: computeBy(([x], { dims, keepdim }) => {
    if (countOver(x!.shape, dims) === 0) return apply(sum, [x!], { dims, keepdim }).sub(Infinity);
    const top = x!.amax(dims, true);
    // An infinite maximum is its own answer; taking it out would give NaN.
    const shift = top.maskedFill(top.isinf(), 0);
    const total = apply(sum, [x!.sub(shift).exp()], { dims, keepdim: true })
      .log()
      .add(shift);
    return keepdim ? total : reshape(total, reducedShape(x!.shape, dims, false));
  }),
  vjp: [
    (g, at) => {
      const y = withDims(at.output, at.shape(0), at.attributes);
      const finite = y.maskedFill(y.isinf(), 0);
      return expandOver(g, at.shape(0), at.attributes).mul(at.input(0).sub(finite).exp());
    },
  ],
  saves: [0, "output"],
  formula: { forward: "\\log \\sum_i e^{x_i}", backward: ["\\bar y\\, e^{x - y}"] },
  flops: ([x]) => 4 * x!.numel(),
});

/** Whether any, or all, elements differ from 0. */
function defineQuantifier(name: "any" | "all", symbol: string): Op<OverDims> {
  return defineOp<OverDims>({
    id: name,
    name,
    infer: ([x], { dims, keepdim }) => ({ shape: reducedShape(x!.shape, dims, keepdim), dtype: "bool" }),
    compute: ([x], { dims }, out) => runtime.kernels.reduce(name, x!, dims, out),
    vjp: [],
    saves: [],
    formula: { forward: `${symbol}_i\\; x_i \\ne 0`, backward: [] },
  });
}

export const any = defineQuantifier("any", "\\exists");
export const all = defineQuantifier("all", "\\forall");
