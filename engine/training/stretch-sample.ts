import type { Origin } from "../core/origin.ts";
import type { Site } from "../protocol/site.ts";
import type { ExaminedPass } from "./rule.ts";

/** Which stretch of the data a pass took its inputs and its targets from. */
export interface StretchSample {
  readonly input: number;
  readonly target: number;
  /** Where the targets are taken, and where they are compared. */
  readonly site: Site | null;
  readonly comparedAt: Site | null;
}

/** Finds inputs and targets that were cut out of two equally long sets along the first axis; null where there are none. */
export function stretchOf({ view, terms }: ExaminedPass): StretchSample | null {
  for (const { target, row } of terms) {
    if (target === null || view.isOp(target) || view.isLive(target)) continue;
    const right = narrowed(view.context.origin(target));
    if (right === null) continue;
    for (let input = 0; input < view.rows; input++) {
      if (view.isOp(input) || view.isLive(input) || input === target) continue;
      if (!view.consumers(input).some((one) => view.is(one, "linear", "convolution", "lookup", "product"))) continue;
      const left = narrowed(view.context.origin(input));
      if (left === null || left.from === right.from) continue;
      if (left.length !== right.length || left.from.shape[0] !== right.from.shape[0]) continue;
      return {
        ...{ input: left.start, target: right.start },
        ...{ site: view.context.siteOf(right.at), comparedAt: view.callSite(row) },
      };
    }
  }
  return null;
}

interface Stretch {
  readonly at: Origin;
  readonly from: Origin;
  readonly start: number;
  readonly length: number;
}

function narrowed(origin: Origin | null): Stretch | null {
  let at = origin;
  for (let steps = 0; at !== null && steps < 6; steps++) {
    const { dim, start } = at.attributes;
    const [from] = at.inputs;
    if (from && dim === 0 && typeof start === "number" && at.shape.length === from.shape.length)
      return { at, from, start, length: at.shape[0] ?? 0 };
    at = from ?? null;
  }
  return null;
}
