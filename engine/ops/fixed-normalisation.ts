import type { Tensor } from "../core/tensor.ts";
import { computeBy } from "./compute-by.ts";
import { requireOneFloat } from "./dense.ts";
import { defineOp } from "./op.ts";

/** Over all axes but the channels. */
function otherAxes(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
}

/** One number for each channel, so that it broadcasts to x. */
function byChannel(vector: Tensor, rank: number): Tensor {
  return vector.reshape([-1, ...new Array<number>(rank - 2).fill(1)]);
}

/**
 * Batch normalisation by statistics that are given, as in evaluation, as the one op that other frameworks have for it.
 * Model files of the engine's own have it as the ops that it is made of. Inputs: x, weight, bias, mean, variance; or x,
 * mean, variance.
 */
export const fixedNormalisation = defineOp<{ readonly eps: number }>({
  id: "fixedNormalisation",
  name: "batchNorm",
  infer: (inputs) => {
    requireOneFloat("batchNorm", inputs);
    return { shape: inputs[0]!.shape, dtype: inputs[0]!.dtype };
  },
  compute: computeBy((inputs, { eps }) => {
    const [x, ...vectors] = inputs as [Tensor, ...Tensor[]];
    const parts = vectors.map((vector) => byChannel(vector, x.rank));
    const [mean, variance] = parts.slice(-2) as [Tensor, Tensor];
    const normal = x.sub(mean).div(variance.add(eps).sqrt());
    return parts.length === 4 ? normal.mul(parts[0]!).add(parts[1]!) : normal;
  }),
  vjp: (g, at, index) => {
    const rank = at.outputShape.length;
    const vector = (input: number): Tensor => byChannel(at.input(input), rank);
    const total = (terms: Tensor): Tensor => terms.sum(otherAxes(rank));
    const last = at.inputCount - 1;
    const spread = vector(last).add(at.attributes.eps);
    const rstd = spread.rsqrt();
    const toNormal = last === 4 ? g.mul(vector(1)) : g;
    if (index === 0) return toNormal.mul(rstd);
    const centred = at.input(0).sub(vector(last - 1));
    if (index === last) return total(toNormal.mul(centred).mul(rstd.div(spread).mul(-0.5)));
    if (index === last - 1) return total(toNormal.mul(rstd).neg());
    return total(index === 1 ? g.mul(centred.mul(rstd)) : g);
  },
  saves: [0, 1, 2, 3, 4],
  formula: {
    forward: "w \\frac{x - \\mu}{\\sqrt{\\sigma^2 + \\varepsilon}} + b",
    backward: [
      "\\bar y\\, \\tfrac{w}{\\sigma}",
      "\\sum \\bar y\\, \\hat x",
      "\\sum \\bar y",
      "-\\sum \\bar y\\, \\tfrac{w}{\\sigma}",
      "-\\sum \\bar y\\, \\tfrac{w (x - \\mu)}{2 \\sigma^3}",
    ],
  },
  flops: (_, __, out) => 4 * out.numel(),
});
