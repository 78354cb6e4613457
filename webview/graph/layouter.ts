import { NodeKind, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Flow } from "../layout/arrangement.ts";
import { groupOfItem, isGroupItem, type Hierarchy, type Item } from "./group.ts";
import { BUNDLE, levelOf, type Level, type LevelEdge, type LevelEnd } from "./level.ts";
import { transplant, type Model } from "./transplant.ts";

/** The subset of ELK's JSON that goes to the worker and comes back. */
export interface ElkPort {
  id: string;
  width: number;
  height: number;
  x?: number;
  y?: number;
  layoutOptions?: Record<string, string>;
}
export interface ElkPoint {
  x: number;
  y: number;
}
export interface ElkEdge {
  id: string;
  sources: string[];
  targets: string[];
  layoutOptions?: Record<string, string>;
  sections?: { startPoint: ElkPoint; endPoint: ElkPoint; bendPoints?: ElkPoint[] }[];
}
export interface ElkGraph {
  id: string;
  width?: number;
  height?: number;
  x?: number;
  y?: number;
  layoutOptions?: Record<string, string>;
  children?: ElkGraph[];
  edges?: ElkEdge[];
  ports?: ElkPort[];
}
/** Lays out one level. Rejects with {@link Cancelled} when a newer request made it pointless. */
export type LayOut = (graph: ElkGraph) => Promise<ElkGraph>;

export class Cancelled extends Error {
  constructor() {
    super("a newer layout was asked for");
  }
}

export interface LaidOutEdge {
  readonly points: readonly ElkPoint[];
  readonly source: LevelEnd;
  readonly target: LevelEnd;
  readonly tapeEdges: readonly number[];
}

/** A level with coordinates relative to its frame's upper left corner. */
export interface LaidOutLevel {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<
    Item,
    { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  >;
  readonly edges: readonly LaidOutEdge[];
  /** Where edges cross the frame, by node: x of each port where the drawing flows down, y where it flows to the right. */
  readonly entries: ReadonlyMap<number, number>;
  readonly exits: ReadonlyMap<number, number>;
  /** The levels of the open groups inside. */
  readonly open: ReadonlyMap<Item, LaidOutLevel>;
}

/** Where edges come into a frame and leave it, and the coordinate along that side. */
interface Sides {
  readonly direction: "DOWN" | "RIGHT";
  readonly entry: "NORTH" | "WEST";
  readonly exit: "SOUTH" | "EAST";
  readonly across: "x" | "y";
}

const SIDES: Readonly<Record<Flow, Sides>> = {
  down: { direction: "DOWN", entry: "NORTH", exit: "SOUTH", across: "x" },
  right: { direction: "RIGHT", entry: "WEST", exit: "EAST", across: "y" },
};

/** High enough for two lines of the largest text that a card is written in. */
export const CARD = { width: 192, height: 46 } as const;
export const LEAF = { width: 156, height: 44 } as const;
export const HEADER = 24;
/** Height that the chart of a repetition takes on its card. */
export const CHART = 24;

/** What is open, and which instance each repetition shows. */
export interface Expansion {
  isOpen(group: number): boolean;
  instance(group: number): number;
}

/**
 * Lays out a pass one level at a time: an open group from its inside out, so that opening one lays out that group and
 * then its ancestors. Every level is kept by what it depends on.
 */
export class Layouter {
  readonly #graph: PassGraph;
  readonly #hierarchy: Hierarchy;
  readonly #layOut: LayOut;
  readonly #sides: Sides;
  readonly #levels = new Map<string, Level>();
  readonly #cache = new Map<string, LaidOutLevel>();
  readonly #models = new Map<string, Model>();

  constructor(graph: PassGraph, hierarchy: Hierarchy, layOut: LayOut, flow: Flow = "down") {
    this.#sides = SIDES[flow];
    this.#graph = graph;
    this.#hierarchy = hierarchy;
    this.#layOut = layOut;
  }

  async layOut(expansion: Expansion): Promise<LaidOutLevel> {
    return this.#group(0, expansion);
  }

  /** The same for the same arguments, and for as long as nothing inside opens or closes. */
  #key(group: number, expansion: Expansion): string {
    const instance = expansion.instance(group);
    const shown = this.#hierarchy.groups[group]?.instances[instance] ?? group;
    const open: string[] = [];
    for (const item of this.#hierarchy.groups[shown]?.children ?? []) {
      if (isGroupItem(item) && expansion.isOpen(groupOfItem(item))) open.push(this.#key(groupOfItem(item), expansion));
    }
    return `${String(group)}.${String(instance)}(${open.join()})`;
  }

  async #group(group: number, expansion: Expansion): Promise<LaidOutLevel> {
    const key = this.#key(group, expansion);
    const known = this.#cache.get(key);
    if (known) return known;
    const instance = expansion.instance(group);
    const level = this.#level(group, instance);
    const open = new Map<Item, LaidOutLevel>();
    await Promise.all(
      level.items.map(async (item) => {
        if (!isGroupItem(item) || !expansion.isOpen(groupOfItem(item))) return;
        open.set(item, await this.#group(groupOfItem(item), expansion));
      }),
    );
    // Instances of a repetition are equal: what was laid out for one serves the others, and cards stay where they are.
    const shape = this.#shapeKey(group, expansion);
    const model = this.#models.get(shape);
    const laidOut = (model && transplant(model, level, open)) ?? (await this.#lay(group, level, open));
    this.#cache.set(key, laidOut);
    if (!model) this.#models.set(shape, { level, laidOut });
    return laidOut;
  }

  /** As {@link #key}, and the same for all instances of a repetition. */
  #shapeKey(group: number, expansion: Expansion): string {
    const one = this.#hierarchy.groups[group];
    const shown = one?.instances[expansion.instance(group)] ?? group;
    const open = (this.#hierarchy.groups[shown]?.children ?? []).map((item) =>
      isGroupItem(item) && expansion.isOpen(groupOfItem(item)) ? this.#shapeKey(groupOfItem(item), expansion) : "",
    );
    return `${one?.openKey ?? ""}(${open.join()})`;
  }

  #level(group: number, instance: number): Level {
    const key = `${String(group)}.${String(instance)}`;
    let level = this.#levels.get(key);
    if (!level) {
      level = levelOf(this.#graph, this.#hierarchy, group, instance);
      this.#levels.set(key, level);
    }
    return level;
  }

  async #lay(group: number, level: Level, open: ReadonlyMap<Item, LaidOutLevel>): Promise<LaidOutLevel> {
    const isRoot = group === 0;
    const edges = this.#attach(level.edges, open);
    const graph: ElkGraph = {
      id: "level",
      layoutOptions: optionsOf(isRoot, level.items.length, this.#sides),
      children: level.items.map((item) => this.#child(item, open.get(item))),
      edges: edges.map((edge, i) => ({
        id: `e${String(i)}`,
        sources: [edge.from],
        targets: [edge.to],
        layoutOptions: { "elk.layered.priority.straightness": this.#isLeaf(edge.edge.source) ? "1" : "10" },
      })),
      ports: [
        ...level.entries.map((node) => port(`in${String(node)}`, this.#sides.entry)),
        ...level.exits.map((node) => port(`out${String(node)}`, this.#sides.exit)),
      ],
    };
    // ELK only lays out the ports of a node that has a parent.
    const { children } = await this.#layOut({ id: "page", children: [graph], layoutOptions: { "elk.padding": "[]" } });
    return readLevel(children?.[0] ?? graph, edges, open, isRoot, this.#sides);
  }

  /** The ELK ends of each edge; edges that became equal, such as several into one closed group, become one. */
  #attach(edges: readonly LevelEdge[], open: ReadonlyMap<Item, LaidOutLevel>): AttachedEdge[] {
    const merged = new Map<string, AttachedEdge>();
    for (const edge of edges) {
      const from = attachment(edge.source, open, "exits", edge.source.node);
      const to = attachment(edge.target, open, "entries", edge.source.node);
      const key = `${from}>${to}`;
      const known = merged.get(key);
      if (known) {
        for (const one of edge.tapeEdges) known.tapeEdges.push(one);
      } else merged.set(key, { from, to, edge, tapeEdges: [...edge.tapeEdges] });
    }
    return [...merged.values()];
  }

  #child(item: Item, inside: LaidOutLevel | undefined): ElkGraph {
    const id = String(item);
    if (!inside) {
      const { width, height } = isGroupItem(item) ? this.#groupSize(groupOfItem(item)) : this.#cardSize(item);
      return { id, width, height };
    }
    const { across } = this.#sides;
    const middle = (across === "x" ? inside.width : inside.height) / 2;
    const entry = (name: string, at: number): ElkPort =>
      across === "x" ? fixedPort(name, "NORTH", at, 0) : fixedPort(name, "WEST", 0, at);
    const exit = (name: string, at: number): ElkPort =>
      across === "x" ? fixedPort(name, "SOUTH", at, inside.height) : fixedPort(name, "EAST", inside.width, at);
    return {
      id,
      width: inside.width,
      height: inside.height,
      layoutOptions: { "elk.portConstraints": "FIXED_POS" },
      ports: [
        // For what does not cross the frame by a port of its own: an edge of an instance that is not shown.
        entry(`${id}in`, middle),
        exit(`${id}out`, middle),
        ...[...inside.entries].map(([node, at]) => entry(`${id}in${String(node)}`, at)),
        ...[...inside.exits].map(([node, at]) => exit(`${id}out${String(node)}`, at)),
      ],
    };
  }

  /** A closed group stands out from under its card by a line; one of equal instances has a chart of them. */
  #groupSize(group: number): { readonly width: number; readonly height: number } {
    const isRepetition = (this.#hierarchy.groups[group]?.instances.length ?? 0) > 0;
    return { width: CARD.width, height: CARD.height + 4 + (isRepetition ? CHART : 0) };
  }

  /** Whether an edge comes from a parameter or a constant: the chain of ops is what should run straight. */
  #isLeaf(end: LevelEnd): boolean {
    const kind = this.#graph.kind[end.node];
    return kind === NodeKind.parameter || kind === NodeKind.constant;
  }

  #cardSize(node: number): { readonly width: number; readonly height: number } {
    const kind = this.#graph.kind[node];
    return kind === NodeKind.parameter || kind === NodeKind.constant ? LEAF : CARD;
  }
}

interface AttachedEdge {
  readonly from: string;
  readonly to: string;
  readonly edge: LevelEdge;
  readonly tapeEdges: number[];
}

function attachment(end: LevelEnd, open: ReadonlyMap<Item, LaidOutLevel>, side: "entries" | "exits", producer: number) {
  const prefix = side === "exits" ? "out" : "in";
  if (end.kind === "port") return `${side === "exits" ? "in" : "out"}${String(end.node)}`;
  const inside = open.get(end.item);
  if (!inside) return String(end.item);
  const ports = inside[side];
  if (ports.has(producer)) return `${String(end.item)}${prefix}${String(producer)}`;
  if (ports.has(BUNDLE)) return `${String(end.item)}${prefix}${String(BUNDLE)}`;
  return `${String(end.item)}${prefix}`;
}

function port(id: string, side: string): ElkPort {
  return { id, width: 0, height: 0, layoutOptions: { "elk.port.side": side } };
}

function fixedPort(id: string, side: string, x: number, y: number): ElkPort {
  return { id, width: 0, height: 0, x, y, layoutOptions: { "elk.port.side": side } };
}

function optionsOf(isRoot: boolean, size: number, { direction }: Sides): Record<string, string> {
  return {
    "elk.algorithm": "layered",
    "elk.direction": direction,
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    "elk.layered.nodePlacement.strategy": size <= 40 ? "NETWORK_SIMPLEX" : "BRANDES_KOEPF",
    "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
    "elk.layered.thoroughness": size > 100 ? "3" : "7",
    "elk.spacing.nodeNode": "28",
    "elk.spacing.edgeNode": "14",
    "elk.spacing.edgeEdge": "10",
    "elk.layered.spacing.nodeNodeBetweenLayers": "16",
    "elk.layered.spacing.edgeNodeBetweenLayers": "10",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "8",
    "elk.padding": isRoot
      ? "[top=0,left=0,bottom=0,right=0]"
      : `[top=${String(HEADER + 12)},left=14,bottom=14,right=14]`,
  };
}

function readLevel(
  done: ElkGraph,
  attached: readonly AttachedEdge[],
  open: ReadonlyMap<Item, LaidOutLevel>,
  isRoot: boolean,
  { across }: Sides,
): LaidOutLevel {
  const places = new Map<Item, { x: number; y: number; width: number; height: number }>();
  for (const child of done.children ?? []) {
    places.set(Number(child.id), {
      x: child.x ?? 0,
      y: child.y ?? 0,
      width: child.width ?? 0,
      height: child.height ?? 0,
    });
  }
  const entries = new Map<number, number>();
  const exits = new Map<number, number>();
  for (const one of done.ports ?? []) {
    if (one.id.startsWith("in")) entries.set(Number(one.id.slice(2)), one[across] ?? 0);
    else exits.set(Number(one.id.slice(3)), one[across] ?? 0);
  }
  const edges = (done.edges ?? []).map((edge): LaidOutEdge => {
    const from = attached[Number(edge.id.slice(1))];
    if (!from) throw new Error(`no edge ${edge.id}`);
    const points = (edge.sections ?? []).flatMap((section) => [
      section.startPoint,
      ...(section.bendPoints ?? []),
      section.endPoint,
    ]);
    return { points, source: from.edge.source, target: from.edge.target, tapeEdges: from.tapeEdges };
  });
  const width = Math.max(done.width ?? 0, isRoot ? 0 : 180);
  return { width, height: done.height ?? 0, places, edges, entries, exits, open };
}
