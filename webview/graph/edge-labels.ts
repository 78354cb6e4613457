import type { PassGraph } from "../../engine/protocol/graph.ts";
import { formatShape } from "../ui/format.ts";
import type { DrawnEdge } from "./scene.ts";

/** The shape of what an edge carries, beside it. */
export interface EdgeLabel {
  /** The edge's id. */
  readonly edge: DrawnEdge["id"];
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Of the labels' font, which is monospaced: how wide a character is, and how far it reaches above its line and below. */
const CHARACTER = 6.7;
const ASCENT = 9;
const DESCENT = 3;
const BESIDE = 8;
/** As far as a line, or the head of its arrow, stays away from a text. */
const AROUND = 3;

/** The labels for which there is room: none where another line runs through it, for the shape stands on the card as well. */
export function edgeLabels(edges: readonly DrawnEdge[], graph: PassGraph): EdgeLabel[] {
  return edges.flatMap((edge) => {
    const label = labelOf(edge, graph);
    return label && !edges.some((other) => other !== edge && runsThrough(other, label)) ? [label] : [];
  });
}

/** Beside the last straight piece downwards that has room for it. */
function labelOf(edge: DrawnEdge, graph: PassGraph): EdgeLabel | null {
  const { producer, points } = edge;
  // A parameter's shape already stands on its card, right beside its op.
  if (producer < 0 || (graph.inputStart[producer + 1] ?? 0) === (graph.inputStart[producer] ?? 0)) return null;
  const [first, second] = points;
  if (!first || !second || edge.continuesAtStart) return null;
  if (Math.abs(second.y - first.y) < 16 || points.length !== 2) return null;
  const text = formatShape(graph.shapes.subarray(graph.shapeStart[producer], graph.shapeStart[producer + 1]));
  return { edge: edge.id, x: first.x + BESIDE, y: first.y + Math.min(13.5, (second.y - first.y) / 2 + 3.5), text };
}

/** Whether a piece of an edge, all of which run along an axis, comes over a label or close to it. */
function runsThrough({ points }: DrawnEdge, { x, y, text }: EdgeLabel): boolean {
  const right = x + text.length * CHARACTER + AROUND;
  return points.some((to, i) => {
    const from = points[i - 1];
    return (
      from !== undefined &&
      Math.max(from.x, to.x) > x - AROUND &&
      Math.min(from.x, to.x) < right &&
      Math.max(from.y, to.y) > y - ASCENT - AROUND &&
      Math.min(from.y, to.y) < y + DESCENT + AROUND
    );
  });
}
