import { elementCount } from "../core/shape.ts";
import { computeBy } from "./compute-by.ts";
import { requireOneFloat } from "./dense.ts";
import { defineOp } from "./op.ts";

/**
 * (y − t)² of each element, their mean or their sum, as the one op that other frameworks have for it. Model files of the
 * engine's own have it as the ops that it is made of. Inputs of one shape: y, t.
 */
export const squaredError = defineOp<{ readonly reduction: "none" | "mean" | "sum" }>({
  id: "squaredError",
  name: "mseLoss",
  infer: (inputs, { reduction }) => {
    requireOneFloat("mseLoss", inputs);
    return { shape: reduction === "none" ? inputs[0]!.shape : [], dtype: inputs[0]!.dtype };
  },
  compute: computeBy(([y, t], { reduction }) => {
    const squares = y!.sub(t!).square();
    return reduction === "none" ? squares : reduction === "mean" ? squares.mean() : squares.sum();
  }),
  vjp: ([0, 1] as const).map((index) => (g, at) => {
    const count = at.attributes.reduction === "mean" ? elementCount(at.shape(0)) : 1;
    const difference = at.input(index).sub(at.input(1 - index));
    return g.mul(difference.mul(2 / count));
  }),
  saves: [0, 1],
  formula: {
    forward: "\\tfrac1n \\sum (y - t)^2",
    backward: ["\\tfrac2n \\bar L\\, (y - t)", "\\tfrac2n \\bar L\\, (t - y)"],
  },
  flops: (inputs) => 3 * inputs[0]!.numel(),
});
