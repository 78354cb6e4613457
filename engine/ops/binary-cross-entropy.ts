import { elementCount } from "../core/shape.ts";
import { dense, elementsOf, requireOneFloat } from "./dense.ts";
import { defineOp } from "./op.ts";

/** Logarithms are cut here, so that a probability of 0 costs much but not everything. As in PyTorch. */
const LEAST_LOG = -100;
/** The least p (1 − p) that a cotangent is divided by: PyTorch's, which is a float32 whatever the input is. */
const LEAST_VARIANCE = Math.fround(1e-12);

/** −(t log p + (1 − t) log(1 − p)) of each element. Inputs of one shape: p in [0, 1], t. */
export const binaryCrossEntropy = defineOp({
  id: "binaryCrossEntropy",
  name: "binaryCrossEntropy",
  infer: (inputs) => {
    requireOneFloat("binaryCrossEntropy", inputs);
    return { shape: inputs[0]!.shape, dtype: inputs[0]!.dtype };
  },
  compute: ([p, t], _, out) => {
    const [ps, ts, to] = [elementsOf(dense(p!)), elementsOf(dense(t!)), elementsOf(out)];
    for (let i = 0; i < elementCount(out.shape); i++) {
      const [x, y] = [ps.elements[ps.start + i]!, ts.elements[ts.start + i]!];
      to.elements[to.start + i] = (y - 1) * Math.max(Math.log1p(-x), LEAST_LOG) - y * Math.max(Math.log(x), LEAST_LOG);
    }
  },
  vjp: [
    (g, at) => {
      const [p, t] = [at.input(0), at.input(1)];
      return g.mul(p.sub(t)).div(p.neg().add(1).mul(p).clamp({ min: LEAST_VARIANCE }));
    },
    (g, at) => g.mul(at.input(0).neg().log1p().sub(at.input(0).log())),
  ],
  saves: [0, 1],
  formula: {
    forward: "-(t \\ln p + (1 - t) \\ln(1 - p))",
    backward: ["\\bar y \\frac{p - t}{p (1 - p)}", "\\bar y \\ln\\frac{1 - p}{p}"],
  },
  flops: (_, __, out) => 8 * out.numel(),
});
