import type { NodeId, PassId } from "./ids.ts";
import type { Site } from "./site.ts";

/** One node of a comparison: in both passes, or in one of them alone. */
export interface ComparedNode {
  /** Its row in the first pass, and in the second; null where that pass has no such op. Never both. */
  readonly nodes: readonly [NodeId | null, NodeId | null];
  /** The op as the program writes it; of a leaf "parameter" or "input". */
  readonly op: string;
  readonly label: string;
  readonly isLeaf: boolean;
  /** "encoder.layers.3.attn", or "". */
  readonly scope: string;
  readonly sites: readonly [Site | null, Site | null];
  readonly shapes: readonly [readonly number[] | null, readonly number[] | null];
  /**
   * The norm of the difference over the larger norm: 0 where all elements are the same, Infinity where one is finite and its
   * partner is not, NaN where it cannot be told (other shapes, or not kept).
   */
  readonly value: number;
  readonly gradient: number;
  /** Only one of the two has a gradient here. */
  readonly gradientMissing: boolean;
}

/** What kind of difference a node has: the most telling one. */
export type DifferenceKind = "only-first" | "only-second" | "shape" | "value" | "gradient" | "missing-gradient";

/** Two passes, aligned. */
export interface PassComparison {
  readonly passes: readonly [PassId, PassId];
  readonly losses: readonly [number | null, number | null];
  readonly tolerance: number;
  /** In the order of the tapes. */
  readonly nodes: readonly ComparedNode[];
  /** How many nodes differ beyond the tolerance. */
  readonly different: number;
  /**
   * Where to look first: the first node in tape order that is not in both, or whose shape or value differs; where all
   * values agree, the first gradient that differs in the order of the backward pass. Index into `nodes`, null when none differs.
   */
  readonly first: number | null;
}

/** How a node differs beyond a tolerance; null where it does not. */
export function differenceOf(node: ComparedNode, tolerance: number): DifferenceKind | null {
  if (node.nodes[1] === null) return "only-first";
  if (node.nodes[0] === null) return "only-second";
  const [a, b] = node.shapes;
  if (a?.join() !== b?.join()) return "shape";
  if (node.value > tolerance) return "value";
  if (node.gradientMissing) return "missing-gradient";
  return node.gradient > tolerance ? "gradient" : null;
}
