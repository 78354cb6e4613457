import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";

/** "ahead": not computed yet, in the forward part; "none": never gets a gradient. */
export type NodeState = "ahead" | "waits" | "next" | "partial" | "done" | "none";

/** The state of a node where `taken` backward steps have run; negative while the forward part is stepped through. */
export function nodeState(schedule: Schedule, node: number, position: number): NodeState {
  const taken = position - schedule.forwardSteps;
  if (taken < 0) {
    const index = schedule.forwardIndex(node);
    if (index >= position) return "ahead";
    return (schedule.completeAt[node] ?? -1) < 0 ? "none" : "waits";
  }
  const state = schedule.gradientState(node, taken);
  if (state === "complete") return "done";
  return state === "waits" && schedule.completeAt[node] === taken + 1 ? "next" : state;
}

export type EdgeState = "waits" | "partial" | "done" | "taken" | "none";

/** What an edge, or a bundle of several, has carried at a position. */
export function edgeState(
  graph: PassGraph,
  schedule: Schedule,
  tapeEdges: readonly number[],
  position: number,
): EdgeState {
  const taken = position - schedule.forwardSteps;
  let carries = 0;
  let done = 0;
  let justTaken = false;
  for (const edge of tapeEdges) {
    if (!graph.requiresGrad[graph.inputs[edge] ?? 0]) continue;
    const step = schedule.stepOf(schedule.edgeOwner[edge] ?? 0);
    if (step < 0) continue;
    carries++;
    if (schedule.hasArrived(edge, taken)) done++;
    if (step === taken - 1) justTaken = true;
  }
  if (carries === 0) return "none";
  if (justTaken) return "taken";
  return done === carries ? "done" : done > 0 ? "partial" : "waits";
}
