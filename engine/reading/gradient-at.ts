import { sum } from "../autograd/cotangent.ts";
import { adopt } from "../core/adopt.ts";
import type { Tensor } from "../core/tensor.ts";
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
