import { NodeKind, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Consumers } from "./consumers.ts";

/**
 * What a pass's order says of every node, worked out once: state at a position is then a comparison, so that stepping
 * costs the same in a pass of any size.
 */
export interface Schedule {
  readonly forwardSteps: number;
  /** Ops in forward order. */
  readonly forwardOrder: Uint32Array;
  /** Position of each node in the forward order; −1 for leaves. */
  readonly forwardIndex: Int32Array;
  /** Position of each node in the backward order; −1 when its vector-Jacobian product never runs. */
  readonly backwardIndex: Int32Array;
  /** Backward steps after which a first, and every contribution to its gradient has arrived; −1 when none ever does. */
  readonly firstAt: Int32Array;
  readonly completeAt: Int32Array;
}

export function scheduleOf(graph: PassGraph, consumers: Consumers): Schedule {
  const { nodeCount, kind, backwardOrder, requiresGrad } = graph;
  const forward: number[] = [];
  const forwardIndex = new Int32Array(nodeCount).fill(-1);
  for (let node = 0; node < nodeCount; node++) {
    if (kind[node] !== NodeKind.op && kind[node] !== NodeKind.function) continue;
    forwardIndex[node] = forward.length;
    forward.push(node);
  }
  const backwardIndex = new Int32Array(nodeCount).fill(-1);
  backwardOrder.forEach((node, i) => (backwardIndex[node] = i));
  const firstAt = new Int32Array(nodeCount).fill(-1);
  const completeAt = new Int32Array(nodeCount).fill(-1);
  const isRoot = new Set<number>(graph.roots);
  for (let node = 0; node < nodeCount; node++) {
    if (isRoot.has(node)) {
      firstAt[node] = 0;
      completeAt[node] = 0;
    }
    if (!requiresGrad[node]) continue;
    for (let i = consumers.start[node] ?? 0; i < (consumers.start[node + 1] ?? 0); i++) {
      const step = backwardIndex[consumers.reader[consumers.edges[i] ?? 0] ?? 0] ?? -1;
      if (step < 0) continue;
      const first = firstAt[node] ?? -1;
      if (first < 0 || step + 1 < first) firstAt[node] = step + 1;
      if (step + 1 > (completeAt[node] ?? -1)) completeAt[node] = step + 1;
    }
  }
  return {
    forwardSteps: forward.length,
    forwardOrder: Uint32Array.from(forward),
    forwardIndex,
    backwardIndex,
    firstAt,
    completeAt,
  };
}

/** "ahead": not computed yet, in the forward part; "none": never gets a gradient. */
export type NodeState = "ahead" | "waits" | "next" | "partial" | "done" | "none";

/** The state of a node where `taken` backward steps have run; negative while the forward part is stepped through. */
export function nodeState(schedule: Schedule, node: number, position: number): NodeState {
  const taken = position - schedule.forwardSteps;
  if (taken < 0) {
    const index = schedule.forwardIndex[node] ?? -1;
    if (index >= position) return "ahead";
    return (schedule.completeAt[node] ?? -1) < 0 ? "none" : "waits";
  }
  const complete = schedule.completeAt[node] ?? -1;
  if (complete < 0) return "none";
  if (taken >= complete) return "done";
  if (taken >= (schedule.firstAt[node] ?? 0)) return "partial";
  return complete === taken + 1 ? "next" : "waits";
}

export type EdgeState = "waits" | "partial" | "done" | "taken" | "none";

/** What an edge, or a bundle of several, has carried at a position. */
export function edgeState(
  graph: PassGraph,
  schedule: Schedule,
  consumers: Consumers,
  tapeEdges: readonly number[],
  position: number,
): EdgeState {
  const taken = position - schedule.forwardSteps;
  let carries = 0;
  let done = 0;
  let justTaken = false;
  for (const edge of tapeEdges) {
    if (!graph.requiresGrad[graph.inputs[edge] ?? 0]) continue;
    const step = schedule.backwardIndex[consumers.reader[edge] ?? 0] ?? -1;
    if (step < 0) continue;
    carries++;
    if (step < taken) done++;
    if (step === taken - 1) justTaken = true;
  }
  if (carries === 0) return "none";
  if (justTaken) return "taken";
  return done === carries ? "done" : done > 0 ? "partial" : "waits";
}
