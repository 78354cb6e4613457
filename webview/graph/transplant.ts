import type { Item } from "./group.ts";
import type { LaidOutEdge, LaidOutLevel } from "./layouter.ts";
import type { Level, LevelEdge, LevelEnd } from "./level.ts";

/** A level that was laid out, to be taken over by levels of the same structure. */
export interface Model {
  readonly level: Level;
  readonly laidOut: LaidOutLevel;
}

/**
 * The model's layout with the children, ports and edges of another level in the place of its own. Null where the two
 * differ: the first step of a recurrent network reads its initial state from elsewhere than the others.
 */
export function transplant(model: Model, level: Level, open: ReadonlyMap<Item, LaidOutLevel>): LaidOutLevel | null {
  const { items } = model.level;
  if (items.length !== level.items.length || model.level.edges.length !== level.edges.length) return null;
  const itemOf = new Map(items.map((item, i) => [item, level.items[i] ?? 0]));
  for (const [item, inside] of model.laidOut.open) {
    const other = open.get(itemOf.get(item) ?? 0);
    if (!other || other.width !== inside.width || other.height !== inside.height) return null;
  }
  const entries = matched(model.level, level, "source", model.laidOut.entries);
  const exits = matched(model.level, level, "target", model.laidOut.exits);
  if (!entries || !exits) return null;
  const edges = matchedEdges(model, level);
  if (!edges) return null;
  const places = new Map([...model.laidOut.places].map(([item, place]) => [itemOf.get(item) ?? item, place]));
  const { width, height } = model.laidOut;
  return { width, height, places, edges, entries, exits, open };
}

/** Which children a port touches: what tells ports of one level apart without their nodes. */
function portSignatures(level: Level, side: "source" | "target"): Map<number, string> {
  const place = new Map(level.items.map((item, i) => [item, i]));
  const touched = new Map<number, number[]>();
  for (const edge of level.edges) {
    const end = edge[side];
    const other = edge[side === "source" ? "target" : "source"];
    if (end.kind !== "port" || other.kind !== "item") continue;
    const list = touched.get(end.node) ?? [];
    list.push(place.get(other.item) ?? -1);
    touched.set(end.node, list);
  }
  return new Map([...touched].map(([node, list]) => [node, list.sort((a, b) => a - b).join()]));
}

/** Pairs the ports of two levels by what they touch; ports that touch the same go by their order. */
function matched(
  model: Level,
  level: Level,
  side: "source" | "target",
  places: ReadonlyMap<number, number>,
): Map<number, number> | null {
  const free = new Map<string, number[]>();
  for (const [node, signature] of portSignatures(model, side)) {
    free.set(signature, [...(free.get(signature) ?? []), node]);
  }
  const pairs = new Map<number, number>();
  for (const [node, signature] of portSignatures(level, side)) {
    const from = free.get(signature)?.shift();
    const x = from === undefined ? undefined : places.get(from);
    if (x === undefined) return null;
    pairs.set(node, x);
  }
  return pairs.size === places.size ? pairs : null;
}

function matchedEdges(model: Model, level: Level): LaidOutEdge[] | null {
  const signature = (of: Level): ((edge: { source: LevelEnd; target: LevelEnd }) => string) => {
    const place = new Map(of.items.map((item, i) => [item, i]));
    const sources = portSignatures(of, "source");
    const targets = portSignatures(of, "target");
    const end = (one: LevelEnd, ports: Map<number, string>): string =>
      one.kind === "item" ? String(place.get(one.item) ?? -1) : `port ${ports.get(one.node) ?? ""}`;
    return (edge) => `${end(edge.source, sources)}>${end(edge.target, targets)}`;
  };
  const ofModel = signature(model.level);
  const ofLevel = signature(level);
  const free = new Map<string, LaidOutEdge[]>();
  for (const edge of model.laidOut.edges) free.set(ofModel(edge), [...(free.get(ofModel(edge)) ?? []), edge]);
  const merged = new Map<string, { edge: LevelEdge; tapeEdges: number[] }[]>();
  for (const edge of level.edges) {
    const key = ofLevel(edge);
    merged.set(key, [...(merged.get(key) ?? []), { edge, tapeEdges: [...edge.tapeEdges] }]);
  }
  const out: LaidOutEdge[] = [];
  for (const [key, list] of merged) {
    const drawn = free.get(key) ?? [];
    if (drawn.length === 0) return null;
    free.delete(key);
    // Edges that ELK was given as one, because they end at the same closed group, are one here too.
    drawn.forEach((one, i) => {
      const mine = i === drawn.length - 1 ? list.slice(i) : list.slice(i, i + 1);
      const first = mine[0];
      if (!first) return;
      const { source, target } = first.edge;
      out.push({ points: one.points, source, target, tapeEdges: mine.flatMap((each) => each.tapeEdges) });
    });
  }
  return free.size === 0 ? out : null;
}
