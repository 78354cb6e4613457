import type { Scope } from "../../engine/protocol/graph.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";

export type GroupKind = "root" | "module" | "function" | "repetition" | "instance" | "chunk";

/**
 * What a group shows: nodes, written as their id, and groups, written as −1 − index. One number for both keeps a tape
 * of 100,000 nodes in typed arrays.
 */
export type Item = number;

export const itemOfGroup = (group: number): Item => -1 - group;
export const groupOfItem = (item: Item): number => -1 - item;
export const isGroupItem = (item: Item): boolean => item < 0;

export interface Group {
  readonly index: number;
  /** The same from run to run: made of paths and calls, not of ids. */
  readonly key: string;
  /**
   * What is open is remembered by this: the key, but inside a repetition the place in it, so that what is open in one
   * instance is open in all.
   */
  openKey: string;
  readonly kind: GroupKind;
  /** Index of the group around it; −1 for the root. */
  parent: number;
  /** "fc1", "crossEntropy", "Block × 12", "ops 101 … 200". */
  title: string;
  /** The module's class, or what tells it from others that are called alike; or "". */
  subtitle: string;
  /** Path of the module, for colours and breadcrumbs; "" outside any. */
  readonly path: string;
  /** In model order; of a repetition: those of each instance's group. */
  children: Item[];
  /** Groups of a repetition, in time order; else none. */
  readonly instances: readonly number[];
  /** Counts of everything inside. */
  nodeCount: number;
  opCount: number;
  parameterCount: number;
  /** The first and last op inside, in tape order; −1 when there is none. The last one's result speaks for the group. */
  firstNode: number;
  lastNode: number;
}

export interface Hierarchy {
  readonly groups: readonly Group[];
  /** Group around each node. */
  readonly groupOfNode: Int32Array;
  readonly schedule: Schedule;
}

/** What a scope is called: where it only has a number, that says nothing without what it is a part of, or its class. */
export function scopeTitle({ name, path, type }: Pick<Scope, "name" | "path" | "type">): string {
  // The outermost module has no name: its variable is the program's.
  if (name === "") return type;
  if (!/^\d+$/.test(name)) return name;
  const [container] = path.split(".").slice(-2, -1);
  return container === undefined ? `${type} ${name}` : `${container}.${name}`;
}

/** The groups around a node, innermost first, the root last. */
export function groupsAround(hierarchy: Hierarchy, node: NodeId | number): number[] {
  const path: number[] = [];
  for (let group = hierarchy.groupOfNode[node] ?? 0; group >= 0; group = hierarchy.groups[group]?.parent ?? -1) {
    path.push(group);
  }
  return path;
}
