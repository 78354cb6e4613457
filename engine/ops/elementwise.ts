import type { BinaryFunction, UnaryFunction } from "../kernels/kernels.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastShapes, broadcastStrides, sameShape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import { defineOp, type ComputeOp, type Formula, type Op, type VectorJacobianProduct } from "./op.ts";
import { asElement, type NumberAttribute } from "./operands.ts";

/** What a record of one operand says beside its name. */
interface UnaryRule {
  readonly vjp: VectorJacobianProduct;
  readonly saves: Op["saves"];
  readonly formula: readonly [forward: string, backward: string];
  readonly pieces?: (x: Tensor) => Tensor;
  readonly kinks?: string;
  readonly blocks?: "units";
  readonly flat?: true;
}

/** A record of one operand whose forward is one kernel and whose result has the operand's shape and dtype. */
export function defineUnary(name: UnaryFunction, rule: UnaryRule): Op {
  const { pieces, kinks, blocks, flat } = rule;
  return defineOp({
    id: name,
    name,
    infer: inferSame,
    compute: (inputs, _, out) => runtime.kernels.unary(name, inputs[0]!, out),
    vjp: [rule.vjp],
    saves: rule.saves,
    formula: { forward: rule.formula[0], backward: [rule.formula[1]] },
    ...(pieces && { pieces: ([x]: readonly Tensor[]) => pieces(x!) }),
    ...(kinks !== undefined && { kinks }),
    ...(blocks && { blocks }),
    ...(flat && { flat }),
    elementwise: true,
    flops: countElements,
  });
}

interface BinaryRule {
  readonly vjp: Op["vjp"];
  readonly addCotangent?: NonNullable<Op["addCotangent"]>;
  readonly saves: Op["saves"];
  readonly formula: Formula;
  readonly pieces?: NonNullable<Op["pieces"]>;
  readonly kinks?: string;
  /** A kernel of another name. */
  readonly kernel?: BinaryFunction;
}

/** A record of two tensors of one dtype that broadcast. */
export function defineBinary(name: string, rule: BinaryRule): Op {
  const { kernel = name as BinaryFunction, ...rest } = rule;
  return defineOp({
    id: name,
    name,
    infer: (inputs) => {
      const [a, b] = [inputs[0]!, inputs[1]!];
      // A tensor says both things itself, and most have one shape.
      return sameShape(a.shape, b.shape) ? a : { shape: broadcastShapes(name, a.shape, b.shape), dtype: a.dtype };
    },
    compute: (inputs, _, out) =>
      runtime.kernels.binary(kernel, broadcastTo(inputs[0]!, out), broadcastTo(inputs[1]!, out), out),
    elementwise: true,
    flops: countElements,
    ...rest,
  });
}

interface NumberRule {
  readonly vjp: VectorJacobianProduct<NumberAttribute>;
  readonly saves: Op["saves"];
  readonly formula: readonly [forward: string, backward: string];
  readonly keepsNumbers?: boolean;
  readonly pieces?: NonNullable<Op<NumberAttribute>["pieces"]>;
  readonly kinks?: string;
}

/** The form of a binary record with a number, `value`, on the right. */
export function defineWithNumber(name: string, rule: NumberRule, kernel = name as BinaryFunction): Op<NumberAttribute> {
  const { formula, vjp, ...rest } = rule;
  return defineOp<NumberAttribute>({
    id: `${name}.number`,
    name,
    infer: inferSame,
    compute: (inputs, { value }, out) =>
      runtime.kernels.binaryScalar(kernel, inputs[0]!, asElement(inputs[0]!.dtype, value), out),
    vjp: [vjp],
    formula: { forward: formula[0], backward: [formula[1]] },
    elementwise: true,
    flops: countElements,
    ...rest,
  });
}

/** The form with a number on the left. */
export function defineNumberWith(name: string, rule: NumberRule, kernel = name as BinaryFunction): Op<NumberAttribute> {
  const { formula, vjp, ...rest } = rule;
  return defineOp<NumberAttribute>({
    id: `number.${name}`,
    name,
    infer: inferSame,
    compute: (inputs, { value }, out) =>
      runtime.kernels.scalarBinary(kernel, asElement(inputs[0]!.dtype, value), inputs[0]!, out),
    vjp: [vjp],
    formula: { forward: formula[0], backward: [formula[1]] },
    elementwise: true,
    flops: countElements,
    ...rest,
  });
}

const inferSame: ComputeOp["infer"] = (inputs) => inputs[0]!;

const countElements = (_: readonly Tensor[], __: unknown, out: Tensor): number => out.numel();

/** Reads a tensor as if it had the shape of the result. */
export function broadcastTo(x: Tensor, out: View): View {
  if (sameShape(x.shape, out.shape)) return x;
  const strides = broadcastStrides(x.shape, x.strides, out.shape);
  return { dtype: x.dtype, offset: x.offset, shape: out.shape, strides };
}
