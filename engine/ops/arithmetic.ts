import { defineBinary, defineNumberWith, defineUnary, defineWithNumber } from "./elementwise.ts";

// Sums, differences, products and quotients, each with a tensor and with a number. `a` and `b` broadcast; the engine
// sums a cotangent over the axes along which its operand was repeated.

export const add = defineBinary("add", {
  vjp: [(g) => g, (g) => g],
  saves: [],
  formula: { forward: "a + b", backward: ["\\bar y", "\\bar y"] },
});

export const addNumber = defineWithNumber("add", {
  vjp: (g) => g,
  saves: [],
  formula: ["x + c", "\\bar y"],
});

export const sub = defineBinary("sub", {
  vjp: [(g) => g, (g) => g.neg()],
  saves: [],
  formula: { forward: "a - b", backward: ["\\bar y", "-\\bar y"] },
});

export const subNumber = defineWithNumber("sub", {
  vjp: (g) => g,
  saves: [],
  formula: ["x - c", "\\bar y"],
});

/** c − x. PyTorch: `torch.rsub`. */
export const numberSub = defineNumberWith("sub", {
  vjp: (g) => g.neg(),
  saves: [],
  formula: ["c - x", "-\\bar y"],
});

export const mul = defineBinary("mul", {
  vjp: [(g, at) => g.mul(at.input(1)), (g, at) => g.mul(at.input(0))],
  saves: [0, 1],
  formula: { forward: "a \\odot b", backward: ["\\bar y \\odot b", "\\bar y \\odot a"] },
});

export const mulNumber = defineWithNumber("mul", {
  vjp: (g, at) => g.mul(at.attributes.value),
  saves: [],
  keepsNumbers: true,
  formula: ["c\\, x", "c\\, \\bar y"],
});

export const div = defineBinary("div", {
  vjp: [
    (g, at) => g.div(at.input(1)),
    // Through a / b² rather than the result, so that it can be differentiated again.
    (g, at) => g.mul(at.input(0)).div(at.input(1)).div(at.input(1)).neg(),
  ],
  saves: [0, 1],
  formula: { forward: "a / b", backward: ["\\bar y / b", "-\\bar y\\, a / b^2"] },
});

export const divNumber = defineWithNumber("div", {
  vjp: (g, at) => g.div(at.attributes.value),
  saves: [],
  keepsNumbers: true,
  formula: ["x / c", "\\bar y / c"],
});

export const neg = defineUnary("neg", {
  vjp: (g) => g.neg(),
  saves: [],
  formula: ["-x", "-\\bar y"],
});
