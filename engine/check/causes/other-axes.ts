import type { GradNode } from "../../core/grad-node.ts";
import { onesLike } from "../../core/creation.ts";
import { apply } from "../../ops/apply.ts";
import { vectorJacobianProduct } from "../../ops/vector-jacobian-product.ts";
import type { Attributes } from "../../recording/attributes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GivenApplication } from "../replay/given-application.ts";
import { subsetsOf } from "./axes.ts";
import type { ChangedStep, Names } from "./changed-steps.ts";
import type { Edge } from "./traced-forward.ts";

/** Axes of a step. */
type Axes = readonly number[];

/** The axes along which a step works, as a softmax or a reduction, and the others that they might have been: as many. */
export function axesOf({ attributes, inputs }: GradNode): { readonly axes: Axes; readonly others: readonly Axes[] } {
  const { dim, dims } = attributes as { readonly dim?: unknown; readonly dims?: unknown };
  const axes = typeof dim === "number" ? [dim] : Array.isArray(dims) ? (dims as Axes).toSorted((a, b) => a - b) : [];
  const all = Array.from(inputs[0]!.shape.keys());
  if (axes.length === 0 || !axes.every((axis) => all.includes(axis))) return { axes, others: [] };
  return { axes, others: subsetsOf(all, axes.length).filter((other) => other.join() !== axes.join()) };
}

/** "0", "0 and 2". */
export function axesText(axes: Axes): string {
  return axes.join(" and ");
}

/** What a step is told to do, along other axes. */
export function along({ attributes }: GradNode, axes: Axes): Attributes {
  return "dim" in attributes ? { ...attributes, dim: axes[0]! } : { ...attributes, dims: axes };
}

/** The rule of a step along another axis than the step itself. */
export function* alongOtherAxes(node: GradNode, input: number, step: string): Generator<ChangedStep> {
  const { axes, others } = axesOf(node);
  const { op, inputs, result } = node;
  for (const other of result === null ? [] : others) {
    const attributes = along(node, other);
    const text = `${step} goes along axis ${axesText(axes)}, its backward along axis ${axesText(other)}`;
    if ("dim" in attributes) {
      yield {
        kind: "missing-reduction",
        text,
        contribution: ({ upstream }) =>
          vectorJacobianProduct(op!, new GivenApplication(attributes, inputs, result!), input, upstream),
      };
    } else {
      yield {
        kind: "missing-reduction",
        text,
        contribution: ({ upstream }) => spread(upstream, inputs[input]!, axes).mul(slope(node, input, attributes)),
      };
    }
  }
}

/** The rule of a step with the result that it would have along another axis. */
export function* withResultAlong({ node, input }: Edge, names: Names): Generator<ChangedStep> {
  const { axes, others } = axesOf(node);
  const { op, inputs, attributes } = node;
  if (!("dim" in attributes) || !op!.saves.includes("output")) return;
  for (const other of others) {
    yield {
      kind: "activation-derivative",
      text: `in the gradient of ${names.step(node)}, its result along axis ${axesText(other)} is used where that along axis ${axesText(axes)} belongs`,
      contribution: ({ upstream }) => {
        const turned = apply(op!, inputs, along(node, other));
        return vectorJacobianProduct(op!, new GivenApplication(attributes, inputs, turned), input, upstream);
      },
    };
  }
}

/** The gradient of a reduction's result at every element that it was made of. */
function spread(upstream: Tensor, x: Tensor, axes: Axes): Tensor {
  const kept = upstream.rank < x.rank ? axes.reduce((t, axis) => t.unsqueeze(axis), upstream) : upstream;
  return kept.expand(...x.shape);
}

/** The derivative of a reduction with other attributes, by each element that it reads. */
function slope({ op, inputs }: GradNode, input: number, attributes: Attributes): Tensor {
  const result = apply(op!, inputs, attributes);
  return vectorJacobianProduct(op!, new GivenApplication(attributes, inputs, result), input, onesLike(result))!;
}
