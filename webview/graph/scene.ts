import { groupOfItem, isGroupItem, type Hierarchy, type Item } from "./group.ts";
import type { Flow } from "../layout/arrangement.ts";
import type { LaidOutLevel, ElkPoint } from "./layouter.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A card (a node or a closed group) or a frame (an open group) where it is drawn. */
export interface Placed extends Box {
  readonly item: Item;
  readonly open: boolean;
  /** How many frames are around it. */
  readonly depth: number;
}

export interface DrawnEdge {
  readonly id: string;
  readonly points: readonly ElkPoint[];
  readonly box: Box;
  readonly tapeEdges: readonly number[];
  /** The node whose shape the edge carries; −1 for a bundle of several. */
  readonly producer: number;
  /** Ends at a frame's border and goes on inside, or outside: no arrow head there. */
  readonly continuesAtStart: boolean;
  readonly continuesAtEnd: boolean;
}

/** Everything of a layout in the coordinates of the whole drawing. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly flow: Flow;
  readonly placed: readonly Placed[];
  readonly byItem: ReadonlyMap<Item, Placed>;
  readonly edges: readonly DrawnEdge[];
}

export const EMPTY_SCENE: Scene = { width: 0, height: 0, flow: "down", placed: [], byItem: new Map(), edges: [] };

export function sceneOf(root: LaidOutLevel, hierarchy: Hierarchy, flow: Flow = "down"): Scene {
  const placed: Placed[] = [];
  const edges: DrawnEdge[] = [];
  const visit = (level: LaidOutLevel, left: number, top: number, depth: number, prefix: string): void => {
    level.edges.forEach((edge, i) => {
      const points = edge.points.map(({ x, y }) => ({ x: x + left, y: y + top }));
      edges.push({
        id: `${prefix}/${String(i)}`,
        points,
        box: boundsOf(points),
        tapeEdges: edge.tapeEdges,
        producer: edge.source.node,
        continuesAtStart: edge.source.kind === "port" || level.open.has(edge.source.item),
        continuesAtEnd: edge.target.kind === "port" || level.open.has(edge.target.item),
      });
    });
    for (const [item, { x, y, width, height }] of level.places) {
      const inside = level.open.get(item);
      placed.push({ item, x: x + left, y: y + top, width, height, open: inside !== undefined, depth });
      if (inside) {
        const key = isGroupItem(item) ? (hierarchy.groups[groupOfItem(item)]?.openKey ?? "") : String(item);
        visit(inside, x + left, y + top, depth + 1, key);
      }
    }
  };
  visit(root, 0, 0, 0, "");
  return {
    width: root.width,
    height: root.height,
    flow,
    placed,
    byItem: new Map(placed.map((one) => [one.item, one])),
    edges,
  };
}

function boundsOf(points: readonly ElkPoint[]): Box {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export function intersects(a: Box, b: Box): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}

/** The item that stands for a node: its card, or the innermost closed group around it. Null when it is in no drawing. */
export function shownItem(scene: Scene, hierarchy: Hierarchy, node: number): Item | null {
  if (scene.byItem.has(node)) return node;
  for (let group = hierarchy.groupOfNode[node] ?? -1; group > 0; group = hierarchy.groups[group]?.parent ?? -1) {
    const placed = scene.byItem.get(-1 - group);
    if (placed) return placed.item;
  }
  return null;
}

export type Direction = "up" | "down" | "left" | "right";

/**
 * Where an arrow key leads: along an edge to what an op reads or to what reads it (up and down, where the drawing flows
 * down), and to the nearest card beside it. Null where there is nothing that way.
 */
export function neighbour(
  scene: Scene,
  from: Item,
  direction: Direction,
  along: (item: Item, direction: "inputs" | "readers") => readonly Item[],
): Item | null {
  const here = scene.byItem.get(from);
  if (!here) return null;
  // Along the flow, and across it.
  const centre = ({ x, y, width, height }: Box): { readonly along: number; readonly across: number } => {
    const [right, down] = [x + width / 2, y + height / 2];
    return scene.flow === "down" ? { along: down, across: right } : { along: right, across: down };
  };
  const at = centre(here);
  const isBack = direction === "up" || direction === "left";
  const isAlong =
    scene.flow === "down" ? direction === "up" || direction === "down" : !(direction === "up" || direction === "down");
  const near = scene.flow === "down" ? 120 : 260;
  const candidates = isAlong
    ? along(from, isBack ? "inputs" : "readers").flatMap((item) => scene.byItem.get(item) ?? [])
    : scene.placed.filter(
        (one) =>
          one.item !== from &&
          !one.open &&
          (isBack ? centre(one).across < at.across - 1 : centre(one).across > at.across + 1) &&
          Math.abs(centre(one).along - at.along) < near,
      );
  let best: Item | null = null;
  let shortest = Infinity;
  for (const one of candidates) {
    const to = centre(one);
    const [far, wide] = [Math.abs(to.along - at.along), Math.abs(to.across - at.across)];
    const distance = isAlong ? wide + 0.25 * far : wide + 3 * far;
    if (distance < shortest) {
      shortest = distance;
      best = one.item;
    }
  }
  return best;
}
