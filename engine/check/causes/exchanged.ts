import type { GradNode } from "../../core/grad-node.ts";
import { sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Difference, ForwardMistake, TracedSearch } from "./traced-search.ts";

/** In a longer forward there are too many pairs. */
const MOST_VALUES = 24;

/**
 * Two values of one shape that the input leads to on ways of their own, as both ends of an interpolation: what belongs to each
 * is used for the other.
 */
export function cotangentsExchanged(search: TracedSearch): ForwardMistake | null {
  const { traced, names } = search;
  const { nodes } = traced;
  if (nodes.length > MOST_VALUES) return null;
  for (const [i, a] of nodes.entries()) {
    for (const b of nodes.slice(i + 1)) {
      if (search.isOver) return null;
      if (!sameShape(a.result!.shape, b.result!.shape) || isBehind(a, b)) continue;
      if (!search.explains((difference) => ofExchange(search, difference, a, b))) continue;
      const text = `what belongs to ${names.value(a.result!)} is used for ${names.value(b.result!)}, and the reverse`;
      return { kind: "swapped-inputs", text };
    }
  }
  return null;
}

/** By how much the gradient changes when two values are given each other's cotangent. */
function ofExchange(search: TracedSearch, { edges }: Difference, a: GradNode, b: GradNode): Float64Array | null {
  const cotangentOf = (node: GradNode): Tensor | undefined => edges.find((edge) => edge.node === node)?.upstream;
  const [ofA, ofB] = [cotangentOf(a), cotangentOf(b)];
  if (ofA === undefined || ofB === undefined) return null;
  const change = ofB.sub(ofA);
  const [throughA, throughB] = [search.traced.from(a.result!, change), search.traced.from(b.result!, change)];
  return throughA.map((value, e) => value - throughB[e]!);
}

/** Whether the second is made of the first. */
function isBehind(first: GradNode, second: GradNode): boolean {
  const seen = new Set<GradNode>();
  const leads = (node: GradNode): boolean => {
    if (node === first) return true;
    if (node.sequence < first.sequence || seen.has(node)) return false;
    seen.add(node);
    return node.inputs.some(({ ownNode }) => ownNode !== null && leads(ownNode));
  };
  return leads(second);
}
