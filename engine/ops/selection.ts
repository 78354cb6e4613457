import { EngineError } from "../context/engine-error.ts";
import { runtime } from "../core/runtime.ts";
import { zerosLike } from "../core/creation.ts";
import { broadcastShapes } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { convert } from "./conversion.ts";
import { broadcastTo, defineBinary } from "./elementwise.ts";
import { defineOp, type Op } from "./op.ts";
import {
  asElement,
  expectNumber,
  expectTensor,
  floating,
  resultType,
  resultTypeWithNumber,
  type NumberAttribute,
  type Operand,
} from "./operands.ts";

/** Inputs: bool condition, a, b of one dtype; all broadcast. */
export const where: Op = defineOp({
  id: "where",
  name: "where",
  infer: ([condition, a, b]) => ({
    shape: broadcastShapes("where", condition!.shape, broadcastShapes("where", a!.shape, b!.shape)),
    dtype: a!.dtype,
  }),
  compute: ([condition, a, b], _, out) =>
    runtime.kernels.where(broadcastTo(condition!, out), broadcastTo(a!, out), broadcastTo(b!, out), out),
  vjp: [
    null,
    (g, at) => apply(where, [at.input(0), g, zerosLike(g)]),
    (g, at) => apply(where, [at.input(0), zerosLike(g), g]),
  ],
  saves: [0],
  formula: {
    forward: "c\\, ?\\, a : b",
    backward: ["", "c\\, ?\\, \\bar y : 0", "c\\, ?\\, 0 : \\bar y"],
  },
  blocks: "mask",
  elementwise: true,
  flops: (_, __, out) => out.numel(),
});

/** Picks from `a` where `condition` holds, else from `b`. PyTorch: `torch.where`. */
export function select(condition: Tensor, a: Operand, b: Operand): Tensor {
  const mask = expectTensor("where", condition, "a bool tensor as the condition");
  if (mask.dtype !== "bool") {
    throw new EngineError("dtype", `where: the condition must be a bool tensor, this is ${mask.dtype}`, {
      fix: "compare it, as in condition.ne(0)",
    });
  }
  const [x, y] = asTensors("where", a, b);
  const dtype = resultType(x, y);
  return apply(where, [mask, convert(x, dtype), convert(y, dtype)]);
}

/** Two operands as tensors of the dtype they promote to. */
function asTensors(op: string, a: Operand, b: Operand): readonly [Tensor, Tensor] {
  if (a instanceof Tensor && b instanceof Tensor) return [a, b];
  if (a instanceof Tensor) return [convert(a, numberType(op, a, b)), scalar(numberType(op, a, b), b)];
  if (b instanceof Tensor) return [scalar(numberType(op, b, a), a), convert(b, numberType(op, b, a))];
  const dtype = typeof a === "boolean" && typeof b === "boolean" ? "bool" : "float32";
  return [scalar(dtype, expectNumber(op, a)), scalar(dtype, expectNumber(op, b))];
}

function numberType(op: string, x: Tensor, value: unknown): Tensor["dtype"] {
  return resultTypeWithNumber(
    x.dtype,
    typeof value === "boolean" ? value : expectNumber(op, value, "a tensor or a number"),
  );
}

function scalar(dtype: Tensor["dtype"], value: unknown): Tensor {
  const out = Tensor.empty([], dtype);
  runtime.kernels.fill(out, Number(value));
  return out;
}

/** Inputs: x and a bool mask that broadcasts to it. */
export const maskedFill: Op<NumberAttribute> = defineOp<NumberAttribute>({
  id: "maskedFill",
  name: "maskedFill",
  blocks: "mask",
  elementwise: true,
  infer: ([x, mask]) => {
    if (mask!.dtype !== "bool") {
      throw new EngineError("dtype", `maskedFill: the mask must be a bool tensor, this is ${mask!.dtype}`, {
        fix: "compare it, as in mask.ne(0)",
      });
    }
    return { shape: broadcastShapes("maskedFill", x!.shape, mask!.shape), dtype: x!.dtype };
  },
  compute: ([x, mask], { value }, out) => {
    const filled = broadcastTo(scalar(x!.dtype, value), out);
    runtime.kernels.where(broadcastTo(mask!, out), filled, broadcastTo(x!, out), out);
  },
  vjp: [(g, at) => apply(maskedFill, [g, at.input(1)], { value: 0 }), null],
  saves: [1],
  formula: { forward: "m\\, ?\\, c : x", backward: ["m\\, ?\\, 0 : \\bar y", ""] },
});

/** Where the operands are equal, each gets half of the gradient. */
function halfOnTies(g: Tensor, won: Tensor, tied: Tensor): Tensor {
  return apply(where, [tied, g.div(2), apply(where, [won, g, zerosLike(g)])]);
}

/** Which of two operands won: −1, 0 for a tie, 1. */
function winner(a: Tensor, b: Tensor): Tensor {
  return convert(a.gt(b), "int64").sub(convert(a.lt(b), "int64"));
}

export const maximum = defineBinary("maximum", {
  vjp: [
    (g, at) => halfOnTies(g, at.input(0).gt(at.input(1)), at.input(0).eq(at.input(1))),
    (g, at) => halfOnTies(g, at.input(0).lt(at.input(1)), at.input(0).eq(at.input(1))),
  ],
  saves: [0, 1],
  formula: { forward: "\\max(a, b)", backward: ["\\bar y\\, [a > b]", "\\bar y\\, [b > a]"] },
  pieces: ([a, b]) => winner(a!, b!),
  kinks: "a = b",
});

export const minimum = defineBinary("minimum", {
  vjp: [
    (g, at) => halfOnTies(g, at.input(0).lt(at.input(1)), at.input(0).eq(at.input(1))),
    (g, at) => halfOnTies(g, at.input(0).gt(at.input(1)), at.input(0).eq(at.input(1))),
  ],
  saves: [0, 1],
  formula: { forward: "\\min(a, b)", backward: ["\\bar y\\, [a < b]", "\\bar y\\, [b < a]"] },
  pieces: ([a, b]) => winner(a!, b!),
  kinks: "a = b",
});

/** A missing bound is null. At a bound the gradient passes. */
export const clamp = defineOp<{ readonly min: number | null; readonly max: number | null }>({
  id: "clamp",
  name: "clamp",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  compute: ([x], { min, max }, out) =>
    runtime.kernels.clamp(x!, asElement(x!.dtype, min ?? -Infinity), asElement(x!.dtype, max ?? Infinity), out),
  vjp: [
    (g, at) => {
      const { min, max } = at.attributes;
      const x = at.input(0);
      const above = min === null ? null : x.ge(min);
      const below = max === null ? null : x.le(max);
      const inside = above && below ? above.logicalAnd(below) : (above ?? below);
      return inside ? apply(where, [inside, g, zerosLike(g)]) : g;
    },
  ],
  saves: [0],
  formula: { forward: "\\min(\\max(x, l), u)", backward: ["\\bar y\\, [l \\le x \\le u]"] },
  pieces: ([x], { min, max }) => {
    const over = max === null ? null : convert(x!.gt(max), "int64");
    const under = min === null ? null : convert(x!.lt(min), "int64");
    return over && under ? over.sub(under) : (over ?? under ?? convert(zerosLike(x!), "int64"));
  },
  kinks: "x = l, x = u",
  elementwise: true,
  flops: (_, __, out) => 2 * out.numel(),
});

export type Bound = Operand | null | undefined;

/** Clamps to bounds that are numbers or tensors. */
export function clampTo(op: string, x: Tensor, min: Bound, max: Bound): Tensor {
  const low = min ?? null;
  const high = max ?? null;
  if (low === null && high === null) {
    throw new EngineError("value", `${op}: at least one of min and max must be given`);
  }
  if (!(low instanceof Tensor) && !(high instanceof Tensor)) {
    if (low !== null) expectNumber(op, low, "min to be a number or a tensor");
    if (high !== null) expectNumber(op, high, "max to be a number or a tensor");
    const whole = [low, high].every(
      (bound) => bound === null || Number.isInteger(bound) || Math.abs(bound) === Infinity,
    );
    const dtype = x.dtype === "bool" ? "int64" : x.dtype;
    return apply(clamp, [whole ? convert(x, dtype) : floating(x)], { min: low, max: high });
  }
  const raised = low === null ? x : select(x.lt(low), low, x);
  return high === null ? raised : select(raised.gt(high), high, raised);
}
