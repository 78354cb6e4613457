import { apply } from "../../ops/apply.ts";
import { averagePools, maxPools } from "../../ops/pooling.ts";
import { convolutions } from "../../ops/convolution.ts";
import { crossEntropy } from "../../ops/cross-entropy.ts";
import { linear } from "../../ops/linear.ts";
import { bmm, matmul, mm } from "../../ops/matrices.ts";
import type { Reduction } from "../../ops/negative-log-likelihood.ts";
import type { Op } from "../../ops/op.ts";
import type { Attributes } from "../../recording/attributes.ts";
import * as reductions from "../../ops/reductions.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import * as views from "../../ops/view-ops.ts";
import { readElements } from "../../core/elements.ts";
import type { Tensor } from "../../core/tensor.ts";
import { wholeOf, type Slab, type Stack } from "./stack.ts";

/** An op to be applied in several samples at once. */
export interface StackedCall {
  readonly op: Op;
  readonly attributes: Attributes;
  /** Operands and result as the replay has them. */
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** Those operands that differ. */
  readonly stacks: readonly (Stack | null)[];
  readonly samples: number;
}

/** A result in several samples, and on which smooth pieces its elements lie, for ops with kinks. */
export interface StackedResult extends Stack {
  readonly pieces: Tensor | null;
}

/** Null where the rule does not know such operands. */
type StackRule = (call: StackedCall) => StackedResult | null;

/**
 * Applies an op in all samples at once.
 * @returns null where that is not possible, and each sample has to be computed by itself.
 */
export function applyStacked(call: StackedCall): StackedResult | null {
  return call.op.elementwise ? elementwise(call) : (RULES.get(call.op)?.(call) ?? null);
}

/** The op itself, on operands with the samples as one more axis, or as part of one. */
function applied(
  { op, attributes }: StackedCall,
  inputs: readonly Tensor[],
  {
    slab = null,
    more = {},
    finish = (out) => out,
  }: {
    readonly slab?: Slab | null;
    readonly more?: Attributes;
    readonly finish?: (out: Tensor) => Tensor;
  } = {},
): StackedResult {
  const all = { ...attributes, ...more };
  const out = apply(op, inputs, all);
  return { values: finish(out), slab, pieces: op.pieces ? finish(op.pieces(inputs, all, out)) : null };
}

const result = (values: Tensor, slab: Slab | null = null): StackedResult => ({ values, slab, pieces: null });

/** The first operand's stack, where no other operand differs. */
function first({ stacks }: StackedCall): Stack | null {
  return stacks.slice(1).every((stack) => stack === null) ? (stacks[0] ?? null) : null;
}

/** The part of a replay's value that a slab stands for. */
function slabOf(base: Tensor, { axis, index }: Slab): Tensor {
  return base.narrow(axis, index, 1);
}

/** What is infinite must not be subtracted to see by how much it changed. */
function isAllFinite(part: Tensor): boolean {
  return readElements(part).every(Number.isFinite);
}

const elementwise: StackRule = (call) => {
  const { inputs, stacks, output, samples } = call;
  const slab = sharedSlab(call);
  const operands = inputs.map((base, i) => {
    const stack = stacks[i];
    const lead = output.rank - base.rank;
    if (stack) {
      const values = slab === null ? wholeOf(stack, base) : stack.values;
      return lead === 0 ? values : values.reshape([samples, ...Array<number>(lead).fill(1), ...values.shape.slice(1)]);
    }
    const axis = slab === null ? -1 : slab.axis - lead;
    return axis >= 0 && base.shape[axis] !== 1 ? base.narrow(axis, slab!.index, 1) : base;
  });
  return applied(call, operands, { slab });
};

/** Where the result differs, of operands that all differ in the same slab of it. */
function sharedSlab({ inputs, stacks, output }: StackedCall): Slab | null {
  let shared: Slab | null = null;
  for (const [i, stack] of stacks.entries()) {
    if (stack === null) continue;
    if (stack.slab === null) return null;
    const axis = stack.slab.axis + output.rank - inputs[i]!.rank;
    // What is broadcast along its slab's axis makes all of the result differ.
    if (inputs[i]!.shape[stack.slab.axis] !== output.shape[axis]) return null;
    if (shared !== null && (shared.axis !== axis || shared.index !== stack.slab.index)) return null;
    shared = { axis, index: stack.slab.index };
  }
  return shared;
}

const linearRule: StackRule = (call) => {
  const { inputs, stacks, output, samples } = call;
  const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
  const last = output.rank - 1;
  if (stacks.filter((stack) => stack !== null).length !== 1) return null;
  const [forX, forWeight, forBias] = stacks;
  if (forX) {
    const { values, slab } = forX;
    // Where x differs in one column, the product differs by what that column adds to it: a product of rank one.
    return slab?.axis === last
      ? result(output.add(values.sub(x.narrow(last, slab.index, 1)).mul(weight.select(1, slab.index))))
      : applied(call, [values, ...inputs.slice(1)], { slab });
  }
  if (forWeight?.slab?.axis === 0) {
    const { index } = forWeight.slab;
    // A row of the weight makes a column of the result: those of all samples are one product.
    const rows = [forWeight.values.reshape([samples, -1]), x.reshape([-1, x.shape[last]!])];
    const columns = apply(linear, rows).reshape([samples, ...x.shape.slice(0, -1), 1]);
    return result(bias ? columns.add(bias.narrow(0, index, 1)) : columns, { axis: last, index });
  }
  if (forBias) {
    const { values, slab } = forBias;
    const rows = slab ? weight.narrow(0, slab.index, 1) : weight;
    const shape = [samples, ...Array<number>(last).fill(1), rows.shape[0]!];
    return result(apply(linear, [x, rows]).add(values.reshape(shape)), slab && { ...slab, axis: last });
  }
  return null;
};

const matmulRule: StackRule = (call) => {
  const { inputs, stacks, output, samples } = call;
  const [a, b] = inputs as [Tensor, Tensor];
  const [left, right] = stacks as [Stack | null, Stack | null];
  if (a.rank < 2 || b.rank < 2) return null;
  const inner = a.rank - 1;
  if (left && !right && b.rank === 2) {
    const { values, slab } = left;
    if (slab?.axis === inner) {
      return result(output.add(values.sub(a.narrow(inner, slab.index, 1)).mul(b.select(0, slab.index))));
    }
    // One product of the rows of all samples.
    const product = values.reshape([-1, b.shape[0]!]).matmul(b);
    return result(product.reshape([...values.shape.slice(0, -1), b.shape[1]!]), slab);
  }
  if (right?.slab && !left && a.rank === 2 && b.rank === 2) {
    const { values, slab } = right;
    if (slab.axis === 0) {
      return result(output.add(a.narrow(1, slab.index, 1).mul(values.sub(b.narrow(0, slab.index, 1)))));
    }
    const columns = values.reshape([samples, -1]).matmul(a.t());
    return result(columns.reshape([samples, -1, 1]), slab);
  }
  if (a.rank !== b.rank) return null;
  return result((left ? wholeOf(left, a) : a).matmul(right ? wholeOf(right, b) : b));
};

const convolutionRule: StackRule = (call) => {
  const { op, inputs, stacks, output, samples, attributes } = call;
  const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
  if (stacks.filter((stack) => stack !== null).length !== 1 || attributes["groups"] !== 1) return null;
  const [forX, forWeight, forBias] = stacks;
  const separate = (out: Tensor): Tensor => out.reshape([samples, -1, ...out.shape.slice(1)]);
  const shift = (index: number, rank: number): Tensor => bias!.narrow(0, index, 1).reshape(Array<number>(rank).fill(1));
  if (forX) {
    const { values, slab } = forX;
    if (slab === null || slab.axis === 0) {
      return applied(call, [values.flatten(0, 1), ...inputs.slice(1)], { slab, finish: separate });
    }
    if (slab.axis > 1) return null;
    const moved = values.sub(x.narrow(1, slab.index, 1)).flatten(0, 1);
    return result(output.add(separate(apply(op, [moved, weight.narrow(1, slab.index, 1)], attributes))));
  }
  if (forWeight?.slab?.axis === 0) {
    const { index } = forWeight.slab;
    // The filter in each sample as the filters of one convolution: its channels are the samples.
    const planes = apply(op, [x, forWeight.values.squeeze(1)], attributes)
      .movedim(1, 0)
      .unsqueeze(2);
    return result(bias ? planes.add(shift(index, planes.rank)) : planes.contiguous(), { axis: 1, index });
  }
  if (forBias?.slab) {
    const { values, slab } = forBias;
    const planes = apply(op, [x, weight.narrow(0, slab.index, 1)], attributes);
    const shifts = values.reshape([samples, ...Array<number>(output.rank).fill(1)]);
    return result(planes.add(shifts), { ...slab, axis: 1 });
  }
  return null;
};

/** Each plane by itself: the samples are more of them. */
const poolRule: StackRule = (call) => {
  const stack = first(call);
  const spatial = (call.attributes["kernel"] as readonly number[]).length;
  if (!stack || call.output.rank !== spatial + 2 || (stack.slab && stack.slab.axis > 1)) return null;
  const { values, slab } = stack;
  const finish = (out: Tensor): Tensor => out.reshape([...values.shape.slice(0, 3), ...out.shape.slice(2)]);
  return applied(call, [values.flatten(0, 1)], { slab, finish });
};

const reshapeRule: StackRule = (call) => {
  const stack = first(call);
  if (!stack) return null;
  const { inputs, output, samples } = call;
  const [base] = inputs as [Tensor];
  return stack.slab?.axis === 0 && base.shape[0] === output.shape[0]
    ? result(stack.values.reshape([samples, 1, ...output.shape.slice(1)]), stack.slab)
    : result(wholeOf(stack, base).reshape([samples, ...output.shape]));
};

const permuteRule: StackRule = (call) => {
  const stack = first(call);
  if (!stack) return null;
  const dims = call.attributes["dims"] as readonly number[];
  const { values, slab } = stack;
  const order = [0, ...dims.map((dim) => dim + 1)];
  return result(values.permute(order), slab && { ...slab, axis: dims.indexOf(slab.axis) });
};

/** Applies the op with its axis one further: for views of a part along `dim`, and for what works along it. */
const alongDimRule: StackRule = (call) => {
  const stack = first(call);
  const dim = call.attributes["dim"] as number;
  if (!stack || call.output.rank === 0) return null;
  const more = { dim: dim + 1 };
  return stack.slab && stack.slab.axis !== dim
    ? applied(call, [stack.values], { slab: stack.slab, more })
    : applied(call, [wholeOf(stack, call.inputs[0]!)], { more });
};

const reductionRule: StackRule = (call) => {
  const { op, attributes, inputs, output } = call;
  const stack = first(call);
  if (!stack) return null;
  const dims = attributes["dims"] as readonly number[];
  const more = { dims: dims.map((dim) => dim + 1) };
  const [base] = inputs as [Tensor];
  const { values, slab } = stack;
  const before = slab && (op === sum || op === mean) && dims.includes(slab.axis) && slabOf(base, slab);
  if (!before || !isAllFinite(before)) return applied(call, [wholeOf(stack, base)], { more });
  // What the others add stays as it is.
  const { values: change } = applied(call, [values.sub(before)], { more });
  return result(output.add(op === mean ? change.div(base.shape[slab.axis]!) : change));
};

const crossEntropyRule: StackRule = (call) => {
  const stack = first(call);
  const [logits, target] = call.inputs as [Tensor, Tensor];
  if (!stack || logits.rank !== 2) return null;
  const { output, samples, attributes } = call;
  const { reduction, ignoreIndex } = attributes as { reduction: Reduction; ignoreIndex: number };
  const each = { reduction: "none" as const, ignoreIndex };
  // The loss of one example is that of a row of logits by itself.
  const slab = stack.slab?.axis === 0 ? stack.slab : null;
  const labels = slab ? target.narrow(0, slab.index, 1) : target;
  const before = slab && reduction !== "none" && apply(crossEntropy, [slabOf(logits, slab), labels], each);
  if (before && !isAllFinite(before))
    return crossEntropyRule({ ...call, stacks: [{ values: wholeOf(stack, logits), slab: null }, null] });
  const rows = slab ? stack.values : wholeOf(stack, logits);
  const targets = labels.expand([samples, ...labels.shape]).reshape([-1]);
  const losses = apply(crossEntropy, [rows.flatten(0, 1), targets], each).reshape([samples, -1]);
  if (reduction === "none") return result(losses, slab);
  const total = (before ? losses.sub(before) : losses).sum(1);
  const scaled =
    reduction === "sum" ? total : total.div(readElements(target).filter((label) => label !== ignoreIndex).length);
  return result(before ? output.add(scaled) : scaled);
};

const { sum, mean, variances, deviations, logsumexp } = reductions;
const { view, reshaped, flattened, unflattened, squeezed, unsqueezed } = views;
const { permuted, transposed, matrixTransposed, moved } = views;
const { range, narrowed, splitPart, chunkPart } = views;

/** The rules of ops that are not elementwise. Ops without a rule are applied in each sample by itself. */
const RULES = new Map<Op, StackRule>(
  (
    [
      [[linear], linearRule],
      [[matmul, mm, bmm], matmulRule],
      [[convolutions[1].forward, convolutions[2].forward], convolutionRule],
      [[...Object.values(maxPools), ...Object.values(averagePools)], poolRule],
      [[view, reshaped, flattened, unflattened, squeezed, unsqueezed], reshapeRule],
      [[permuted, transposed, matrixTransposed, moved], permuteRule],
      [[softmax, logSoftmax, range, narrowed, splitPart, chunkPart], alongDimRule],
      [[sum, mean, variances, deviations, logsumexp], reductionRule],
      [[crossEntropy], crossEntropyRule],
    ] as unknown as readonly (readonly [readonly Op[], StackRule])[]
  ).flatMap(([ops, rule]) => ops.map((op) => [op, rule] as const)),
);
