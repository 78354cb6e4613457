import type { Tensor } from "../core/tensor.ts";
import { computeBy } from "./compute-by.ts";
import { defineBinary, defineUnary } from "./elementwise.ts";
import { defineOp, type Op } from "./op.ts";

export const sin = defineUnary("sin", {
  vjp: (g, at) => g.mul(at.input(0).cos()),
  saves: [0],
  formula: ["\\sin x", "\\bar y \\cos x"],
});

export const cos = defineUnary("cos", {
  vjp: (g, at) => g.mul(at.input(0).sin()).neg(),
  saves: [0],
  formula: ["\\cos x", "-\\bar y \\sin x"],
});

export const tan = defineUnary("tan", {
  vjp: (g, at) => g.mul(at.output.square().add(1)),
  saves: ["output"],
  formula: ["\\tan x", "\\bar y\\, (1 + y^2)"],
});

export const asin = defineUnary("asin", {
  vjp: (g, at) => g.mul(at.input(0).square().neg().add(1).rsqrt()),
  saves: [0],
  formula: ["\\arcsin x", "\\frac{\\bar y}{\\sqrt{1 - x^2}}"],
});

export const acos = defineUnary("acos", {
  vjp: (g, at) => g.mul(at.input(0).square().neg().add(1).rsqrt()).neg(),
  saves: [0],
  formula: ["\\arccos x", "-\\frac{\\bar y}{\\sqrt{1 - x^2}}"],
});

export const atan = defineUnary("atan", {
  vjp: (g, at) => g.div(at.input(0).square().add(1)),
  saves: [0],
  formula: ["\\arctan x", "\\frac{\\bar y}{1 + x^2}"],
});

export const sinh = defineUnary("sinh", {
  vjp: (g, at) => g.mul(at.input(0).cosh()),
  saves: [0],
  formula: ["\\sinh x", "\\bar y \\cosh x"],
});

export const cosh = defineUnary("cosh", {
  vjp: (g, at) => g.mul(at.input(0).sinh()),
  saves: [0],
  formula: ["\\cosh x", "\\bar y \\sinh x"],
});

/** Inverses of the hyperbolic functions, computed so that they are exact near 0. */
function defineInverse(
  name: string,
  forward: (x: Tensor) => Tensor,
  slope: (x: Tensor) => Tensor,
  formula: readonly [string, string],
): Op {
  return defineOp({
    id: name,
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    compute: computeBy(([x]) => forward(x!)),
    vjp: [(g, at) => g.mul(slope(at.input(0)))],
    saves: [0],
    formula: { forward: formula[0], backward: [formula[1]] },
    flops: (_, __, out) => 8 * out.numel(),
  });
}

export const asinh = defineInverse(
  "asinh",
  (x) => x.square().div(x.square().add(1).sqrt().add(1)).add(x.abs()).log1p().mul(x.sign()),
  (x) => x.square().add(1).rsqrt(),
  ["\\operatorname{arsinh} x", "\\frac{\\bar y}{\\sqrt{x^2 + 1}}"],
);

export const acosh = defineInverse(
  "acosh",
  (x) =>
    x
      .sub(1)
      .add(x.sub(1).mul(x.add(1)).sqrt())
      .log1p(),
  (x) => x.sub(1).mul(x.add(1)).rsqrt(),
  ["\\operatorname{arcosh} x", "\\frac{\\bar y}{\\sqrt{x^2 - 1}}"],
);

export const atanh = defineInverse(
  "atanh",
  (x) => x.mul(2).div(x.rsub(1)).log1p().mul(0.5),
  (x) => x.square().rsub(1).reciprocal(),
  ["\\operatorname{artanh} x", "\\frac{\\bar y}{1 - x^2}"],
);

/** The angle of the point (b, a), in (−π, π]. */
export const atan2 = defineBinary("atan2", {
  vjp: [
    (g, at) => g.mul(at.input(1).div(at.input(0).square().add(at.input(1).square()))),
    (g, at) => g.mul(at.input(0).div(at.input(0).square().add(at.input(1).square()))).neg(),
  ],
  saves: [0, 1],
  formula: {
    forward: "\\operatorname{atan2}(a, b)",
    backward: ["\\frac{b\\, \\bar y}{a^2 + b^2}", "-\\frac{a\\, \\bar y}{a^2 + b^2}"],
  },
});
