import type { PassGraph } from "../../engine/protocol/graph.ts";
import { isGroupItem, groupOfItem, itemOfGroup, type Hierarchy, type Item } from "./group.ts";

/**
 * One group's direct children and the edges among them, lifted from the tape. An end outside the group is a port on its
 * frame, named by the node that the edge comes from; so a level does not depend on what is open around it.
 */
export interface Level {
  readonly items: readonly Item[];
  readonly edges: readonly LevelEdge[];
  /** Nodes outside whose results are read inside, and nodes inside whose results are read outside. */
  readonly entries: readonly number[];
  readonly exits: readonly number[];
}

export interface LevelEdge {
  readonly source: LevelEnd;
  readonly target: LevelEnd;
  /** Positions in `PassGraph.inputs`. */
  readonly tapeEdges: readonly number[];
}

export type LevelEnd =
  | { readonly kind: "item"; readonly item: Item; /** The node that produced or reads it. */ readonly node: number }
  | { readonly kind: "port"; readonly node: number };

/** More ports than this on one side of a frame and they are drawn as one. */
const MOST_PORTS = 16;
/** Stands for all the nodes of a side whose ports were drawn as one. */
export const BUNDLE = -1;

/**
 * The level of a group, of a repetition that of its shown instance. Takes time in proportion to the edges inside.
 */
export function levelOf(graph: PassGraph, hierarchy: Hierarchy, group: number, instance: number): Level {
  const shown = hierarchy.groups[group]?.instances[instance] ?? group;
  const items = hierarchy.groups[shown]?.children ?? [];
  const childOf = new Map<number, Item>();
  for (const item of items) {
    const stack: Item[] = [item];
    for (let inner = stack.pop(); inner !== undefined; inner = stack.pop()) {
      if (isGroupItem(inner))
        for (const child of hierarchy.groups[groupOfItem(inner)]?.children ?? []) stack.push(child);
      else childOf.set(inner, item);
    }
  }
  const { inputs, inputStart } = graph;
  const { schedule } = hierarchy;
  const merged = new Map<string, { source: LevelEnd; target: LevelEnd; tapeEdges: number[] }>();
  const entries = new Set<number>();
  const exits = new Set<number>();
  const add = (source: LevelEnd, target: LevelEnd, tapeEdge: number): void => {
    const key = `${endKey(source)}>${endKey(target)}`;
    const known = merged.get(key);
    if (known) known.tapeEdges.push(tapeEdge);
    else merged.set(key, { source, target, tapeEdges: [tapeEdge] });
  };
  const isRoot = hierarchy.groups[group]?.kind === "root";
  for (const [node, item] of childOf) {
    for (let edge = inputStart[node] ?? 0; edge < (inputStart[node + 1] ?? 0); edge++) {
      const producer = inputs[edge] ?? 0;
      const from = childOf.get(producer);
      if (from === item) continue;
      const target: LevelEnd = { kind: "item", item, node };
      if (from !== undefined) add({ kind: "item", item: from, node: producer }, target, edge);
      else {
        entries.add(producer);
        add({ kind: "port", node: producer }, target, edge);
      }
    }
    if (isRoot) continue;
    for (const edge of schedule.edgesTo(node)) {
      if (childOf.has(schedule.edgeOwner[edge] ?? 0)) continue;
      exits.add(node);
      add({ kind: "item", item, node }, { kind: "port", node }, edge);
    }
  }
  return bundle({ items, edges: [...merged.values()], entries: [...entries], exits: [...exits] });
}

/** Ends at the same child, or at the same port, are one edge; at an open group they stay apart by node. */
function endKey(end: LevelEnd): string {
  if (end.kind === "port") return `p${String(end.node)}`;
  return isGroupItem(end.item) ? `${String(end.item)}:${String(end.node)}` : String(end.item);
}

/** Merges the ports of a side that has too many. */
function bundle(level: Level): Level {
  const manyIn = level.entries.length > MOST_PORTS;
  const manyOut = level.exits.length > MOST_PORTS;
  if (!manyIn && !manyOut) return level;
  const merged = new Map<string, { source: LevelEnd; target: LevelEnd; tapeEdges: number[] }>();
  for (const edge of level.edges) {
    const source: LevelEnd = manyIn && edge.source.kind === "port" ? { kind: "port", node: BUNDLE } : edge.source;
    const target: LevelEnd = manyOut && edge.target.kind === "port" ? { kind: "port", node: BUNDLE } : edge.target;
    const key = `${endKey(source)}>${endKey(target)}`;
    const known = merged.get(key);
    if (known) known.tapeEdges.push(...edge.tapeEdges);
    else merged.set(key, { source, target, tapeEdges: [...edge.tapeEdges] });
  }
  return {
    items: level.items,
    edges: [...merged.values()],
    entries: manyIn ? [BUNDLE] : level.entries,
    exits: manyOut ? [BUNDLE] : level.exits,
  };
}

export const rootItem = itemOfGroup(0);
