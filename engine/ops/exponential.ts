import type { Tensor } from "../core/tensor.ts";
import { defineBinary, defineNumberWith, defineUnary, defineWithNumber } from "./elementwise.ts";

export const exp = defineUnary("exp", {
  vjp: (g, at) => g.mul(at.output),
  saves: ["output"],
  formula: ["e^x", "\\bar y\\, y"],
});

export const expm1 = defineUnary("expm1", {
  vjp: (g, at) => g.mul(at.output.add(1)),
  saves: ["output"],
  formula: ["e^x - 1", "\\bar y\\, (y + 1)"],
});

export const log = defineUnary("log", {
  vjp: (g, at) => g.div(at.input(0)),
  saves: [0],
  formula: ["\\ln x", "\\bar y / x"],
});

export const log1p = defineUnary("log1p", {
  vjp: (g, at) => g.div(at.input(0).add(1)),
  saves: [0],
  formula: ["\\ln(1 + x)", "\\bar y / (1 + x)"],
});

export const log2 = defineUnary("log2", {
  vjp: (g, at) => g.div(at.input(0).mul(Math.LN2)),
  saves: [0],
  formula: ["\\log_2 x", "\\frac{\\bar y}{x \\ln 2}"],
});

export const log10 = defineUnary("log10", {
  vjp: (g, at) => g.div(at.input(0).mul(Math.LN10)),
  saves: [0],
  formula: ["\\log_{10} x", "\\frac{\\bar y}{x \\ln 10}"],
});

export const sqrt = defineUnary("sqrt", {
  vjp: (g, at) => g.div(at.output.mul(2)),
  saves: ["output"],
  formula: ["\\sqrt x", "\\frac{\\bar y}{2 y}"],
});

export const rsqrt = defineUnary("rsqrt", {
  vjp: (g, at) => g.mul(-0.5).mul(at.output.pow(3)),
  saves: ["output"],
  formula: ["1 / \\sqrt x", "-\\tfrac12 \\bar y\\, y^3"],
});

export const reciprocal = defineUnary("reciprocal", {
  vjp: (g, at) => g.neg().mul(at.output.square()),
  saves: ["output"],
  formula: ["1 / x", "-\\bar y\\, y^2"],
});

export const square = defineUnary("square", {
  vjp: (g, at) => g.mul(at.input(0).mul(2)),
  saves: [0],
  formula: ["x^2", "2\\, \\bar y\\, x"],
});

export const erf = defineUnary("erf", {
  vjp: (g, at) =>
    g.mul(
      at
        .input(0)
        .square()
        .neg()
        .exp()
        .mul(2 / Math.sqrt(Math.PI)),
    ),
  saves: [0],
  formula: ["\\operatorname{erf} x", "\\tfrac{2}{\\sqrt\\pi}\\, \\bar y\\, e^{-x^2}"],
});

/** d/da a^b, which is 0 wherever b is, also at a = 0. */
function powBase(g: Tensor, a: Tensor, b: Tensor): Tensor {
  return g.mul(b.mul(a.pow(b.sub(1)))).maskedFill(b.eq(0), 0);
}

/** d/db a^b = a^b ln a, which is 0 at a = 0 for b ≥ 0. */
function powExponent(g: Tensor, a: Tensor, b: Tensor, y: Tensor): Tensor {
  return g.mul(y.mul(a.log()).maskedFill(a.eq(0).logicalAnd(b.ge(0)), 0));
}

export const pow = defineBinary("pow", {
  vjp: [
    (g, at) => powBase(g, at.input(0), at.input(1)),
    (g, at) => powExponent(g, at.input(0), at.input(1), at.output),
  ],
  saves: [0, 1, "output"],
  formula: { forward: "a^b", backward: ["\\bar y\\, b\\, a^{b-1}", "\\bar y\\, y \\ln a"] },
});

export const powNumber = defineWithNumber("pow", {
  vjp: (g, at) => {
    const c = at.attributes.value;
    return c === 0
      ? g.mul(0)
      : g.mul(
          at
            .input(0)
            .pow(c - 1)
            .mul(c),
        );
  },
  saves: [0],
  formula: ["x^c", "c\\, \\bar y\\, x^{c-1}"],
});

export const numberPow = defineNumberWith("pow", {
  vjp: (g, at) => {
    const c = at.attributes.value;
    if (c === 0) return g.mul(at.output.mul(-Infinity).maskedFill(at.input(0).ge(0), 0));
    return g.mul(at.output.mul(Math.log(c)));
  },
  saves: [0, "output"],
  formula: ["c^x", "\\bar y\\, y \\ln c"],
});
