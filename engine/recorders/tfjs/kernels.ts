import type { Attributes } from "../../recording/attributes.ts";
import type { TapeOp, TapeRecorder } from "./tape-recorder.ts";

/** How a recorded kernel call is told. */
export interface DescribedKernel {
  /** As a program writes it: "matMul". */
  readonly name: string;
  /** The record of ours that it may follow, which each call has to prove; empty for none. */
  readonly record: string;
  /** The record's attributes; those of the kernel itself where it has no record. */
  readonly attributes: Attributes;
  /** Which of the kernel's inputs are the record's, in order; null for all as they are. */
  readonly order: readonly number[] | null;
}

/** What a kernel claims to compute. */
interface Claim {
  readonly record: string;
  /** The kernel's inputs by their names, as the record has them; all in the kernel's own order where this is left out. */
  readonly inputs?: readonly string[];
  /** The record's attributes; null where the call is none of it. */
  attributes?(op: TapeOp): Attributes | null;
}

/**
 * Kernels that a record of ours describes, in their gradient as well. Those that share a result among ties in another way than
 * PyTorch does (maximum, max), or have another slope at a kink (abs), are told as what they are: tfjs's own.
 */
const CLAIMS: Readonly<Record<string, Claim>> = {
  Add: { record: "add" },
  Sub: { record: "sub" },
  Multiply: { record: "mul" },
  RealDiv: { record: "div" },
  Pow: { record: "pow" },
  Neg: { record: "neg" },
  Exp: { record: "exp" },
  Expm1: { record: "expm1" },
  Log: { record: "log" },
  Log1p: { record: "log1p" },
  Sqrt: { record: "sqrt" },
  Rsqrt: { record: "rsqrt" },
  Square: { record: "square" },
  Reciprocal: { record: "reciprocal" },
  Erf: { record: "erf" },
  Sin: { record: "sin" },
  Cos: { record: "cos" },
  Tan: { record: "tan" },
  Asin: { record: "asin" },
  Acos: { record: "acos" },
  Atan: { record: "atan" },
  Sinh: { record: "sinh" },
  Cosh: { record: "cosh" },
  Tanh: { record: "tanh" },
  Asinh: { record: "asinh" },
  Acosh: { record: "acosh" },
  Atanh: { record: "atanh" },
  Sigmoid: { record: "sigmoid" },
  Relu: { record: "relu" },
  Softplus: { record: "softplus" },
  Elu: { record: "elu", attributes: () => ({ alpha: 1, scale: 1 }) },
  LeakyRelu: { record: "leakyRelu", attributes: ({ attributes: { alpha } }) => ({ slope: Number(alpha) }) },
  ClipByValue: {
    record: "clamp",
    attributes: ({ attributes }) => ({
      min: Number(attributes["clipValueMin"]),
      max: Number(attributes["clipValueMax"]),
    }),
  },
  Select: { record: "where", inputs: ["condition", "t", "e"] },
  Identity: { record: "alias" },
  Cast: { record: "to", attributes: ({ attributes: { dtype } }) => (dtype === "float32" ? { dtype } : null) },
  BatchMatMul: {
    record: "matmul",
    attributes: ({ attributes }) => (attributes["transposeA"] || attributes["transposeB"] ? null : {}),
  },
  Reshape: { record: "reshape", attributes: resultShape },
  ExpandDims: { record: "unsqueeze", attributes: resultShape },
  BroadcastTo: { record: "expand", attributes: resultShape },
  Transpose: { record: "permute", attributes: ({ attributes: { perm } }) => (isNumbers(perm) ? { dims: perm } : null) },
  Tile: { record: "repeat", attributes: ({ attributes: { reps } }) => (isNumbers(reps) ? { repeats: reps } : null) },
  Concat: { record: "cat", attributes: alongAxis },
  Pack: { record: "stack", attributes: ({ attributes: { axis } }) => ({ dim: Number(axis) }) },
  Sum: { record: "sum", attributes: overAxes },
  Mean: { record: "mean", attributes: overAxes },
  Softmax: { record: "softmax", attributes: ({ attributes: { dim } }) => ({ dim: Number(dim) }) },
  LogSoftmax: { record: "logSoftmax", attributes: alongAxis },
  PadV2: { record: "pad", attributes: padding },
  Slice: { record: "narrow", attributes: range },
};

export function describeKernel(op: TapeOp, recorder: TapeRecorder): DescribedKernel {
  if (op.custom !== null) {
    const name = recorder.nameOf(op.custom) || op.calledAs || "customGrad";
    return { name, record: "", attributes: plain(op), order: null };
  }
  const name = op.calledAs || op.kernel.charAt(0).toLowerCase() + op.kernel.slice(1);
  const claim = Object.hasOwn(CLAIMS, op.kernel) ? CLAIMS[op.kernel] : undefined;
  const attributes = claim && (claim.attributes ? claim.attributes(op) : {});
  if (!claim || !attributes) return { name, record: "", attributes: plain(op), order: null };
  const names = op.inputs.map(([input]) => input);
  return { name, record: claim.record, attributes, order: claim.inputs?.map((input) => names.indexOf(input)) ?? null };
}

function resultShape({ outputs: [result] }: TapeOp): Attributes {
  return { shape: [...result!.shape] };
}

function alongAxis({ attributes: { axis }, outputs: [result] }: TapeOp): Attributes {
  return { dim: inRank(Number(axis), result!.shape.length) };
}

function overAxes({ attributes: { axis, keepDims }, inputs: [first] }: TapeOp): Attributes {
  const rank = first![1].shape.length;
  const all = first![1].shape.map((_, i) => i);
  const given = typeof axis === "number" ? [axis] : isNumbers(axis) ? axis : all;
  return { dims: given.map((one) => inRank(one, rank)).sort((a, b) => a - b), keepdim: keepDims === true };
}

function padding({ attributes: { paddings, constantValue } }: TapeOp): Attributes | null {
  if (!Array.isArray(paddings)) return null;
  const pairs = paddings as readonly (readonly [number, number])[];
  return {
    before: pairs.map(([before]) => before),
    after: pairs.map(([, after]) => after),
    value: Number(constantValue),
  };
}

/** A slice along one axis; along several it is no one record. */
function range({ attributes: { begin }, inputs: [first], outputs: [result] }: TapeOp): Attributes | null {
  const [from, to] = [first![1].shape, result!.shape];
  const axes = from.flatMap((size, axis) => (size === to[axis] ? [] : [axis]));
  if (axes.length > 1 || !isNumbers(begin) || from.length === 0) return null;
  const dim = axes[0] ?? 0;
  return { dim, start: begin[dim] ?? 0, length: to[dim]!, step: 1 };
}

function inRank(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}

/** The attributes of a kernel that are plain data. */
function plain({ attributes }: TapeOp): Attributes {
  const found: Record<string, number | boolean | string | readonly number[]> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") found[name] = value;
    else if (isNumbers(value)) found[name] = value;
  }
  return found;
}
