import { sum } from "../autograd/cotangent.ts";
import { adopt } from "../core/adopt.ts";
import type { Tensor } from "../core/tensor.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { replayContribution } from "./rule-replay.ts";

export type GradientState = "none" | "waits" | "partial" | "complete";

/** How much of a row's gradient is there when `steps` vector-Jacobian products have run. */
export function gradientState(reader: ReadablePass, row: number, steps: number): GradientState {
  const complete = reader.schedule.completeAt[row]!;
  if (complete < 0) return "none";
  if (steps >= complete) return "complete";
  return steps >= reader.schedule.firstAt[row]! ? "partial" : "waits";
}

/** What has arrived of a row's gradient when `steps` products have run; null while nothing has. */
export function gradientAt(reader: ReadablePass, row: number, steps: number): Tensor | null {
  switch (gradientState(reader, row, steps)) {
    case "none":
    case "waits":
      return null;
    case "complete": {
      const gradient = reader.gradient(row);
      return gradient && adopt(gradient);
    }
    case "partial": {
      let total: Tensor | null = null;
      for (const edge of reader.schedule.edgesTo(row)) {
        if (!hasArrived(reader, edge, steps)) continue;
        const contribution = contributionOf(reader, edge);
        if (contribution !== null) total = total === null ? contribution : sum(total, contribution, false);
      }
      return total;
    }
  }
}

export function hasArrived(reader: ReadablePass, edge: number, steps: number): boolean {
  const step = reader.schedule.stepOf(reader.schedule.edgeOwner[edge]!);
  return step >= 0 && step < steps;
}

/** What was passed back along an edge: the whole gradient where there is one consumer, else computed again. */
export function contributionOf(reader: ReadablePass, edge: number): Tensor | null {
  const row = reader.input(edge);
  const isRoot = reader.roots.some((root) => root === row);
  if (reader.schedule.edgesTo(row).length === 1 && !isRoot && reader.storedContribution(edge) === null) {
    const gradient = reader.gradient(row);
    return gradient && adopt(gradient);
  }
  return replayContribution(reader, edge);
}
