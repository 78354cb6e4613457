import { batch } from "@preact/signals";
import type { PassId } from "../../engine/protocol/ids.ts";
import * as derived from "./derived.ts";
import { MOST_VISIBLE_AT_START, openedAtStart } from "./expansion.ts";
import * as navigation from "./navigation.ts";
import { followIntoInstances } from "./instances.ts";
import { ask, inspect } from "./partners.ts";
import { readStrip } from "./ranks.ts";
import * as resources from "./resources.ts";

/** Asks for all that is drawn of a pass; what comes when the cursor is in another one already is dropped. */
export async function loadPass(pass: PassId): Promise<void> {
  const [graph, statistics, rows] = await Promise.all([
    ask(inspect().graph(pass)),
    ask(inspect().statistics(pass)),
    ask(inspect().verdicts(pass)),
  ]);
  if (!graph || resources.cursor.value?.pass !== pass) return;
  batch(() => {
    const sameModel = resources.graph.value?.file === graph.file && resources.graph.value.nodeCount === graph.nodeCount;
    resources.graph.value = graph;
    resources.statistics.value = statistics;
    resources.checkRows.value = rows ?? [];
    // In another graph the numbers of nodes mean others.
    if (!sameModel) navigation.forgetPlaces();
    const tree = derived.hierarchy.value;
    if (tree && !sameModel && navigation.expanded.value.size === 0) {
      navigation.expanded.value = openedAtStart(tree, resources.cursor.value?.node ?? -1, MOST_VISIBLE_AT_START);
    }
    followIntoInstances();
  });
  void readStrip(pass);
}

export async function refreshStatistics(pass: PassId): Promise<void> {
  const statistics = await ask(inspect().statistics(pass));
  if (statistics && resources.graph.value?.pass === pass) resources.statistics.value = statistics;
}

export async function refreshPasses(): Promise<void> {
  const passes = await ask(inspect().passes());
  if (passes) resources.passes.value = passes;
}
