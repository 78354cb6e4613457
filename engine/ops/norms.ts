import type { Tensor } from "../core/tensor.ts";
import { computeBy } from "./compute-by.ts";
import { defineOp, type Op } from "./op.ts";
import { convert } from "./conversion.ts";
import { expandOver, reducedShape, requireFloating, withDims, type OverDims } from "./reductions.ts";

type NormAttributes = OverDims & { readonly p: number };

/** (Σ |x|^p)^(1/p); the largest or smallest magnitude for an infinite p; the number of non-zeros for p = 0. */
function forward(x: Tensor, { p, dims, keepdim }: NormAttributes): Tensor {
  if (dims.length === 0) return p === 0 ? convert(x.ne(0), x.dtype) : x.abs();
  if (p === 0) return convert(x.ne(0), x.dtype).sum(dims, keepdim);
  if (p === 1) return x.abs().sum(dims, keepdim);
  if (p === 2) return x.square().sum(dims, keepdim).sqrt();
  if (p === Infinity)
    return dims.some((dim) => x.shape[dim] === 0) ? x.sum(dims, keepdim) : x.abs().amax(dims, keepdim);
  if (p === -Infinity) return x.abs().amin(dims, keepdim);
  return x
    .abs()
    .pow(p)
    .sum(dims, keepdim)
    .pow(1 / p);
}

/** Its gradient where the norm is 0 is 0; magnitudes that tie for an infinite p share it. */
export const norm: Op<NormAttributes> = defineOp<NormAttributes>({
  id: "norm",
  name: "norm",
  infer: ([x], { dims, keepdim }) => {
    requireFloating("norm", x!);
    return { shape: reducedShape(x!.shape, dims, keepdim), dtype: x!.dtype };
  },
  compute: computeBy(([x], attributes) => forward(x!, attributes)),
  vjp: [
    (g, at) => {
      const { p } = at.attributes;
      const x = at.input(0);
      const shape = at.shape(0);
      const y = withDims(at.output, shape, at.attributes);
      const spread = expandOver(g, shape, at.attributes);
      if (p === 0) return g.newZeros(shape);
      if (p === 1) return spread.mul(x.sign());
      if (p === 2) return spread.mul(x.div(y).maskedFill(y.eq(0), 0));
      if (Math.abs(p) === Infinity) {
        const won = convert(x.abs().eq(y), x.dtype);
        const { dims } = at.attributes;
        return spread.mul(x.sign()).mul(dims.length === 0 ? won : won.div(won.sum(dims, true)));
      }
      const slope = x
        .sign()
        .mul(x.abs().pow(p - 1))
        .maskedFill(x.eq(0), 0);
      return spread.mul(slope).mul(y.pow(1 - p).maskedFill(y.eq(0), 0));
    },
  ],
  saves: [0, "output"],
  formula: {
    forward: "\\left(\\sum_i |x_i|^p\\right)^{1/p}",
    backward: ["\\bar y \\operatorname{sign}(x)\\, |x|^{p-1} y^{1-p}"],
  },
  pieces: ([x], { p, dims }, y) => {
    if (p === 2 || p === 0) return convert(y.ne(0), "int64");
    if (Math.abs(p) !== Infinity) return convert(x!.sign(), "int64");
    const top = p > 0 ? x!.abs().amax(dims, true) : x!.abs().amin(dims, true);
    return convert(x!.sign(), "int64")
      .mul(2)
      .add(convert(x!.abs().eq(top), "int64"));
  },
  kinks: "x = 0; for infinite p also magnitudes that tie",
  flops: ([x]) => 3 * x!.numel(),
});
