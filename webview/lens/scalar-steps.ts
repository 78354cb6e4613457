import type { ScalarFlow, ScalarGraph, ScalarTensor } from "../../engine/protocol/scalars.ts";
import { nameFrom } from "../../engine/recording/node-names.ts";

/** One product on its way: `element` of `input` gets local × upstream from element `from` of `consumer`. */
export interface ScalarTerm {
  readonly input: number;
  readonly element: number;
  /** Which input of the consumer it is. */
  readonly position: number;
  readonly consumer: number;
  readonly from: number;
  readonly local: number;
  readonly upstream: number;
}

/** How many element steps an op's backward step is made of; one where no rule tells its parts. */
export function elementSteps(graph: ScalarGraph, node: number): number {
  const tensor = graph.tensors.find((one) => one.node === node);
  if (!tensor?.isOp) return 1;
  return decomposes(graph, node) ? Math.max(1, tensor.data.length) : 1;
}

function decomposes(graph: ScalarGraph, node: number): boolean {
  return flowsOf(graph, node).every((flow) => !flow.local.some(Number.isNaN) || !receives(graph, flow));
}

function receives(graph: ScalarGraph, flow: ScalarFlow): boolean {
  return graph.tensors.some((one) => one.node === flow.input && one.requiresGrad);
}

function flowsOf(graph: ScalarGraph, node: number): readonly ScalarFlow[] {
  return graph.flows.filter((flow) => flow.consumer === node);
}

/** What an element of an op's result passes back when its turn comes. */
export function termsOf(graph: ScalarGraph, node: number, element: number): readonly ScalarTerm[] {
  const tensor = graph.tensors.find((one) => one.node === node);
  const upstream = tensor?.gradient?.[element];
  if (upstream === undefined) return [];
  return flowsOf(graph, node)
    .filter((flow) => receives(graph, flow))
    .flatMap((flow) =>
      Array.from(flow.to, (to, i) =>
        to === element
          ? [
              {
                input: flow.input,
                element: flow.from[i] ?? 0,
                position: flow.position,
                consumer: node,
                from: element,
                local: flow.local[i] ?? NaN,
                upstream,
              },
            ]
          : [],
      ).flat(),
    );
}

/**
 * The gradients as they are within a backward step: what the engine says had arrived when the step began, and what the
 * first `done` elements of the op that is at work have added.
 */
export function gradientsWithin(
  graph: ScalarGraph,
  node: number | null,
  done: number,
): ReadonlyMap<number, readonly (number | null)[]> {
  const gradients = new Map<number, (number | null)[]>();
  for (const tensor of graph.tensors) {
    gradients.set(
      tensor.node,
      Array.from(tensor.data, (_, i) => tensor.gradient?.[i] ?? null),
    );
  }
  if (node === null) return gradients;
  for (let element = 0; element < done; element++) {
    for (const term of termsOf(graph, node, element)) {
      const of = gradients.get(term.input);
      if (of) of[term.element] = (of[term.element] ?? 0) + term.local * term.upstream;
    }
  }
  return gradients;
}

/** What to call an element: "a", "w[0, 1]", "mul", "mul[2]". */
export function elementName(tensor: ScalarTensor, element: number): string {
  const name = nameFrom(tensor);
  return tensor.shape.length === 0 ? name : `${name}[${indexOf(tensor.shape, element).join(", ")}]`;
}

export function indexOf(shape: readonly number[], flat: number): number[] {
  const index = new Array<number>(shape.length).fill(0);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    index[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}
