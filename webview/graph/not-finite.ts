import { NodeFlag, NodeKind, type NodeStatistics, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";

/** Which nodes made what is not finite, and which only passed it on. */
export interface NotFinite {
  /** In tape order: their inputs are finite. */
  readonly values: readonly number[];
  /** In the order of the backward pass: what came to them was finite. Where a value is the cause, no gradient is. */
  readonly gradients: readonly number[];
  /** Everything else that is not finite. */
  readonly followers: ReadonlySet<number>;
}

const NONE: NotFinite = { values: [], gradients: [], followers: new Set() };

/** Takes time in proportion to nodes and edges. Infinities that are there on purpose, to mask, are no trouble. */
export function notFiniteIn(graph: PassGraph, schedule: Schedule, statistics: NodeStatistics | null): NotFinite {
  if (!statistics) return NONE;
  const { flags } = statistics;
  const badValue = (node: number): boolean =>
    ((flags[node] ?? 0) & (NodeFlag.valueNaN | NodeFlag.valueInf)) !== 0 && ((flags[node] ?? 0) & NodeFlag.mask) === 0;
  const badGradient = (node: number): boolean => ((flags[node] ?? 0) & (NodeFlag.gradNaN | NodeFlag.gradInf)) !== 0;
  const values: number[] = [];
  const followers = new Set<number>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (!badValue(node)) continue;
    const inputs = graph.inputs.subarray(graph.inputStart[node], graph.inputStart[node + 1]);
    if (inputs.some(badValue)) followers.add(node);
    else values.push(node);
  }
  const gradients: number[] = [];
  for (let node = graph.nodeCount - 1; node >= 0; node--) {
    if (!badGradient(node)) continue;
    if (values.length > 0 || comesFromConsumer(node, schedule, badGradient)) {
      if (!values.includes(node)) followers.add(node);
    } else gradients.push(node);
  }
  return values.length + gradients.length === 0 ? NONE : { values, gradients, followers };
}

function comesFromConsumer(node: number, schedule: Schedule, bad: (node: number) => boolean): boolean {
  return schedule.edgesTo(node).some((edge) => bad(schedule.edgeOwner[edge] ?? 0));
}

/** The op that passed on a gradient that is not finite, though its own is; the node itself where it is the loss. */
export function spoilerOf(node: number, graph: PassGraph, schedule: Schedule): number {
  let latest = node;
  for (const edge of schedule.edgesTo(node)) {
    const one = schedule.edgeOwner[edge] ?? 0;
    const isOp = graph.kind[one] === NodeKind.op || graph.kind[one] === NodeKind.function;
    if (isOp && one > latest) latest = one;
  }
  return latest;
}
