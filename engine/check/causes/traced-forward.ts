import { collectNodes } from "../../autograd/collect-nodes.ts";
import { sum } from "../../autograd/cotangent.ts";
import type { GradNode } from "../../core/grad-node.ts";
import { sameShape } from "../../core/shape.ts";
import { readElements, type Tensor } from "../../core/tensor.ts";
import { output } from "../../ops/output-of.ts";
import { alignCotangent, vectorJacobianProduct } from "../../ops/vector-jacobian-product.ts";

/** An op of a Function's forward, and one of its inputs through which a gradient goes on to the input that is examined. */
export interface Edge {
  readonly node: GradNode;
  readonly input: number;
  /** The cotangent of the op's result. */
  readonly upstream: Tensor;
  /** What the op's own rule makes of it for that input. */
  readonly contribution: Tensor;
}

/**
 * A custom Function's forward, recorded as any other code is: what its backward should do, op by op. Gradients are linear
 * in each step, so that what one changed step changes is found by sending the change alone on from there.
 */
export class TracedForward {
  readonly outputs: readonly Tensor[];
  readonly input: Tensor;
  /** Those that lead from the input to an output, in the order of their creation. */
  readonly nodes: readonly GradNode[];
  /** Everything that the forward was given and made. */
  readonly values: readonly Tensor[];
  readonly #leads: ReadonlySet<GradNode | Tensor>;

  /** @param input a leaf that requires a gradient. */
  constructor(outputs: readonly Tensor[], input: Tensor) {
    this.outputs = outputs;
    this.input = input;
    const roots = outputs.filter((output) => output.ownNode !== null);
    this.nodes = collectNodes("check", roots, [input]);
    const values = new Set<Tensor>();
    for (const { inputs, result } of collectNodes("check", roots, null)) {
      for (const operand of inputs) values.add(operand);
      if (result !== null) values.add(result);
    }
    this.values = [...values];
    this.#leads = new Set<GradNode | Tensor>([...this.nodes, input]);
  }

  /** Whether every step has a rule of the engine; a Function within the Function has none. */
  get isPlain(): boolean {
    return this.nodes.every(({ op }) => op !== null && op.id !== output.id);
  }

  /** What the input gets from cotangents of the outputs, and every step on the way. */
  backward(cotangents: readonly (Tensor | null)[]): {
    readonly gradient: Float64Array;
    readonly edges: readonly Edge[];
  } {
    const seeds = this.outputs.flatMap((output, i): [Tensor, Tensor][] => {
      const cotangent = cotangents[i];
      return cotangent ? [[output, cotangent]] : [];
    });
    const edges: Edge[] = [];
    const gradient = this.#flow(seeds, (edge) => edges.push(edge));
    return { gradient, edges };
  }

  /** What the input gets of a cotangent of any tensor on the way. */
  from(tensor: Tensor, cotangent: Tensor): Float64Array {
    return this.#flow([[tensor, cotangent]], null);
  }

  #flow(seeds: readonly (readonly [Tensor, Tensor])[], visit: ((edge: Edge) => void) | null): Float64Array {
    const cotangents = new Map<GradNode | Tensor, Tensor>();
    const deliver = (tensor: Tensor, part: Tensor): void => {
      const key = tensor.ownNode ?? tensor;
      if (!this.#leads.has(key)) return;
      const before = cotangents.get(key);
      cotangents.set(key, before === undefined ? part : sum(before, part, false));
    };
    for (const [tensor, cotangent] of seeds) deliver(tensor, cotangent);
    for (let at = this.nodes.length - 1; at >= 0; at--) {
      const node = this.nodes[at]!;
      const upstream = cotangents.get(node);
      if (upstream === undefined) continue;
      for (const [input, tensor] of node.inputs.entries()) {
        if (!this.#leads.has(tensor.ownNode ?? tensor)) continue;
        const contribution = vectorJacobianProduct(node.op!, node, input, upstream);
        if (contribution === null) continue;
        visit?.({ node, input, upstream, contribution });
        deliver(tensor, contribution);
      }
    }
    const gradient = cotangents.get(this.input);
    return gradient ? readElements(gradient) : new Float64Array(this.input.numel());
  }
}

/** A cotangent summed to a shape that was broadcast; null where it does not fit. */
export function fitted(cotangent: Tensor, like: Tensor): Tensor | null {
  if (sameShape(cotangent.shape, like.shape)) return cotangent;
  const lead = cotangent.shape.length - like.shape.length;
  const isBroadcast =
    lead >= 0 && like.shape.every((size, axis) => size === 1 || size === cotangent.shape[axis + lead]);
  return isBroadcast ? alignCotangent(cotangent, like.shape, like.dtype) : null;
}
