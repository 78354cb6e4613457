import { NodeKind, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";

/** The scope each node is drawn in. A parameter stands where it is used: in the smallest scope with all its readers. */
export function placesIn({ nodeCount, kind, scope, scopes }: PassGraph, schedule: Schedule): Int32Array {
  const { edgeOwner } = schedule;
  const placed = Int32Array.from(scope.subarray(0, nodeCount));
  const depth = new Int32Array(scopes.length);
  scopes.forEach((one, i) => (depth[i] = one.parent < 0 ? 0 : (depth[one.parent] ?? 0) + 1));
  const parentOf = (one: number): number => (one < 0 ? -1 : (scopes[one]?.parent ?? -1));
  const depthOf = (one: number): number => (one < 0 ? -1 : (depth[one] ?? 0));
  for (let node = 0; node < nodeCount; node++) {
    if (kind[node] !== NodeKind.parameter) continue;
    let common = -2;
    for (const edge of schedule.edgesTo(node)) {
      let other = scope[edgeOwner[edge] ?? 0] ?? -1;
      if (common === -2) common = other;
      while (common !== other) {
        if (depthOf(common) >= depthOf(other)) common = parentOf(common);
        else other = parentOf(other);
      }
    }
    if (common !== -2) placed[node] = common;
  }
  return placed;
}
