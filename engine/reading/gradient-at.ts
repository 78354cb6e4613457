import { sum } from "../autograd/cotangent.ts";
import { adopt } from "../core/adopt.ts";
import type { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { replayContribution } from "./rule-replay.ts";

/** What has arrived of a row's gradient when `steps` products have run; null while nothing has. */
export function gradientAt(reader: ReadablePass, row: number, steps: number): Tensor | null {
  switch (reader.schedule.gradientState(row, steps)) {
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
        if (!reader.schedule.hasArrived(edge, steps)) continue;
        const contribution = contributionOf(reader, edge);
        if (contribution !== null) total = total === null ? contribution : sum(total, contribution, false);
      }
      return total;
    }
  }
}

/** What was passed back along an edge, computed again where the pass does not hold it. */
export function contributionOf(reader: ReadablePass, edge: number): Tensor | null {
  const recorded = recordedContribution(reader, edge);
  if (recorded !== null || isWholeGradient(reader, edge)) return recorded && adopt(recorded);
  return replayContribution(reader, edge);
}

/** What the pass holds of what was passed back along an edge: by itself, or as the whole gradient where there is one consumer. */
export function recordedContribution(reader: ReadablePass, edge: number): View | null {
  const stored = reader.storedContribution(edge);
  return stored === null && isWholeGradient(reader, edge) ? reader.gradient(reader.input(edge)) : stored;
}

function isWholeGradient(reader: ReadablePass, edge: number): boolean {
  const row = reader.input(edge);
  const isRoot = reader.roots.some((root) => root === row);
  return reader.schedule.edgesTo(row).length === 1 && !isRoot && reader.storedContribution(edge) === null;
}
