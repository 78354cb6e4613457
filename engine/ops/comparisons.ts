import type { BinaryFunction, UnaryFunction } from "../kernels/kernels.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastShapes } from "../core/shape.ts";
import { isFloating, Tensor } from "../core/tensor.ts";
import { apply } from "./apply.ts";
import { convert } from "./conversion.ts";
import { broadcastTo } from "./elementwise.ts";
import { defineOp, type Op } from "./op.ts";
import { asElement, expectNumber, resultType, type NumberAttribute, type Operand } from "./operands.ts";

/** A relation between two tensors, and between a tensor and a number. Bool results carry no gradient. */
interface Relation {
  readonly tensor: Op;
  readonly number: Op<NumberAttribute>;
}

function defineRelation(name: BinaryFunction, symbol: string): Relation {
  const shown = { vjp: [], saves: [], formula: { forward: `a ${symbol} b`, backward: [] } } as const;
  return {
    tensor: defineOp({
      id: name,
      name,
      infer: ([a, b]) => ({ shape: broadcastShapes(name, a!.shape, b!.shape), dtype: "bool" }),
      compute: ([a, b], _, out) => runtime.kernels.binary(name, broadcastTo(a!, out), broadcastTo(b!, out), out),
      ...shown,
    }),
    number: defineOp<NumberAttribute>({
      id: `${name}.number`,
      name,
      infer: ([x]) => ({ shape: x!.shape, dtype: "bool" }),
      compute: ([x], { value }, out) => runtime.kernels.binaryScalar(name, x!, asElement(x!.dtype, value), out),
      ...shown,
    }),
  };
}

export const eq = defineRelation("eq", "=");
export const ne = defineRelation("ne", "\\ne");
export const lt = defineRelation("lt", "<");
export const le = defineRelation("le", "\\le");
export const gt = defineRelation("gt", ">");
export const ge = defineRelation("ge", "\\ge");
export const logicalAnd = defineRelation("logicalAnd", "\\wedge");
export const logicalOr = defineRelation("logicalOr", "\\vee");
export const logicalXor = defineRelation("logicalXor", "\\oplus");

export function compare(relation: Relation, a: Tensor, b: Operand): Tensor {
  if (b instanceof Tensor) {
    if (a.dtype === b.dtype) return apply(relation.tensor, [a, b]);
    const dtype = resultType(a, b);
    return apply(relation.tensor, [convert(a, dtype), convert(b, dtype)]);
  }
  const value = expectNumber(relation.tensor.name, b, "a tensor or a number");
  // Integers are kept as doubles, which compare with fractions as they are.
  const x = a.dtype === "bool" && !Number.isInteger(value) ? convert(a, "int64") : a;
  return apply(relation.number, [x], { value });
}

function definePredicate(name: UnaryFunction, formula: string): Op {
  return defineOp({
    id: name,
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: "bool" }),
    compute: ([x], _, out) => runtime.kernels.unary(name, x!, out),
    vjp: [],
    saves: [],
    formula: { forward: formula, backward: [] },
  });
}

export const logicalNot = definePredicate("logicalNot", "\\neg x");
export const isnan = definePredicate("isnan", "x \\text{ is NaN}");
export const isinf = definePredicate("isinf", "|x| = \\infty");
export const isfinite = definePredicate("isfinite", "|x| < \\infty");

/** Whether all elements are within `atol + rtol · |b|` of each other. */
export function isclose(a: Tensor, b: Tensor, rtol: number, atol: number, equalNan: boolean): Tensor {
  const near = a.sub(b).abs().le(b.abs().mul(rtol).add(atol)).logicalOr(a.eq(b));
  if (!equalNan || !isFloating(a.dtype)) return near;
  return near.logicalOr(a.isnan().logicalAnd(b.isnan()));
}
