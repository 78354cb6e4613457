import { t } from "../../engine/language/translate.ts";
import type { Verdict } from "../../engine/protocol/check.ts";
import { NodeFlag, type NodeStatistics, type PassGraph } from "../../engine/protocol/graph.ts";
import { isLeaf, labelOf, nodeName, opOf } from "../../engine/recording/graph-rows.ts";
import type { WhatIfChange } from "../../engine/recording/what-if-changes.ts";
import type { RankCell } from "../ranks/rank-cells.ts";
import { stopAt } from "../ui/color-scale.ts";
import { percentText } from "../../engine/recording/number-text.ts";
import { count, dtypeName, formatNumber, formatShape } from "../ui/format.ts";
import { groupOfItem, isGroupItem, type Group, type Hierarchy, type Item } from "./group.ts";
import type { NotFinite } from "./not-finite.ts";
import type { Overlay } from "./overlay.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";
import { nodeState, type NodeState } from "./progress.ts";

export type MarkKind = "pass" | "fail" | "inconclusive" | "zero" | "nan" | "after" | "none";

export interface CardMark {
  readonly kind: MarkKind;
  readonly text: string;
  /** In words, for the tooltip and for screen readers. */
  readonly means: string;
}

/** What a card says, whatever draws it. */
export interface CardModel {
  readonly item: Item;
  readonly kind: "op" | "leaf" | "group";
  /** Op, class name, or a leaf's name. */
  readonly name: string;
  /** The variable, or a group's class. */
  readonly detail: string;
  readonly shape: string;
  readonly right: string;
  readonly state: NodeState;
  readonly current: boolean;
  /** With what somebody has set, its value or gradient would be another; the texts then say old and new. */
  readonly changed: boolean;
  /** The place on the overlay's scale; null where there is no number yet. */
  readonly bar: { readonly position: number; readonly stop: number } | null;
  readonly marks: readonly CardMark[];
  /** The overlay's number of each instance of a repetition, in their order, as {@link bar}. */
  readonly chart: readonly CardModel["bar"][];
  /** Each rank at the node, or in the group; empty where there is one rank. */
  readonly ranks: readonly RankCell[];
  readonly group: Group | null;
  /** Everything above in one sentence. */
  readonly spoken: string;
}

export interface CardContext {
  readonly graph: PassGraph;
  readonly hierarchy: Hierarchy;
  readonly schedule: Schedule;
  readonly statistics: NodeStatistics | null;
  readonly verdicts: ReadonlyMap<number, Verdict>;
  readonly groupVerdicts: ReadonlyMap<number, Readonly<Record<Verdict, number>>>;
  readonly notFinite: NotFinite;
  readonly overlay: Overlay;
  /** The numbers of each node that change with what somebody has set. */
  readonly whatIf: ReadonlyMap<number, readonly WhatIfChange[]>;
  /** Each rank at what a card stands for. */
  readonly ranks: (item: Item) => readonly RankCell[];
  /** What the overlay says of a group. */
  readonly groupNumber: (group: Group) => number;
  readonly position: number;
  readonly current: Item | null;
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  pass: t("agrees with finite differences"),
  fail: t("disagrees with finite differences"),
  inconclusive: t("finite differences cannot decide"),
};

export function cardOf(item: Item, context: CardContext): CardModel {
  return isGroupItem(item) ? groupCard(item, context) : nodeCard(item, context);
}

function nodeCard(node: number, context: CardContext): CardModel {
  const { graph, schedule, position } = context;
  const leaf = isLeaf(graph, node);
  const label = labelOf(graph, node);
  const state = nodeState(schedule, node, position);
  const changes = context.whatIf.get(node) ?? [];
  const changedValue = changes.find(({ plane, isNorm }) => plane === "value" && !isNorm);
  const changed = changes.find(({ plane }) => plane === "gradient") ?? changes.find(({ isNorm }) => isNorm);
  const shape = changedValue ? arrow(changedValue) : shapeText(node, context);
  const name = leaf ? leafName(node, nodeName(graph, node), context) : opOf(graph, node);
  const right = changed ? arrow(changed) : rightText(node, state, leaf, context);
  const ranks = context.ranks(node);
  const marks = [...marksOf(node, state, context), ...verdictMarks(context.verdicts.get(node))];
  return {
    item: node,
    kind: leaf ? "leaf" : "op",
    name,
    detail: leaf ? "" : label,
    shape,
    right,
    state,
    current: context.current === node,
    changed: changes.length > 0,
    bar: barOf(context.overlay.value(node), state, context),
    marks,
    chart: [],
    ranks,
    group: null,
    spoken: [
      ...[name, leaf ? "" : label, shape, right],
      ...[...changes.map(changeInWords), ...marks.map((mark) => mark.means), ...ranks.map((cell) => cell.means)],
    ]
      .filter(Boolean)
      .join(", "),
  };
}

function groupCard(item: Item, context: CardContext): CardModel {
  const group = context.hierarchy.groups[groupOfItem(item)];
  if (!group) throw new Error(`no group ${String(item)}`);
  const output = group.lastNode;
  const state = output < 0 ? "none" : nodeState(context.schedule, output, context.position);
  const contents = [
    count(group.opCount, "op"),
    ...(group.parameterCount > 0 ? [count(group.parameterCount, "param")] : []),
  ].join(", ");
  const number = context.groupNumber(group);
  const bar = barOf(number, state, context);
  const right = state === "next" ? t("next") : bar ? context.overlay.format(number) : contents;
  const counts = context.groupVerdicts.get(group.index);
  const marks: CardMark[] = [];
  for (const verdict of ["pass", "inconclusive", "fail"] as const) {
    const n = counts?.[verdict] ?? 0;
    if (n > 0) marks.push({ kind: verdict, text: String(n), means: `${String(n)} ${t(verdict)}` });
  }
  const shape = output < 0 ? "" : shapeText(output, context);
  const ranks = context.ranks(item);
  return {
    item,
    kind: "group",
    name: group.title,
    detail: group.subtitle,
    shape,
    right,
    state,
    current: context.current === item,
    changed: false,
    bar,
    marks,
    chart: group.instances.map((index) => instanceBar(index, context)),
    ranks,
    group,
    spoken: [
      `${group.title} ${group.subtitle}`.trim(),
      contents,
      shape,
      right === contents ? "" : right,
      ...marks.map((mark) => mark.means),
      ...ranks.map((cell) => cell.means),
    ]
      .filter(Boolean)
      .join(", "),
  };
}

/** Short: both stand on a card. */
function arrow({ before, after }: WhatIfChange): string {
  return `${formatNumber(before)} → ${formatNumber(after)}`;
}

function changeInWords(change: WhatIfChange): string {
  return t`what if: ${t(change.plane)} ${arrow(change)}`;
}

function instanceBar(index: number, context: CardContext): CardModel["bar"] {
  const instance = context.hierarchy.groups[index];
  if (!instance || instance.lastNode < 0) return null;
  const state = nodeState(context.schedule, instance.lastNode, context.position);
  return barOf(context.groupNumber(instance), state, context);
}

/** "[64, 10]"; of a scalar its value as well. */
function shapeText(node: number, { graph, statistics }: CardContext): string {
  const shape = formatShape(graph.shapes.subarray(graph.shapeStart[node], graph.shapeStart[node + 1]));
  const value = statistics?.valueItem[node] ?? NaN;
  return shape === "[]" && !Number.isNaN(value) ? `[] ${formatNumber(value)}` : shape;
}

/** A parameter's path without the part that the frames around it already say. */
function leafName(node: number, name: string, { hierarchy }: CardContext): string {
  for (let index = hierarchy.groupOfNode[node] ?? -1; index > 0; index = hierarchy.groups[index]?.parent ?? -1) {
    const group = hierarchy.groups[index];
    if (group?.kind === "module" && group.path !== "" && name.startsWith(`${group.path}.`)) {
      return name.slice(group.path.length + 1);
    }
  }
  return name;
}

function rightText(
  node: number,
  state: NodeState,
  isLeaf: boolean,
  { graph, overlay, statistics }: CardContext,
): string {
  if (state === "none" && overlay.needsGradient) {
    const dtype = dtypeName(graph.dtype[node] ?? 0);
    return dtype === "float32" ? t("no grad") : dtype;
  }
  if (state === "ahead") return t("not yet");
  if (!reached(state) && overlay.needsGradient) return t(state);
  const value = overlay.value(node);
  if (Number.isNaN(value) && !hasNaN(node, statistics)) return "";
  if (overlay.name === "gradient norm") {
    const single = statistics?.gradItem[node] ?? NaN;
    if (!Number.isNaN(single)) return `∇ ${formatNumber(single)}`;
    if (isLeaf) return formatNumber(value);
  }
  return overlay.format(value);
}

function hasNaN(node: number, statistics: NodeStatistics | null): boolean {
  return ((statistics?.flags[node] ?? 0) & (NodeFlag.gradNaN | NodeFlag.valueNaN)) !== 0;
}

/** Whether the gradient that the statistics speak of is there at the cursor. */
export function reached(state: NodeState): boolean {
  return state === "done";
}

function barOf(value: number, state: NodeState, { overlay }: CardContext): CardModel["bar"] {
  if (overlay.needsGradient ? !reached(state) : state === "ahead") return null;
  if (Number.isNaN(value)) return null;
  const position = overlay.position(value);
  return { position, stop: stopAt(position) };
}

function marksOf(node: number, state: NodeState, context: CardContext): CardMark[] {
  const { graph, statistics, schedule, notFinite } = context;
  const marks: CardMark[] = [];
  if ((schedule.completeAt[node] ?? -1) < 0 || !graph.requiresGrad[node]) {
    marks.push({ kind: "none", text: "", means: t("gets no gradient") });
  }
  if (!statistics) return marks;
  const flags = statistics.flags[node] ?? 0;
  const bad = reached(state) ? flags : flags & (NodeFlag.valueNaN | NodeFlag.valueInf);
  const isMask = (flags & NodeFlag.mask) !== 0 && (bad & ~NodeFlag.valueInf & ~NodeFlag.mask) === 0;
  const kind = notFinite.followers.has(node) ? "after" : "nan";
  const followed = kind === "after" ? t(", which came from elsewhere") : "";
  if (bad & (NodeFlag.valueNaN | NodeFlag.gradNaN)) marks.push({ kind, text: "NaN", means: t`has NaN${followed}` });
  else if (!isMask && bad & (NodeFlag.valueInf | NodeFlag.gradInf))
    marks.push({ kind, text: "Inf", means: t`has infinities${followed}` });
  const dead = statistics.deadUnits[node] ?? 0;
  const zeros = statistics.gradZeros[node] ?? 0;
  if (dead > 0) {
    marks.push({ kind: "zero", text: String(dead), means: t`${count(dead, "unit")} 0 for the whole batch` });
  } else if (reached(state) && zeros >= 0.2) {
    marks.push({ kind: "zero", text: percentText(zeros), means: t`${percentText(zeros)} of the gradient is 0` });
  }
  return marks;
}

function verdictMarks(verdict: Verdict | undefined): CardMark[] {
  return verdict ? [{ kind: verdict, text: "", means: VERDICT_WORDS[verdict] }] : [];
}

/** How many nodes inside each group have which verdict. */
export function countVerdicts(
  hierarchy: Hierarchy,
  verdicts: ReadonlyMap<number, Verdict>,
): ReadonlyMap<number, Readonly<Record<Verdict, number>>> {
  const counts = new Map<number, Record<Verdict, number>>();
  for (const [node, verdict] of verdicts) {
    for (let group = hierarchy.groupOfNode[node] ?? -1; group >= 0; group = hierarchy.groups[group]?.parent ?? -1) {
      let known = counts.get(group);
      if (!known) counts.set(group, (known = { pass: 0, fail: 0, inconclusive: 0 }));
      known[verdict]++;
    }
  }
  return counts;
}
