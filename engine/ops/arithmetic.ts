import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
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
  addCotangent: (g, at, index, sum) => addProductOfScalars(g, at.input(1 - index), sum),
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

/**
 * Adds a · b to `sum`, rounded as the product and the sum are by themselves. In a network of scalars nearly every
 * contribution is such a product, and a tensor for each would cost more than all else that a node's step does.
 * @returns false unless all three are scalars of one floating-point dtype.
 */
function addProductOfScalars(a: Tensor, b: Tensor, sum: Tensor): boolean {
  const { dtype } = sum;
  if (a.rank + b.rank + sum.rank > 0 || a.dtype !== dtype || b.dtype !== dtype) return false;
  const { f32, f64 } = runtime.memory;
  if (dtype === "float64") f64[sum.offset >>> 3]! += f64[a.offset >>> 3]! * f64[b.offset >>> 3]!;
  else if (dtype === "float32") f32[sum.offset >>> 2]! += Math.fround(f32[a.offset >>> 2]! * f32[b.offset >>> 2]!);
  else return false;
  return true;
}
