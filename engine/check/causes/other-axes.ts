import type { GradNode } from "../../core/grad-node.ts";
import { onesLike } from "../../core/creation.ts";
import { apply } from "../../ops/apply.ts";
import { vectorJacobianProduct } from "../../ops/vector-jacobian-product.ts";
import type { Attributes } from "../../recording/attributes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { GivenApplication } from "../replay/given-application.ts";
import type { ChangedStep, Names } from "./changed-steps.ts";
import type { Edge } from "./traced-forward.ts";

/** The axis along which a step works, as a softmax or a reduction over one axis, and the others that it might have been. */
export function axesOf({ attributes, inputs }: GradNode): { readonly axis: number; readonly others: number[] } | null {
  const { dim, dims } = attributes as { readonly dim?: unknown; readonly dims?: unknown };
  const [axis, ...more] = typeof dim === "number" ? [dim] : Array.isArray(dims) ? (dims as readonly number[]) : [];
  if (axis === undefined || more.length > 0) return null;
  const others = Array.from(inputs[0]!.shape.keys()).filter((other) => other !== axis);
  return others.length === inputs[0]!.rank ? null : { axis, others };
}

/** What a step is told to do, along another axis. */
export function along({ attributes }: GradNode, axis: number): Attributes {
  return "dim" in attributes ? { ...attributes, dim: axis } : { ...attributes, dims: [axis] };
}

/** The rule of a step along another axis than the step itself. */
export function* alongOtherAxes(node: GradNode, input: number, step: string): Generator<ChangedStep> {
  const { axis, others } = axesOf(node) ?? { axis: 0, others: [] };
  const { op, inputs, result } = node;
  for (const other of result === null ? [] : others) {
    const attributes = along(node, other);
    const text = `${step} goes along axis ${axis}, its backward along axis ${other}`;
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
        contribution: ({ upstream }) => spread(upstream, inputs[input]!, axis).mul(slope(node, input, attributes)),
      };
    }
  }
}

/** The rule of a step with the result that it would have along another axis. */
export function* withResultAlong({ node, input }: Edge, names: Names): Generator<ChangedStep> {
  const { axis, others } = axesOf(node) ?? { axis: 0, others: [] };
  const { op, inputs, attributes } = node;
  if (!("dim" in attributes) || !op!.saves.includes("output")) return;
  for (const other of others) {
    yield {
      kind: "activation-derivative",
      text: `in the gradient of ${names.step(node)}, its result along axis ${other} is used where that along axis ${axis} belongs`,
      contribution: ({ upstream }) => {
        const turned = apply(op!, inputs, along(node, other));
        return vectorJacobianProduct(op!, new GivenApplication(attributes, inputs, turned), input, upstream);
      },
    };
  }
}

/** The gradient of a reduction's result at every element that it was made of. */
function spread(upstream: Tensor, x: Tensor, axis: number): Tensor {
  return (upstream.rank < x.rank ? upstream.unsqueeze(axis) : upstream).expand(...x.shape);
}

/** The derivative of a reduction with other attributes, by each element that it reads. */
function slope({ op, inputs }: GradNode, input: number, attributes: Attributes): Tensor {
  const result = apply(op!, inputs, attributes);
  return vectorJacobianProduct(op!, new GivenApplication(attributes, inputs, result), input, onesLike(result))!;
}
