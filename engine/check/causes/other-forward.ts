import type { CauseKind } from "../../protocol/check.ts";
import { withGradMode } from "../../context/grad-mode.ts";
import type { GradNode } from "../../core/grad-node.ts";
import { fromNumbers } from "../../core/creation.ts";
import { readElements } from "../../core/elements.ts";
import { sameShape } from "../../core/shape.ts";
import { isFloating, type Tensor } from "../../core/tensor.ts";
import { apply } from "../../ops/apply.ts";
import { roleOf } from "../../ops/role.ts";
import type { Names } from "./changed-steps.ts";
import { along, axesOf, axesText } from "./other-axes.ts";
import { factorText } from "./suspect.ts";
import { TracedForward } from "./traced-forward.ts";
import { isNamed, type ForwardMistake, type TracedSearch } from "./traced-search.ts";

/** Steps of a forward that is run again; of longer ones it would take long. */
const MOST_STEPS = 60;

/** One step of a forward as it might have been. */
interface OtherStep {
  readonly kind?: CauseKind;
  readonly text: string;
  readonly run: Run;
}

type Run = (inputs: readonly Tensor[]) => Tensor;

/**
 * A backward that is right, but that of another forward: of one without a step, such as an epsilon or a clamp, along
 * another axis, or with n in place of n − 1. Only ops of the engine are run again, with the values that the forward had.
 */
export function ofOtherForward(search: TracedSearch): ForwardMistake | null {
  const { traced, names } = search;
  const all = traced.all;
  if (all.length > MOST_STEPS) return null;
  for (const node of all) {
    for (const { kind = "missing-term", text, run } of otherSteps(node, names)) {
      if (search.isOver) return null;
      if (isThatOf(search, new Map([[node, run]]))) return { kind, text };
    }
  }
  const elsewhere = atOtherValue(search) ?? withTurnedOperand(search);
  if (elsewhere !== null) return elsewhere;
  for (const [number, nodes] of numbersOf(all)) {
    if (search.isOver) return null;
    if (!isThatOf(search, new Map(nodes.map((node) => [node, ([x]) => x!])))) continue;
    const text = `backward is that of a forward without the number ${factorText(number)}, which stands in ${nodes.map((node) => names.step(node)).join(" and ")}`;
    return { kind: "missing-term", text };
  }
  return null;
}

/** Numbers that several steps multiply or divide by, as a temperature; with those steps. */
function numbersOf(all: readonly GradNode[]): readonly (readonly [number, readonly GradNode[]])[] {
  const found = new Map<number, GradNode[]>();
  for (const node of all) {
    const { value } = node.attributes as { readonly value?: unknown };
    const role = roleOf(node.op!.id);
    if (node.inputs.length !== 1 || typeof value !== "number" || (role !== "multiply" && role !== "divide")) continue;
    found.set(value, [...(found.get(value) ?? []), node]);
  }
  return [...found].filter(([, nodes]) => nodes.length > 1);
}

/** Whether what backward returned is the gradient of the forward with these steps done otherwise. */
function isThatOf(search: TracedSearch, changed: ReadonlyMap<GradNode, Run>): boolean {
  const { traced } = search;
  return explains(
    search,
    attempt(() => rerun(traced, changed)),
  );
}

function explains(search: TracedSearch, other: TracedForward | null): boolean {
  const { traced } = search;
  if (other === null) return false;
  const isIt = search.explains(({ probe, right }) =>
    other.backward(probe.cotangents).gradient.map((value, e) => value - right[e]!),
  );
  traced.work += other.work + traced.all.length;
  return isIt;
}

/**
 * The right gradient of the same forward, but where another value stands for the operand: its own result, as where that was
 * kept, or took the operand's place before it was kept, or a value that forward has made of it.
 */
function atOtherValue(search: TracedSearch): ForwardMistake | null {
  const { traced, names } = search;
  const { input, outputs } = traced;
  for (const value of traced.values) {
    const isResult = outputs.includes(value);
    if (search.isOver) return null;
    if (
      value === input ||
      !(isResult || isNamed(value)) ||
      value.dtype !== input.dtype ||
      !sameShape(value.shape, input.shape)
    )
      continue;
    const stand = fromNumbers(readElements(value), value.shape, value.dtype).requiresGrad_();
    if (
      !explains(
        search,
        attempt(() => rerun(traced, new Map(), stand)),
      )
    )
      continue;
    const what = isResult ? "its result" : names.value(value);
    const text = `the derivative is taken at ${what}, where it must be taken at ${names.value(input)}: backward reads the wrong value, or one that was written over`;
    return { kind: "activation-derivative", text };
  }
  return null;
}

/** Different values that a kernel has, and a mask has not. */
const FEWEST_VALUES = 4;

/** Axes that an operand may be turned around along, from the last: those of a kernel are two. */
const TURNED: readonly (readonly [axes: readonly number[], text: string])[] = [
  [[-1, -2], "its last two axes"],
  [[-1], "its last axis"],
  [[-2], "its last axis but one"],
];

/** The right gradient of the same forward, but with another operand turned around, as the kernel of a convolution. */
function withTurnedOperand(search: TracedSearch): ForwardMistake | null {
  const { traced, names } = search;
  for (const operand of traced.kept) {
    if (operand === traced.input || operand.ownNode !== null || !isFloating(operand.dtype)) continue;
    // Masks and targets have few values, and turned around are much as they were.
    if (new Set(readElements(operand)).size < FEWEST_VALUES) continue;
    for (const [axes, where] of TURNED) {
      if (search.isOver) return null;
      if (operand.rank < Math.max(2, axes.length)) continue;
      const turned = new Map([[operand, operand.flip(axes.map((axis) => operand.rank + axis))]]);
      if (
        !explains(
          search,
          attempt(() => rerun(traced, new Map(), traced.input, turned)),
        )
      )
        continue;
      const text = `in the gradient, ${names.value(operand)} is turned around along ${where}, or should be: it must be read as forward reads it`;
      return { kind: "shift", text };
    }
  }
  return null;
}

function* otherSteps(node: GradNode, names: Names): Generator<OtherStep> {
  const [x] = node.inputs as [Tensor];
  const step = names.step(node);
  const { value, correction } = node.attributes as { readonly value?: unknown; readonly correction?: unknown };
  if (node.inputs.length === 1 && node.op!.view === undefined && sameShape(x.shape, node.result!.shape)) {
    const isSum = roleOf(node.op!.id) === "add" || roleOf(node.op!.id) === "subtract";
    const what = isSum && typeof value === "number" ? `the ${factorText(value)} of ${step}` : step;
    yield {
      text: `backward is that of a forward without ${what}: it is left out in all that follows from it`,
      run: ([operand]) => operand!,
    };
  }
  const { axes, others } = axesOf(node);
  for (const other of others) {
    yield {
      text: `backward is that of a forward whose ${step} goes along axis ${axesText(other)}, where it goes along axis ${axesText(axes)}`,
      run: (inputs) => apply(node.op!, inputs, along(node, other)),
    };
  }
  yield* withTransposedFactor(node, names);
  if (typeof correction !== "number") return;
  const other = correction === 0 ? 1 : 0;
  yield {
    text: `backward is that of ${step} with ${other === 0 ? "n" : "n − 1"} in place of ${other === 0 ? "n − 1" : "n"}`,
    run: (inputs) => apply(node.op!, inputs, { ...node.attributes, correction: other }),
  };
}

/** A product of matrices of which one is square, so that its transpose fits as well. */
function* withTransposedFactor({ op, inputs, attributes }: GradNode, names: Names): Generator<OtherStep> {
  if (roleOf(op!.id) !== "product" || inputs.length !== 2) return;
  for (const [at, factor] of inputs.entries()) {
    if (factor.rank < 2 || factor.shape.at(-1) !== factor.shape.at(-2)) continue;
    yield {
      kind: "transpose",
      text: `in the gradient, ${names.value(factor)} is transposed, or should be: it must be read as forward reads it`,
      run: (operands) => apply(op!, operands.with(at, operands[at]!.transpose(-2, -1)), attributes),
    };
  }
}

/** The forward once more, with some steps done otherwise, from the same leaves or with another for the input. */
function rerun(
  { outputs, input, all, kept }: TracedForward,
  changed: ReadonlyMap<GradNode, Run>,
  stand: Tensor = input,
  others: ReadonlyMap<Tensor, Tensor> = new Map(),
): TracedForward {
  return withGradMode(true, () => {
    const made = new Map<GradNode, Tensor>();
    const now = (tensor: Tensor): Tensor =>
      tensor === input
        ? stand
        : tensor.ownNode === null
          ? (others.get(tensor) ?? tensor)
          : (made.get(tensor.ownNode) ?? tensor);
    for (const node of all) {
      const inputs = node.inputs.map(now);
      const run = changed.get(node);
      made.set(node, run ? run(inputs) : apply(node.op!, inputs, node.attributes));
    }
    return new TracedForward(outputs.map(now), stand, kept);
  });
}

function attempt<T>(body: () => T): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}
