import { NodeKind, type PassGraph } from "../../engine/protocol/graph.ts";
import { opOf } from "../../engine/recording/graph-rows.ts";
import { scheduleOfGraph, type Schedule } from "../../engine/recording/schedule.ts";
import {
  type GroupKind,
  type Item,
  itemOfGroup,
  groupOfItem,
  isGroupItem,
  type Group,
  type Hierarchy,
  scopeTitle,
} from "./group.ts";
import { tellApart } from "./tell-apart.ts";
import { placesIn } from "./node-places.ts";
import { findRepetitions } from "./repetition.ts";
import { hash, stringHash } from "./signature.ts";

/** Beyond this many children a group is split: ELK's time and stack grow with a level's size. */
export const LARGEST_GROUP = 240;
const CHUNK = 80;
/** Fewer parts of one tensor than this are not moved to what reads them. */
const FEWEST_PARTS = 3;

/** Builds the groups of a pass: modules and composite functions, folded repetitions, and chunks of what is too large. */
export function buildHierarchy(graph: PassGraph): Hierarchy {
  return new HierarchyBuilder(graph).build();
}

class HierarchyBuilder {
  readonly #graph: PassGraph;
  readonly #schedule: Schedule;
  readonly #groups: Group[] = [];
  readonly #keys = new Map<string, number>();
  readonly #signatures: number[] = [];

  constructor(graph: PassGraph) {
    this.#graph = graph;
    this.#schedule = scheduleOfGraph(graph);
  }

  build(): Hierarchy {
    const graph = this.#graph;
    const root = this.#add("root", "", "", "", "");
    const scopeGroups = graph.scopes.map((scope) => {
      const { kind, path, name, call, type } = scope;
      const title = scopeTitle(scope);
      // "Linear 0" says its class already.
      return this.#add(kind, `${path || name}#${String(call)}`, title, title.startsWith(`${type} `) ? "" : type, path);
    });
    const members: Item[][] = this.#groups.map(() => []);
    const placed = placesIn(graph, this.#schedule);
    for (let node = 0; node < graph.nodeCount; node++) {
      const scope = placed[node] ?? -1;
      members[scope < 0 ? root.index : (scopeGroups[scope]?.index ?? root.index)]?.push(node);
    }
    // The one module that holds the model adds a frame around everything and says nothing: its parts are the top level.
    const modules = graph.scopes.filter((scope) => scope.parent < 0 && scope.kind === "module");
    const dissolved = modules.length === 1 ? modules[0] : undefined;
    // Children have higher ids than their parents: from the last to the first, every group is complete when it is met.
    for (let i = graph.scopes.length - 1; i >= 0; i--) {
      const group = scopeGroups[i];
      const scope = graph.scopes[i];
      if (!group || !scope) continue;
      const around = members[scope.parent < 0 ? root.index : (scopeGroups[scope.parent] ?? root).index];
      if (scope === dissolved) {
        for (const item of members[group.index] ?? []) around?.push(item);
        continue;
      }
      const item = this.#finish(group, members[group.index] ?? []);
      if (item !== null) around?.push(item);
    }
    this.#fill(root, members[root.index] ?? []);
    const groupOfNode = new Int32Array(graph.nodeCount);
    this.#adopt(root, groupOfNode);
    tellApart(this.#groups, graph);
    return { groups: this.#groups, groupOfNode, schedule: this.#schedule };
  }

  #add(kind: GroupKind, key: string, title: string, subtitle: string, path: string, instances: number[] = []): Group {
    const seen = this.#keys.get(key) ?? 0;
    this.#keys.set(key, seen + 1);
    const group: Group = {
      index: this.#groups.length,
      key: seen === 0 ? key : `${key}~${String(seen)}`,
      openKey: "",
      kind,
      parent: -1,
      title,
      subtitle: subtitle === title ? "" : subtitle,
      path,
      children: [],
      instances,
      nodeCount: 0,
      opCount: 0,
      parameterCount: 0,
      firstNode: -1,
      lastNode: -1,
    };
    this.#groups.push(group);
    return group;
  }

  #group(item: Item): Group {
    const group = this.#groups[groupOfItem(item)];
    if (!group) throw new Error(`no group ${String(item)}`);
    return group;
  }

  /** Gives a group its children; what remains to be drawn: the group, its only child, or nothing. */
  #finish(group: Group, items: Item[]): Item | null {
    if (items.length === 0) return null;
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      if (!isGroupItem(only)) return only;
      const inner = this.#group(only);
      inner.title = `${group.title}.${inner.title}`;
      return only;
    }
    this.#fill(group, items);
    const [folded] = group.children;
    if (group.children.length === 1 && folded !== undefined && isGroupItem(folded)) return folded;
    return itemOfGroup(group.index);
  }

  #fill(group: Group, items: Item[]): void {
    const sorted = this.#inModelOrder(this.#withParts(items));
    const folded = this.#fold(group, sorted);
    group.children = this.#chunk(group, folded);
    this.#summarise(group, group.children);
  }

  /**
   * Loose ops that each take a part of one and the same tensor, for one of the groups beside them, move into the group that
   * reads them: the time steps of a sequence and the cells that take one each. Nothing tells them apart where they lie.
   */
  #withParts(items: Item[]): Item[] {
    const { kind, inputStart, inputs } = this.#graph;
    const groups = items.filter(isGroupItem);
    if (groups.length < FEWEST_PARTS) return items;
    const loose = items.filter((node) => {
      const isOp = !isGroupItem(node) && (kind[node] === NodeKind.op || kind[node] === NodeKind.function);
      return isOp && (inputStart[node + 1] ?? 0) === (inputStart[node] ?? 0) + 1;
    });
    // Who owns which node is asked of few levels, and takes a look at every node below this one.
    if (loose.length < FEWEST_PARTS) return items;
    const owner = new Map<number, Item>();
    for (const item of groups) this.#nodesIn(item, (node) => owner.set(node, item));
    const parts = new Map<number, Map<number, Item>>();
    for (const node of loose) {
      const { edgeOwner } = this.#schedule;
      const readers = new Set(Array.from(this.#schedule.edgesTo(node), (edge) => owner.get(edgeOwner[edge] ?? 0)));
      const [reader] = readers;
      if (readers.size !== 1 || reader === undefined) continue;
      const whole = hash(this.#signature(node), inputs[inputStart[node] ?? 0] ?? 0);
      const siblings = parts.get(whole) ?? new Map<number, Item>();
      parts.set(whole, siblings.set(node, reader));
    }
    const moved = new Set<number>();
    for (const siblings of parts.values()) {
      if (siblings.size < FEWEST_PARTS || new Set(siblings.values()).size !== siblings.size) continue;
      for (const [node, reader] of siblings) {
        this.#moveInto(this.#group(reader), [node]);
        moved.add(node);
      }
    }
    return moved.size === 0 ? items : items.filter((item) => !moved.has(item));
  }

  /** Adds nodes to a group that was complete. */
  #moveInto(group: Group, nodes: readonly Item[]): void {
    group.children = this.#inModelOrder([...nodes, ...group.children]);
    Object.assign(group, { nodeCount: 0, opCount: 0, parameterCount: 0, firstNode: -1, lastNode: -1 });
    this.#summarise(group, group.children);
  }

  #nodesIn(item: Item, visit: (node: number) => void): void {
    if (!isGroupItem(item)) visit(item);
    else for (const child of this.#group(item).children) this.#nodesIn(child, visit);
  }

  /** Tape order, parameters last: ELK keeps this order within a row, which puts them beside their op. */
  #inModelOrder(items: Item[]): Item[] {
    const { kind } = this.#graph;
    const rank = (item: Item): number => {
      if (isGroupItem(item)) return this.#group(item).firstNode;
      return kind[item] === NodeKind.parameter ? item + this.#graph.nodeCount : item;
    };
    return items
      .map((item) => [rank(item), item] as const)
      .sort((a, b) => a[0] - b[0])
      .map(([, item]) => item);
  }

  #summarise(group: Group, items: readonly Item[]): void {
    const { kind } = this.#graph;
    let signature = 17;
    let before: Item | null = null;
    for (const item of items) {
      if (isGroupItem(item)) {
        const inner = this.#group(item);
        group.nodeCount += inner.nodeCount;
        group.opCount += inner.opCount;
        group.parameterCount += inner.parameterCount;
        if (inner.firstNode >= 0 && (group.firstNode < 0 || inner.firstNode < group.firstNode))
          group.firstNode = inner.firstNode;
        if (inner.lastNode > group.lastNode) group.lastNode = inner.lastNode;
      } else {
        group.nodeCount++;
        const isOp = kind[item] === NodeKind.op || kind[item] === NodeKind.function;
        if (isOp) {
          group.opCount++;
          if (group.firstNode < 0 || item < group.firstNode) group.firstNode = item;
          if (item > group.lastNode) group.lastNode = item;
        } else if (kind[item] === NodeKind.parameter) group.parameterCount++;
      }
      // How many parts of one tensor are read is no difference: the last cell passes no state on.
      if (this.#isAnotherPart(item, before)) continue;
      signature = hash(signature, this.#signature(item));
      before = item;
    }
    if (group.firstNode < 0) {
      const first = items.find((item) => !isGroupItem(item));
      group.firstNode = first ?? -1;
      group.lastNode = first ?? -1;
    }
    this.#signatures[group.index] = hash(signature, stringHash(group.subtitle || group.title.replace(/[\d.]+/g, "")));
  }

  /** Whether two ops compute alike from one and the same input. */
  #isAnotherPart(item: Item, before: Item | null): boolean {
    if (before === null || isGroupItem(item) || isGroupItem(before)) return false;
    const { inputStart, inputs } = this.#graph;
    const [start, other] = [inputStart[item] ?? 0, inputStart[before] ?? 0];
    const isSingle = inputStart[item + 1] === start + 1 && inputStart[before + 1] === other + 1;
    return isSingle && inputs[start] === inputs[other] && this.#signature(item) === this.#signature(before);
  }

  /** Equal for nodes of the same op, shape and dtype, and for groups of the same type made of such. */
  #signature(item: Item): number {
    if (isGroupItem(item)) return this.#signatures[groupOfItem(item)] ?? 0;
    const { op, kind, dtype, shapes, shapeStart } = this.#graph;
    let signature = hash(hash(op[item] ?? 0, kind[item] ?? 0), dtype[item] ?? 0);
    for (let i = shapeStart[item] ?? 0; i < (shapeStart[item + 1] ?? 0); i++) {
      signature = hash(signature, shapes[i] ?? 0);
    }
    return signature;
  }

  #fold(group: Group, items: Item[]): Item[] {
    const { kind } = this.#graph;
    const isLeaf = (item: Item): boolean =>
      !isGroupItem(item) && (kind[item] === NodeKind.parameter || kind[item] === NodeKind.constant);
    const leaves = items.filter(isLeaf);
    const rest = items.filter((item) => !isLeaf(item));
    if (rest.length < 3) return items;
    const signatures = rest.map((item) => this.#signature(item));
    // Groups are worth folding from three on; loose ops only when there are many, or a plain chain would be hidden.
    const groupsBefore = new Uint32Array(rest.length + 1);
    rest.forEach((item, i) => (groupsBefore[i + 1] = (groupsBefore[i] ?? 0) + (isGroupItem(item) ? 1 : 0)));
    const repetitions = findRepetitions(signatures, (start, period) => {
      const hasGroup = (groupsBefore[start + period] ?? 0) > (groupsBefore[start] ?? 0);
      if (!hasGroup) return Math.max(6, Math.ceil(24 / period));
      return period === 1 && this.#sizeOf(rest[start] ?? 0) < 8 ? 4 : 3;
    });
    if (repetitions.length === 0) return items;
    const out: Item[] = [];
    let at = 0;
    for (const repetition of repetitions) {
      out.push(...rest.slice(at, repetition.start));
      at = repetition.start + repetition.period * repetition.count;
      out.push(this.#repetition(group, rest.slice(repetition.start, at), repetition.period, leaves));
    }
    out.push(...rest.slice(at));
    return this.#inModelOrder([...out, ...leaves]);
  }

  #sizeOf(item: Item): number {
    return isGroupItem(item) ? this.#group(item).nodeCount : 1;
  }

  #repetition(parent: Group, items: Item[], period: number, leaves: Item[]): Item {
    const count = items.length / period;
    const instances: number[] = [];
    for (let i = 0; i < count; i++) {
      const unit = items.slice(i * period, (i + 1) * period);
      const [only] = unit;
      if (period === 1 && only !== undefined && isGroupItem(only)) {
        instances.push(groupOfItem(only));
        continue;
      }
      const first = unit[0] ?? 0;
      const key = isGroupItem(first) ? this.#group(first).key : `${parent.key}/${this.#opName(first)}`;
      const instance = this.#add("instance", `${key}@${String(i)}`, String(i), "", parent.path);
      const own = this.#leavesOf(unit, leaves);
      instance.children = this.#chunk(instance, this.#inModelOrder([...unit, ...own]));
      this.#summarise(instance, instance.children);
      instances.push(instance.index);
    }
    const named = items.slice(0, period);
    const groups = named.filter(isGroupItem).map((item) => this.#group(item));
    const [one] = groups;
    const name =
      groups.length > 0
        ? [...new Set(groups.map((each) => each.subtitle || each.title))].slice(0, 2).join(", ")
        : [...new Set(named.map((item) => this.#opName(item)))].slice(0, 3).join(", ");
    const path = groups.length === 1 && one ? one.path.replace(/\.?\d+$/, "") : parent.path;
    const group = this.#add(
      "repetition",
      `${parent.key}/×${name}`,
      `${name} × ${String(count)}`,
      path.slice(path.lastIndexOf(".") + 1),
      path,
      instances,
    );
    group.children = instances.map(itemOfGroup);
    this.#summarise(group, group.children);
    return itemOfGroup(group.index);
  }

  /** Leaves read by nothing outside the unit move into it. */
  #leavesOf(unit: readonly Item[], leaves: Item[]): Item[] {
    const inside = new Set<number>();
    const collect = (item: Item): void => {
      if (isGroupItem(item)) this.#group(item).children.forEach(collect);
      else inside.add(item);
    };
    unit.forEach(collect);
    const { edgeOwner } = this.#schedule;
    const own: Item[] = [];
    for (let i = leaves.length - 1; i >= 0; i--) {
      const leaf = leaves[i] ?? 0;
      const edges = this.#schedule.edgesTo(leaf);
      if (edges.length > 0 && edges.every((edge) => inside.has(edgeOwner[edge] ?? 0))) {
        own.unshift(leaf);
        leaves.splice(i, 1);
      }
    }
    return own;
  }

  #opName(item: Item): string {
    return isGroupItem(item) ? this.#group(item).title : opOf(this.#graph, item);
  }

  #chunk(group: Group, items: Item[]): Item[] {
    let level = items;
    for (let depth = 0; level.length > LARGEST_GROUP; depth++) {
      const next: Item[] = [];
      for (let i = 0; i < level.length; i += CHUNK) {
        const part = level.slice(i, i + CHUNK);
        const key = `${group.key}/~${String(depth)}.${String(i / CHUNK)}`;
        const chunk = this.#add("chunk", key, "", "", group.path);
        chunk.children = part;
        this.#summarise(chunk, part);
        chunk.title = this.#chunkTitle(chunk, part);
        next.push(itemOfGroup(chunk.index));
      }
      level = next;
    }
    return level;
  }

  #chunkTitle(chunk: Group, part: readonly Item[]): string {
    const tally = new Map<string, number>();
    if (chunk.opCount === 0) {
      for (const item of part) tally.set(this.#opName(item), (tally.get(this.#opName(item)) ?? 0) + 1);
      return `${String(part.length)} ${[...tally.keys()].slice(0, 2).join(", ")}s`;
    }
    return `nodes ${String(chunk.firstNode)} … ${String(chunk.lastNode)}`;
  }

  /** Sets parents and open keys, top down; groups left out on the way keep −1 and are never shown. */
  #adopt(root: Group, groupOfNode: Int32Array): void {
    root.openKey = root.key;
    const stack = [{ group: root, isRelative: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const { group, isRelative } = top;
      group.children.forEach((item, i) => {
        if (!isGroupItem(item)) {
          groupOfNode[item] = group.index;
          return;
        }
        const inner = this.#group(item);
        inner.parent = group.index;
        const isInstance = group.kind === "repetition";
        if (isInstance) inner.openKey = `${group.openKey}/*`;
        else inner.openKey = isRelative ? `${group.openKey}/${String(i)}` : inner.key;
        stack.push({ group: inner, isRelative: isRelative || isInstance });
      });
    }
  }
}
