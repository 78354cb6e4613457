import { apply } from "./apply.ts";
import { convert } from "./conversion.ts";
import { defineBinary, defineUnary } from "./elementwise.ts";

// The cotangents of relu, tanh and sigmoid are ops of their own: one kernel each, from the cotangent g and the result y.

const reluBackward = defineBinary("reluBackward", {
  vjp: [(h, at) => apply(reluBackward, [h, at.input(1)]), null],
  saves: [1],
  formula: { forward: "g\\, [y > 0]", backward: ["\\bar z\\, [y > 0]", ""] },
});

/** max(0, x); its gradient at 0 is 0. */
export const relu = defineUnary("relu", {
  vjp: (g, at) => apply(reluBackward, [g, at.output]),
  saves: ["output"],
  formula: ["\\max(0, x)", "\\bar y\\, [x > 0]"],
  pieces: (x) => convert(x.gt(0), "int64"),
  kinks: "x = 0",
  blocks: "units",
});

const tanhBackward = defineBinary("tanhBackward", {
  vjp: [(h, at) => apply(tanhBackward, [h, at.input(1)]), (h, at) => h.mul(at.input(0)).mul(at.input(1)).mul(-2)],
  saves: [0, 1],
  formula: { forward: "g\\, (1 - y^2)", backward: ["\\bar z\\, (1 - y^2)", "-2\\, \\bar z\\, g\\, y"] },
});

export const tanh = defineUnary("tanh", {
  vjp: (g, at) => apply(tanhBackward, [g, at.output]),
  saves: ["output"],
  formula: ["\\tanh x", "\\bar y\\, (1 - y^2)"],
});

const sigmoidBackward = defineBinary("sigmoidBackward", {
  vjp: [
    (h, at) => apply(sigmoidBackward, [h, at.input(1)]),
    (h, at) => h.mul(at.input(0)).mul(at.input(1).mul(-2).add(1)),
  ],
  saves: [0, 1],
  formula: { forward: "g\\, y (1 - y)", backward: ["\\bar z\\, y (1 - y)", "\\bar z\\, g\\, (1 - 2y)"] },
});

/** 1 / (1 + e^(−x)). */
export const sigmoid = defineUnary("sigmoid", {
  vjp: (g, at) => apply(sigmoidBackward, [g, at.output]),
  saves: ["output"],
  formula: ["\\sigma(x)", "\\bar y\\, y (1 - y)"],
});
