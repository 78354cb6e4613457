import { collectNodes } from "../../autograd/collect-nodes.ts";
import { sum } from "../../autograd/cotangent.ts";
import type { GradNode } from "../../core/grad-node.ts";
import { sameShape } from "../../core/shape.ts";
import { readElements } from "../../core/elements.ts";
import { Tensor } from "../../core/tensor.ts";
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

/** With so many elements a step takes twice as long as with none. */
const ELEMENTS_OF_A_STEP = 4096;

/** What is done at some edges in place of what is right; null for no contribution. */
export type Changes = ReadonlyMap<GradNode, ReadonlyMap<number, (edge: Edge) => Tensor | null>>;

/**
 * A custom Function's forward, recorded as any other code is: what its backward should do, op by op. Gradients are linear
 * in each step, so that what one changed step changes is found by sending the change alone on from there.
 */
export class TracedForward {
  readonly outputs: readonly Tensor[];
  readonly input: Tensor;
  /** Those that lead from the input to an output, in the order of their creation. */
  readonly nodes: readonly GradNode[];
  /** Those and the others behind the outputs, in the same order. */
  readonly all: readonly GradNode[];
  /** Everything that the forward was given and made, or kept for the backward. */
  readonly values: readonly Tensor[];
  /** Of those, what backward can read and no step may have. */
  readonly kept: readonly Tensor[];
  readonly #leads: ReadonlySet<GradNode | Tensor>;
  /** Steps that have been run backward so far, each as much as its elements make of it. */
  work = 0;

  /**
   * @param input a leaf that requires a gradient.
   * @param kept what backward can read and no step may have: operands, and what was made only to be kept
   */
  constructor(outputs: readonly Tensor[], input: Tensor, kept: readonly Tensor[] = []) {
    this.outputs = outputs;
    this.input = input;
    const roots = outputs.filter((output) => output.ownNode !== null);
    this.nodes = collectNodes("check", roots, [input]);
    const values = new Set<Tensor>();
    this.all = collectNodes("check", roots, null);
    for (const { inputs, result } of this.all) {
      for (const operand of inputs) values.add(operand);
      if (result !== null) values.add(result);
    }
    this.kept = kept;
    this.values = [...new Set([...values, ...kept])];
    this.#leads = new Set<GradNode | Tensor>([...this.nodes, input]);
  }

  /** Whether every step has a rule of the engine; a Function within the Function has none. */
  get isPlain(): boolean {
    return this.nodes.every(({ op }) => op !== null && op.id !== output.id);
  }

  /** Values on the way that all come through to a node's result, nearest first: what goes back from it passes each of them. */
  before(node: GradNode): readonly Tensor[] {
    const found: Tensor[] = [];
    const open = new Set<GradNode | Tensor>([node]);
    for (let at = this.nodes.indexOf(node); at >= 0; at--) {
      const step = this.nodes[at]!;
      if (!open.delete(step)) continue;
      for (const tensor of step.inputs) {
        const key = tensor.ownNode ?? tensor;
        if (this.#leads.has(key)) open.add(key);
      }
      const [only] = open;
      if (open.size !== 1 || only === undefined) continue;
      const value = only === this.input ? this.input : step.inputs.find((tensor) => tensor.ownNode === only);
      const made = value ?? (only instanceof Tensor ? null : only.result);
      if (made !== null) found.push(made);
    }
    return found;
  }

  /** What the input gets from cotangents of the outputs, and every step on the way. */
  backward(cotangents: readonly (Tensor | null)[]): {
    readonly gradient: Float64Array;
    readonly edges: readonly Edge[];
  } {
    const edges: Edge[] = [];
    const gradient = this.#flow(this.#seeds(cotangents), (edge) => edges.push(edge));
    return { gradient, edges };
  }

  /** What the input gets where some steps are done otherwise, each with what the changed ones behind it pass on. */
  changed(cotangents: readonly (Tensor | null)[], changes: Changes): Float64Array {
    return this.#flow(this.#seeds(cotangents), null, changes);
  }

  /** What the input gets of a cotangent of any tensor on the way. */
  from(tensor: Tensor, cotangent: Tensor): Float64Array {
    return this.#flow([[tensor, cotangent]], null);
  }

  #seeds(cotangents: readonly (Tensor | null)[]): [Tensor, Tensor][] {
    return this.outputs.flatMap((output, i): [Tensor, Tensor][] => {
      const cotangent = cotangents[i];
      return cotangent ? [[output, cotangent]] : [];
    });
  }

  #flow(
    seeds: readonly (readonly [Tensor, Tensor])[],
    visit: ((edge: Edge) => void) | null,
    changes?: Changes,
  ): Float64Array {
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
        const right = vectorJacobianProduct(node.op!, node, input, upstream);
        this.work += 1 + upstream.numel() / ELEMENTS_OF_A_STEP;
        if (right === null) continue;
        visit?.({ node, input, upstream, contribution: right });
        const change = changes?.get(node)?.get(input);
        const contribution = change === undefined ? right : change({ node, input, upstream, contribution: right });
        if (contribution !== null) deliver(tensor, contribution);
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
