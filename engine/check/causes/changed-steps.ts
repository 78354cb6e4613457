import type { CauseKind } from "../../protocol/check.ts";
import type { GradNode } from "../../core/grad-node.ts";
import { onesLike } from "../../core/creation.ts";
import { broadcastsTo, sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { apply } from "../../ops/apply.ts";
import { roleOf } from "../../ops/role.ts";
import { vectorJacobianProduct } from "../../ops/vector-jacobian-product.ts";
import { GivenApplication } from "../replay/given-application.ts";
import { factorText, isSimple } from "./suspect.ts";
import { subsetsOf } from "./axes.ts";
import { alongOtherAxes, axesOf } from "./other-axes.ts";
import { fitted, type Edge } from "./traced-forward.ts";

/** Something else that a backward may have done in one step, in words. */
export interface ChangedStep {
  readonly kind: CauseKind;
  readonly text: string;
  /** It leaves out a number that the step multiplies or divides by. */
  readonly isNumber?: true;
  /** It leaves out a value of one element, which is the same factor for every element. */
  readonly isValue?: true;
  /** The contribution that comes of it; null where it makes none. */
  readonly contribution: (edge: Edge) => Tensor | null;
}

/** How people are told of what a Function's forward computes. */
export interface Names {
  /** "tanh in line 12". */
  step(node: GradNode): string;
  /** The variable, or else what made it. */
  value(tensor: Tensor): string;
}

/** What is multiplied with where the derivative of an op of one operand belongs, of its operand x and its result y. */
const SLOPES: readonly (readonly [of: (x: Tensor, y: Tensor) => Tensor, text: string])[] = [
  [(_, y) => y, "its result y is used in place of it"],
  [(_, y) => y.neg().add(1), "1 − y is used in place of it, y being its result"],
  [(_, y) => y.mul(y.neg().add(1)), "y (1 − y) is used in place of it, y being its result"],
  [(_, y) => y.square().neg().add(1), "1 − y² is used in place of it, y being its result"],
  [(_, y) => y.square().add(1), "1 + y² is used in place of it, y being its result"],
  [(_, y) => y.square(), "the square of its result is used in place of it"],
  [(_, y) => y.reciprocal(), "1 / y is used in place of it, y being its result"],
  [(x) => x, "its operand x is used in place of it"],
  [(x) => x.mul(2), "2 x is used in place of it, x being its operand"],
  [(x) => x.square(), "x² is used in place of it, x being its operand"],
  [(x) => x.square().neg().add(1), "1 − x² is used in place of it, x being its operand"],
  [(x) => x.mul(x.neg().add(1)), "x (1 − x) is used in place of it, x being its operand"],
  [(x) => x.reciprocal(), "1 / x is used in place of it, x being its operand"],
  [(x) => x.square().reciprocal(), "1 / x² is used in place of it, x being its operand"],
  [(x) => x.sigmoid(), "σ(x) is used in place of it, x being its operand"],
];

/** The derivative of one step is left out. */
export function* leftOut(edge: Edge, names: Names): Generator<ChangedStep> {
  const { node, input, upstream } = edge;
  const step = names.step(node);
  const tensor = node.inputs[input]!;
  if (sameShape(upstream.shape, tensor.shape) || broadcastsTo(tensor.shape, upstream.shape)) {
    const isMask = node.op!.blocks === "mask" || passesOrBlocks(edge);
    const left = isMask ? `the mask of ${step}` : `the derivative of ${step}`;
    yield {
      kind: isMask ? "mask" : "activation-derivative",
      text: `${left} is left out: the gradient is passed on there as it is`,
      contribution: (other) => fitted(other.upstream, tensor),
    };
    return;
  }
  const { axes } = axesOf(node);
  // Axes that the step takes away, as the largest along one does.
  const isTaken = upstream.rank === tensor.rank - axes.length;
  const kept = (t: Tensor): Tensor => (isTaken ? axes.reduce((found, axis) => found.unsqueeze(axis), t) : t);
  if (!broadcastsTo(kept(upstream).shape, tensor.shape)) return;
  yield {
    kind: "mask",
    text: `the gradient of ${step} goes to every element that it reads, as that of a sum would`,
    contribution: (other) => kept(other.upstream).expand(...tensor.shape),
  };
  yield {
    kind: "mask",
    text: `the gradient of ${step} is shared out evenly among the elements that it reads, as that of a mean would be`,
    contribution: (other) =>
      kept(other.upstream)
        .expand(...tensor.shape)
        .mul(upstream.numel() / tensor.numel()),
  };
}

/** Changes of one step that need no other value, the likely ones first. */
export function* changedSteps({ node, input, upstream, contribution }: Edge, names: Names): Generator<ChangedStep> {
  const op = node.op!;
  const step = names.step(node);
  const tensor = node.inputs[input]!;
  const isAlone = node.inputs.length === 1;
  const result = node.result;
  const hasSlope = op.saves.length > 0 && result !== null && !isLinear(upstream, contribution);
  if (isAlone && hasSlope && sameShape(result.shape, tensor.shape)) {
    for (const [slope, text] of SLOPES) {
      yield {
        kind: "activation-derivative",
        text: `the wrong derivative of ${step}: ${text}`,
        contribution: (edge) => edge.upstream.mul(slope(tensor, result)),
      };
    }
    yield {
      kind: "activation-derivative",
      text: `the derivative of ${step} is applied twice`,
      contribution: (edge) => vectorJacobianProduct(op, node, input, edge.contribution),
    };
  }
  yield* normalisedOtherwise(node, step);
  // A rule that reads no value belongs to a step that is linear.
  if (isAlone && op.saves.length === 0) {
    yield {
      kind: op.view === undefined ? "transpose" : "shift",
      text: `${step} must be undone: backward applies it to the gradient once more, instead of its transpose`,
      contribution: (edge) => fitting(apply(op, [edge.upstream], node.attributes), tensor),
    };
  }
  if (op.view !== undefined && upstream.numel() === tensor.numel()) {
    yield {
      kind: "transpose",
      text: `the axes that ${step} puts in another order are not put back: backward reshapes the gradient, which mixes elements up`,
      contribution: (edge) => edge.upstream.reshape(...tensor.shape),
    };
  }
  yield* ofOtherOperand(node, input, names);
  yield* reducedOtherwise({ node, input, upstream, contribution }, step);
  yield* alongOtherAxes(node, input, step);
  yield* withFlippedOperands(node, input, names);
  yield* choiceInverted({ node, input, upstream, contribution }, step);
}

/** What is computed where the gradient of a softmax belongs, of the gradient from above, the result, and a sum along its axis. */
const OF_SOFTMAX: readonly (readonly [
  of: (g: Tensor, y: Tensor, sum: (t: Tensor) => Tensor) => Tensor,
  text: string,
])[] = [
  [(g, y, sum) => y.mul(g.sub(sum(g))), "the sum in it lacks the factor y: Σ grad stands where Σ grad · y belongs"],
  [(g, y) => y.mul(g), "Σ grad · y is not subtracted from grad"],
  [(g, y) => g.mul(y).mul(y.neg().add(1)), "its Jacobian is taken as the diagonal y (1 − y)"],
  [(g, y, sum) => g.sub(sum(g.mul(y))), "the factor y before grad − Σ grad · y is left out"],
  [(g, y, sum) => y.mul(g.add(sum(g.mul(y)))), "Σ grad · y is added, where it must be subtracted"],
  [(g, y, sum) => g.mul(y).sub(sum(g.mul(y))), "Σ grad · y is subtracted without the factor y"],
];

/** The same of a logarithm of a softmax. */
const OF_LOG_SOFTMAX: typeof OF_SOFTMAX = [
  [(g, y) => g.sub(y.exp()), "the probabilities are subtracted without the factor Σ grad"],
  [(g, y, sum) => g.sub(y.mul(sum(g))), "its result is used where its exponential, the probabilities, belongs"],
  [
    (g, y, sum) => g.add(y.exp().mul(sum(g))),
    "the probabilities times Σ grad are added, where they must be subtracted",
  ],
  [(g, y) => g.mul(y.exp().neg().add(1)), "its Jacobian is taken as the diagonal 1 − p, p being the probabilities"],
];

/** A softmax, or its logarithm, whose gradient is written wrongly. */
function* normalisedOtherwise(node: GradNode, step: string): Generator<ChangedStep> {
  const role = roleOf(node.op!.id);
  const rules = role === "softmax" ? OF_SOFTMAX : role === "log-softmax" ? OF_LOG_SOFTMAX : [];
  const { dim } = node.attributes as { readonly dim?: unknown };
  const y = node.result;
  if (y === null || typeof dim !== "number") return;
  for (const [of, text] of rules) {
    yield {
      kind: "activation-derivative",
      text: `the gradient of ${step} is wrong: ${text}`,
      contribution: ({ upstream }) => of(upstream, y, (t) => t.sum(dim, true)),
    };
  }
  if (role !== "softmax") return;
  const all = Array.from(y.shape.keys());
  // Another axis in the place of its own is told of by the step itself.
  for (const axes of all.slice(1).flatMap((_, at) => subsetsOf(all, at + 2))) {
    if (!axes.includes(dim)) continue;
    yield {
      kind: "missing-reduction",
      text: `in the gradient of ${step}, Σ grad · y runs over axis ${axes.join(" and ")} of its result, where ${dim} belongs`,
      contribution: ({ upstream }) => y.mul(upstream.sub(upstream.mul(y).sum(axes, true))),
    };
  }
}

/** What an op that chooses among its operands, as `minimum` does, gives to the one where the other was chosen. */
function* choiceInverted(edge: Edge, step: string): Generator<ChangedStep> {
  const { node, input } = edge;
  if (node.op!.elementwise !== true) return;
  if (!passesOrBlocks(edge)) return;
  yield {
    kind: "mask",
    text: `the mask of ${step} is used inverted`,
    contribution: (other) => {
      const through = raw(other);
      return through && fitted(other.upstream.sub(through), node.inputs[input]!);
    },
  };
}

/** Whether a step passes some elements of the gradient on as they are and none of the others: what it reads is a mask. */
export function passesOrBlocks(edge: Edge): boolean {
  const chosen = raw(edge);
  if (chosen === null || !sameShape(chosen.shape, edge.upstream.shape)) return false;
  const [given, passed] = [readElements(edge.upstream), readElements(chosen)];
  const isPassedOn = passed.every((value, i) => value === 0 || value === given[i]);
  return isPassedOn && passed.includes(0) && !passed.every((value) => value === 0);
}

/** What a step's rule gives for an operand, before it is summed to a shape that was broadcast. */
function raw({ node, input, upstream }: Edge): Tensor | null {
  const rule = node.op!.vjp;
  return typeof rule === "function" ? rule(upstream, node, input) : (rule[input]?.(upstream, node) ?? null);
}

/** Whether a step passes the gradient on as it is, or turned around: it has no slope that could be another. */
function isLinear(upstream: Tensor, contribution: Tensor): boolean {
  const [given, passed] = [readElements(upstream), readElements(contribution)];
  const ratio = passed[0]! / given[0]!;
  return given.every((value, i) => Math.abs(passed[i]! - ratio * value) <= 1e-9 * Math.abs(passed[i]!));
}

/** A sum over the axes along which an operand was broadcast, done over others, or not at all. */
function* reducedOtherwise({ node, input, upstream }: Edge, step: string): Generator<ChangedStep> {
  const tensor = node.inputs[input]!;
  const lead = upstream.rank - tensor.rank;
  const repeated = upstream.shape.flatMap((size, axis) =>
    size > 1 && (axis < lead || tensor.shape[axis - lead] === 1) ? [axis] : [],
  );
  if (lead < 0 || repeated.length === 0) return;
  const list = repeated.join(" and ");
  for (const [of, text] of [
    [
      (t: Tensor) => t.mean(repeated, true),
      `the gradient of ${step} is averaged over axis ${list}, where it must be summed`,
    ],
    [
      (t: Tensor) => first(t, repeated, 0),
      `the gradient of ${step} is not summed over axis ${list}: only the first entry is used`,
    ],
    [
      (t: Tensor) => first(t, repeated, -1),
      `the gradient of ${step} is not summed over axis ${list}: only the last entry is used`,
    ],
  ] as const) {
    yield { kind: "missing-reduction", text, contribution: (edge) => onRaw(raw(edge), upstream, tensor, of) };
  }
  const sizes = upstream.shape.flatMap((size, axis) => (size > 1 ? [axis] : []));
  for (const others of subsetsOf(sizes, repeated.length)) {
    if (others.join() === repeated.join()) continue;
    yield {
      kind: "missing-reduction",
      text: `the gradient of ${step} is summed over axis ${others.join(" and ")}, where ${list} belongs`,
      contribution: (edge) => onRaw(raw(edge), upstream, tensor, (t) => t.sum(others, true)),
    };
  }
}

function onRaw(raw: Tensor | null, upstream: Tensor, like: Tensor, of: (t: Tensor) => Tensor): Tensor | null {
  if (raw === null || !sameShape(raw.shape, upstream.shape)) return null;
  const reduced = of(raw);
  return reduced.numel() === like.numel() ? reduced.reshape(...like.shape) : null;
}

function first(tensor: Tensor, axes: readonly number[], at: 0 | -1): Tensor {
  return axes.reduce((t, axis) => t.narrow(axis, at === 0 ? 0 : t.shape[axis]! - 1, 1), tensor);
}

/** What another operand gets of the same step; or the gradient from above transposed before it is used. */
function* ofOtherOperand(node: GradNode, input: number, names: Names): Generator<ChangedStep> {
  const op = node.op!;
  const tensor = node.inputs[input]!;
  const step = names.step(node);
  for (const [at, other] of node.inputs.entries()) {
    if (at === input || !isFloating(other.dtype) || !sameShape(other.shape, tensor.shape)) continue;
    yield {
      kind: "swapped-inputs",
      text: `in the gradient of ${step}, what belongs to operand ${at + 1} is used for operand ${input + 1}`,
      contribution: (edge) => vectorJacobianProduct(op, node, at, edge.upstream),
    };
  }
  yield* multipliedOtherwise(node, input, step);
  const [rows, columns] = (node.result?.shape ?? []).slice(-2);
  if (op.elementwise === true || op.view !== undefined || rows === undefined || rows !== columns) return;
  yield {
    kind: "transpose",
    text: `the gradient of the result of ${step} is transposed before it is used, or should be`,
    contribution: (edge) => vectorJacobianProduct(op, node, input, edge.upstream.transpose(-2, -1)),
  };
  if (!op.saves.includes("output") || node.result === null) return;
  const text = `in the gradient of ${step}, its result is used where its transpose belongs, or the reverse`;
  yield instead(node, input, "output", node.result.transpose(-2, -1), "transpose", text);
}

/** The gradient of a product of two matrices: the other matrix from the wrong side, transposed or not. */
function* multipliedOtherwise(node: GradNode, input: number, step: string): Generator<ChangedStep> {
  const tensor = node.inputs[input]!;
  const other = node.inputs[1 - input];
  if (roleOf(node.op!.id) !== "product" || node.inputs.length !== 2 || other === undefined) return;
  if (tensor.rank < 2 || other.rank < 2 || node.result!.rank < 2) return;
  const product = (edge: Edge, isTransposed: boolean, isFirst: boolean): Tensor | null => {
    const factor = isTransposed ? other.transpose(-2, -1) : other;
    const made = isFirst ? factor.matmul(edge.upstream) : edge.upstream.matmul(factor);
    return fitted(made, tensor);
  };
  yield {
    kind: "transpose",
    text: `in the gradient of ${step}, the two matrices are multiplied in the wrong order`,
    contribution: (edge) => product(edge, true, input === 0),
  };
  yield {
    kind: "transpose",
    text: `in the gradient of ${step}, the two matrices are multiplied in the wrong order, and that of forward is not transposed`,
    contribution: (edge) => product(edge, false, input === 0),
  };
}

/** Another operand transposed, turned around, or negated where it is a mask. */
function* withFlippedOperands(node: GradNode, input: number, names: Names): Generator<ChangedStep> {
  const step = names.step(node);
  for (const [at, other] of node.inputs.entries()) {
    if (at === input) continue;
    const called = names.value(other);
    if (other.dtype === "bool") {
      const always = onesLike(other);
      yield instead(node, input, at, other.logicalNot(), "mask", `the mask of ${step} is used inverted`);
      const alone = "is not looked at: the gradient is that of one branch alone, for every element";
      yield instead(node, input, at, always, "mask", `the condition of ${step} ${alone}, the first`);
      yield instead(node, input, at, always.logicalNot(), "mask", `the condition of ${step} ${alone}, the second`);
      continue;
    }
    if (other.rank < 1 || node.op!.elementwise === true) continue;
    const [rows, columns] = other.shape.slice(-2);
    if (columns !== undefined && rows === columns) {
      const text = `in the gradient of ${step}, ${called} is used where its transpose belongs, or the reverse`;
      yield instead(node, input, at, other.transpose(-2, -1), "transpose", text);
    }
    for (const axes of other.rank < 2 ? [[-1]] : [[-1], [-2], [-2, -1]]) {
      const text = `in the gradient of ${step}, ${called} is turned around along ${axes.length === 1 ? (axes[0] === -1 ? "its last axis" : "its last axis but one") : "its last two axes"}, or should be`;
      yield instead(node, input, at, other.flip(axes), "shift", text);
    }
  }
}

/** Values of the forward that are used for others that a step's rule reads. */
export function* withOtherValues(
  { node, input }: Edge,
  values: readonly Tensor[],
  names: Names,
): Generator<ChangedStep> {
  for (const slot of savedSlots(node)) {
    const right = slot === "output" ? node.result! : node.inputs[slot]!;
    for (const value of values) {
      if (value === right || value.dtype !== right.dtype || !sameShape(value.shape, right.shape)) continue;
      const text = `in the gradient of ${names.step(node)}, ${names.value(value)} is used where ${names.value(right)} belongs`;
      yield instead(node, input, slot, value, "activation-derivative", text);
    }
  }
}

/** A step along an axis, as a softmax, whose derivative is that at another value: its operand and its result are others. */
export function* takenElsewhere(
  { node, input }: Edge,
  values: readonly Tensor[],
  names: Names,
): Generator<ChangedStep> {
  const op = node.op!;
  const [x] = node.inputs as [Tensor];
  if (node.inputs.length !== 1 || op.elementwise === true || !op.saves.includes("output")) return;
  for (const value of values) {
    if (value === x || value.dtype !== x.dtype || !sameShape(value.shape, x.shape)) continue;
    yield {
      kind: "activation-derivative",
      text: `the derivative of ${names.step(node)} is taken at ${names.value(value)}, where it must be taken at ${names.value(x)}`,
      contribution: ({ upstream }) => {
        const made = apply(op, [value], node.attributes);
        return vectorJacobianProduct(op, new GivenApplication(node.attributes, [value], made), input, upstream);
      },
    };
  }
}

/** Another operand taken as ones; a number that the step multiplies by. */
export function* withoutFactor({ node, input }: Edge, names: Names): Generator<ChangedStep> {
  const op = node.op!;
  const step = names.step(node);
  for (const slot of node.inputs.length < 2 ? [] : savedSlots(node)) {
    const value = slot === "output" ? null : node.inputs[slot]!;
    if (value === null || slot === "output" || !isFloating(value.dtype)) continue;
    const what = roleOf(op.id) === "multiply" ? "the factor " : roleOf(op.id) === "divide" ? "the division by " : "";
    const text = `in the gradient of ${step}, ${what}${names.value(value)} is left out`;
    const change = instead(node, input, slot, onesLike(value), "activation-derivative", text);
    // Where nothing is left, as of log x for x = 1, it is all that comes through there that is left out.
    const contribution = (edge: Edge): Tensor | null => {
      const left = change.contribution(edge);
      return left !== null && readElements(left).some((element) => element !== 0) ? left : null;
    };
    const isValue = value.numel() === 1 && !isSimple(readElements(value)[0]!);
    yield { ...change, contribution, ...(isValue && { isValue: true as const }) };
  }
  const { value } = node.attributes as { readonly value?: unknown };
  const role = roleOf(op.id);
  if (node.inputs.length > 1 || typeof value !== "number" || (role !== "multiply" && role !== "divide")) return;
  yield {
    kind: "scale",
    text: `in the gradient of ${step}, the ${role === "multiply" ? "factor" : "division by"} ${factorText(value)} is left out`,
    isNumber: true,
    contribution: (edge) => edge.upstream,
  };
}

/** What a step's rule reads: of ops that take any number of operands, those that there are. */
export function savedSlots({ op, inputs }: GradNode): readonly (number | "output")[] {
  return op!.saves.filter((slot) => slot === "output" || slot < inputs.length);
}

function instead(
  node: GradNode,
  input: number,
  slot: number | "output",
  value: Tensor,
  kind: CauseKind,
  text: string,
): ChangedStep {
  const inputs = node.inputs.map((own, i) => (i === slot ? value : own));
  const at = new GivenApplication(node.attributes, inputs, slot === "output" ? value : node.result!);
  return { kind, text, contribution: (edge) => vectorJacobianProduct(node.op!, at, input, edge.upstream) };
}

function fitting(tensor: Tensor, like: Tensor): Tensor | null {
  return sameShape(tensor.shape, like.shape) ? tensor : null;
}
