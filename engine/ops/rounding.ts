import { zerosLike } from "../core/creation.ts";
import { convert } from "./conversion.ts";
import { defineBinary, defineUnary, defineWithNumber } from "./elementwise.ts";
import type { Tensor } from "../core/tensor.ts";

/** The whole number that each element of a step function gives says which step it is on. */
const step = (y: Tensor): Tensor => convert(y.nanToNum(), "int64");

// Step functions: constant between their steps, so the gradient is 0.

export const sign = defineUnary("sign", {
  vjp: (g) => zerosLike(g),
  flat: true,
  saves: [],
  formula: ["\\operatorname{sign} x", "0"],
  pieces: (x) => step(x.sign()),
  kinks: "x = 0",
});

export const floor = defineUnary("floor", {
  vjp: (g) => zerosLike(g),
  flat: true,
  saves: [],
  formula: ["\\lfloor x \\rfloor", "0"],
  pieces: (x) => step(x.floor()),
  kinks: "x whole",
});

export const ceil = defineUnary("ceil", {
  vjp: (g) => zerosLike(g),
  flat: true,
  saves: [],
  formula: ["\\lceil x \\rceil", "0"],
  pieces: (x) => step(x.ceil()),
  kinks: "x whole",
});

/** Halves go to the even neighbour. */
export const round = defineUnary("round", {
  vjp: (g) => zerosLike(g),
  flat: true,
  saves: [],
  formula: ["\\operatorname{round} x", "0"],
  pieces: (x) => step(x.round()),
  kinks: "x halfway between whole numbers",
});

export const trunc = defineUnary("trunc", {
  vjp: (g) => zerosLike(g),
  flat: true,
  saves: [],
  formula: ["\\operatorname{trunc} x", "0"],
  pieces: (x) => step(x.trunc()),
  kinks: "x whole",
});

/** The magnitude; its gradient at 0 is 0. */
export const abs = defineUnary("abs", {
  vjp: (g, at) => g.mul(at.input(0).sign()),
  saves: [0],
  formula: ["|x|", "\\bar y \\operatorname{sign} x"],
  pieces: (x) => step(x.sign()),
  kinks: "x = 0",
});

/** a − b ⌊a / b⌋: the sign is the divisor's. */
export const remainder = defineBinary("remainder", {
  vjp: [(g) => g, (g, at) => g.mul(at.input(0).div(at.input(1)).floor()).neg()],
  saves: [0, 1],
  formula: { forward: "a - b \\lfloor a / b \\rfloor", backward: ["\\bar y", "-\\bar y \\lfloor a / b \\rfloor"] },
  pieces: ([a, b]) => step(a!.div(b!).floor()),
  kinks: "a a multiple of b",
});

export const remainderNumber = defineWithNumber("remainder", {
  vjp: (g) => g,
  saves: [],
  formula: ["x - c \\lfloor x / c \\rfloor", "\\bar y"],
  pieces: ([x], { value }) => step(x!.div(value).floor()),
  kinks: "x a multiple of c",
});

/** ⌊a / b⌋ without a gradient. PyTorch: `torch.div(a, b, rounding_mode="floor")`. */
export const floorDivide = defineBinary("floorDivide", {
  vjp: [(g) => zerosLike(g), (g) => zerosLike(g)],
  saves: [],
  formula: { forward: "\\lfloor a / b \\rfloor", backward: ["0", "0"] },
  pieces: ([a, b]) => step(a!.div(b!).floor()),
  kinks: "a a multiple of b",
});

export const floorDivideNumber = defineWithNumber("floorDivide", {
  vjp: (g) => zerosLike(g),
  saves: [],
  formula: ["\\lfloor x / c \\rfloor", "0"],
  pieces: ([x], { value }) => step(x!.div(value).floor()),
  kinks: "x a multiple of c",
});
