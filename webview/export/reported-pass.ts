import type { PassGraph } from "../../engine/protocol/graph.ts";
import { backwardStepsRun } from "../../engine/recording/moves.ts";
import { domId } from "../graph/node-card.tsx";
import { groupOfItem, isGroupItem, type Group, type Hierarchy } from "../graph/group.ts";
import { shownItem, type Scene } from "../graph/scene.ts";
import { nameOf } from "../ui/node-link.tsx";
import * as derived from "../state/derived.ts";
import { cursor, statistics } from "../state/resources.ts";
import { formatNumber } from "../ui/format.ts";
import type { ReportedGroup, ReportedStep } from "./report-html.ts";

/** What an exported page says of a pass as a whole. */
export interface ReportedPass {
  readonly steps: readonly ReportedStep[];
  readonly start: number;
  readonly root: ReportedGroup;
  /** All nodes, those that are drawn first: what there is no room for is told of these. */
  readonly order: readonly number[];
}

/** Reads off the panel how the pass is stepped, grouped and drawn. */
export function reportedPass(pass: PassGraph, scene: Scene): ReportedPass {
  const tree = derived.hierarchy.value;
  const at = cursor.value;
  if (!tree || !at) return { steps: [], start: 0, root: { card: "", title: "", groups: [], nodes: [] }, order: [] };
  const stepOf = (node: number): ReportedStep => {
    const norm = statistics.value?.gradNorm[node] ?? NaN;
    const item = shownItem(scene, tree, node);
    return {
      node,
      name: nameOf(node),
      norm: Number.isNaN(norm) ? "" : formatNumber(norm),
      card: item === null ? "" : domId(item),
    };
  };
  const drawn = scene.placed.map(({ item }) => item).filter((item) => !isGroupItem(item));
  const every = Array.from({ length: pass.nodeCount }, (_, node) => node);
  const [root] = tree.groups;
  return {
    steps: Array.from(pass.backwardOrder, stepOf),
    start: Math.max(0, backwardStepsRun(at)),
    root: root ? groupOf(root, tree, stepOf) : { card: "", title: "", groups: [], nodes: [] },
    order: [...new Set([...drawn, ...pass.backwardOrder, ...every])],
  };
}

function groupOf(group: Group, tree: Hierarchy, stepOf: (node: number) => ReportedStep): ReportedGroup {
  const inner = group.children.filter((item) => isGroupItem(item)).map((item) => tree.groups[groupOfItem(item)]);
  return {
    card: domId(-1 - group.index),
    title: [group.title, group.subtitle].filter(Boolean).join(" "),
    groups: inner.filter((one) => one !== undefined).map((one) => groupOf(one, tree, stepOf)),
    nodes: group.children.filter((item) => !isGroupItem(item)).map(stepOf),
  };
}
