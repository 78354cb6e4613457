import type { PassGraph } from "../../engine/protocol/graph.ts";
import { opOf } from "../../engine/recording/graph-rows.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";
import type { Hierarchy } from "../graph/group.ts";
import { topGroup } from "../graph/module-color.ts";

/** One box of the strip: one step, or several neighbours where there is no room for each. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly width: number;
  readonly backward: boolean;
  /** Node of the first step in it. */
  readonly node: number;
}

export interface StripLabel {
  readonly text: string;
  readonly x: number;
  readonly width: number;
}

const GAP_BETWEEN_HALVES = 8;
const NARROWEST = 3;
const WIDEST = 33;
const PADDING = 12;

/** Lays the steps of a pass side by side over `width` pixels: forward, a gap, backward. */
export function segmentsOf(graph: PassGraph, schedule: Schedule, width: number): Segment[] {
  const forward = schedule.forwardSteps;
  const total = forward + graph.backwardOrder.length;
  const room = Math.max(50, width - 2 * PADDING - GAP_BETWEEN_HALVES);
  const pitch = total === 0 ? 0 : Math.min(WIDEST + 3, room / total);
  const perBox = Math.max(1, Math.ceil(NARROWEST / Math.max(pitch, 1e-9)));
  const segments: Segment[] = [];
  const half = (first: number, end: number, left: number, backward: boolean): void => {
    for (let from = first; from < end; from += perBox) {
      const to = Math.min(end, from + perBox);
      const boxWidth = (to - from) * pitch;
      const gap = boxWidth > 8 ? 3 : boxWidth > 4 ? 1 : 0;
      segments.push({
        from,
        to,
        x: left + (from - first) * pitch,
        width: Math.max(1, boxWidth - gap),
        backward,
        node: schedule.rowAt(from),
      });
    }
  };
  half(0, forward, PADDING, false);
  half(forward, total, PADDING + forward * pitch + GAP_BETWEEN_HALVES, true);
  return segments;
}

/** Names under the strip: runs of steps in one module, where there is room for the name. */
export function labelsOf(segments: readonly Segment[], name: (node: number) => string): StripLabel[] {
  const labels: StripLabel[] = [];
  let start = 0;
  for (let i = 1; i <= segments.length; i++) {
    const first = segments[start];
    const last = segments[i - 1];
    const here = segments[i];
    if (!first || !last) break;
    if (here && here.backward === first.backward && name(here.node) === name(first.node)) continue;
    labels.push({ text: name(first.node), x: first.x, width: last.x + last.width - first.x });
    start = i;
  }
  return labels;
}

/** What a step is named after under the strip: its top-level module or function, else its op. */
export function stepName(graph: PassGraph, hierarchy: Hierarchy, node: number): string {
  const group = hierarchy.groupOfNode[node] ?? 0;
  if (group > 0) return hierarchy.groups[topGroup(hierarchy, group)]?.title ?? "";
  return opOf(graph, node);
}

/** The position whose box is at a place of the strip. */
export function positionAt(segments: readonly Segment[], x: number): number {
  let best = 0;
  let nearest = Infinity;
  for (const { from, to, x: left, width } of segments) {
    const distance = x < left ? left - x : x > left + width ? x - left - width : 0;
    if (distance < nearest) {
      nearest = distance;
      const share = Math.min(0.999, Math.max(0, (x - left) / width));
      best = from + Math.floor(share * (to - from));
    }
  }
  return best;
}
