import { computed, signal } from "@preact/signals";
import { NodeKind } from "../../engine/protocol/graph.ts";
import { RECORDING_EXTENSION } from "../../engine/protocol/model-file.ts";
import { changesOf, type WhatIfChange } from "../../engine/recording/what-if-changes.ts";
import { Verdicts } from "../../engine/recording/verdicts.ts";
import { countVerdicts, type CardContext } from "../graph/card-model.ts";
import { buildHierarchy } from "../graph/hierarchy.ts";
import { moduleColors } from "../graph/module-color.ts";
import { notFiniteIn } from "../graph/not-finite.ts";
import { groupNumbers, overlayOf } from "../graph/overlay.ts";
import { EMPTY_SCENE, shownItem, type Scene } from "../graph/scene.ts";
import { arrangementOf, flowIn } from "../layout/arrangement.ts";
import { parseQuery, search } from "../graph/search.ts";
import { lastNode, selection } from "./navigation.ts";
import { cellsOfCards } from "../ranks/rank-cells.ts";
import { rankStrip } from "./ranks.ts";
import { checkRows, comparison, cursor, file, graph, session, statistics, times, whatIf } from "./resources.ts";
import { trainingIsOpen } from "./training.ts";
import { drawingSize, flowChoice, lensOpen, litNodes, overlayName, pageSize, searchText, sideOpen } from "./ui.ts";

export const hierarchy = computed(() => (graph.value ? buildHierarchy(graph.value) : null));
export const schedule = computed(() => hierarchy.value?.schedule ?? null);
/** Set by the layout effect. */
export const scene = signal<Scene>(EMPTY_SCENE);
export const layingOut = signal(false);

/** Whether a recording is shown: its program is gone. */
export const isRecording = computed(() => file.value?.endsWith(RECORDING_EXTENSION) === true);

export const position = computed(() => cursor.value?.position ?? 0);
/** The comparison with another pass, while the pass that was compared is shown. */
export const shownComparison = computed(() =>
  comparison.value?.passes[0] === graph.value?.pass ? comparison.value : null,
);
/** The edits of the pass that is shown. */
export const shownWhatIf = computed(() => (whatIf.value?.pass === graph.value?.pass ? whatIf.value : null));
/** The numbers of each node that change with them. */
export const whatIfChanges = computed((): ReadonlyMap<number, readonly WhatIfChange[]> => {
  const shown = shownWhatIf.value;
  const numbers = statistics.value;
  const changes = new Map<number, readonly WhatIfChange[]>();
  if (!shown || !numbers) return changes;
  for (let node = 0; node < numbers.valueNorm.length; node++) {
    const found = changesOf(node, shown.result, numbers);
    if (found.length > 0) changes.set(node, found);
  }
  return changes;
});
export const overlay = computed(() =>
  overlayOf(
    overlayName.value,
    statistics.value,
    { times: times.value, isAsked: session.value },
    checkRows.value,
    shownComparison.value,
  ),
);
export const groupNumber = computed(() => (hierarchy.value ? groupNumbers(overlay.value, hierarchy.value) : () => NaN));

const found = computed(() => new Verdicts(checkRows.value));
/** The verdict of each node. */
export const verdicts = computed(() => found.value.byNode());
export const verdictCounts = computed(() => found.value.tally());

export const query = computed(() => parseQuery(searchText.value));
export const hits = computed(() => {
  const pass = graph.value;
  if (!pass) return [];
  return search(query.value, { graph: pass, statistics: statistics.value, verdicts: verdicts.value });
});

/** Whether the cursor is in a pass whose graph has yet to come: the one that is still shown has other nodes. */
export const isBetweenPasses = computed(
  () => cursor.value !== null && graph.value !== null && cursor.value.pass !== graph.value.pass,
);
/** The cursor's node in the graph that is shown. */
const cursorNode = computed(() => (isBetweenPasses.value ? null : (cursor.value?.node ?? null)));

/** The node whose tensors the inspector shows; −1 when it shows a group, or nothing. */
export const inspectedNode = computed(() => {
  const chosen = selection.value;
  const pass = graph.value;
  const current = cursorNode.value ?? -1;
  if (chosen?.kind === "group") return -1;
  if (chosen) return chosen.node;
  if (current >= 0) return current;
  if (!pass || isBetweenPasses.value) return -1;
  const last = lastNode.value;
  return last >= 0 && last < pass.nodeCount ? last : (pass.roots[0] ?? -1);
});

/** The card or frame that is selected. */
export const selectedItem = computed(() => {
  const chosen = selection.value;
  const tree = hierarchy.value;
  if (!tree) return null;
  if (chosen?.kind === "group") return scene.value.byItem.has(-1 - chosen.group) ? -1 - chosen.group : null;
  const node = inspectedNode.value;
  return node < 0 ? null : shownItem(scene.value, tree, node);
});

/** The card that stands for the cursor's node. */
export const currentItem = computed(() => {
  const node = cursorNode.value;
  const tree = hierarchy.value;
  return node === null || !tree ? null : shownItem(scene.value, tree, node);
});

/** The cards that stand for the nodes of a term that is pointed at. */
export const litItems = computed(() => {
  const tree = hierarchy.value;
  return tree ? litNodes.value.flatMap((node) => shownItem(scene.value, tree, node) ?? []) : [];
});

export const parameters = computed(() => {
  const pass = graph.value;
  if (!pass) return [];
  const list: number[] = [];
  for (let node = 0; node < pass.nodeCount; node++) if (pass.kind[node] === NodeKind.parameter) list.push(node);
  return list;
});

/** A graph of more scalars than this is looked at as a graph first. */
const MOST_SCALARS = 60;
/** Whether every tensor of the pass is a scalar: what each number is says more than how the cards hang together. */
const isOfScalars = computed(() => {
  const pass = graph.value;
  return pass !== null && pass.nodeCount <= MOST_SCALARS && pass.shapes.length === 0;
});
export const lensIsOpen = computed(() => lensOpen.value ?? isOfScalars.value);

export const arrangement = computed(() =>
  arrangementOf(pageSize.value.width, pageSize.value.height, trainingIsOpen.value),
);

export const flow = computed(() => flowIn(flowChoice.value, drawingSize.value.width, drawingSize.value.height));

/** A panel narrower than this keeps all of it for the drawing, unless somebody asks for the rest. */
const WIDE_ENOUGH = 1000;
export const sideIsOpen = computed(() => sideOpen.value ?? pageSize.value.width >= WIDE_ENOUGH);

export const notFinite = computed(() =>
  graph.value && hierarchy.value
    ? notFiniteIn(graph.value, hierarchy.value.schedule, statistics.value)
    : { values: [], gradients: [], followers: new Set<number>() },
);

export const colors = computed(() => (hierarchy.value ? moduleColors(hierarchy.value) : () => "none"));

const groupVerdicts = computed(() => (hierarchy.value ? countVerdicts(hierarchy.value, verdicts.value) : new Map()));

const rankCells = computed(() => cellsOfCards(rankStrip.value, hierarchy.value));

/** What cards say; a step changes nothing of it but the state and the colours. */
export const cardContext = computed((): CardContext | null => {
  const pass = graph.value;
  const tree = hierarchy.value;
  const order = schedule.value;
  if (!pass || !tree || !order) return null;
  return {
    graph: pass,
    hierarchy: tree,
    schedule: order,
    statistics: statistics.value,
    verdicts: verdicts.value,
    groupVerdicts: groupVerdicts.value,
    notFinite: notFinite.value,
    whatIf: whatIfChanges.value,
    ranks: rankCells.value,
    overlay: overlay.value,
    groupNumber: groupNumber.value,
    position: position.value,
    current: currentItem.value,
  };
});
