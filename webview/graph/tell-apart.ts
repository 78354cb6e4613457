import type { PassGraph } from "../../engine/protocol/graph.ts";
import { labelOf } from "../../engine/recording/graph-rows.ts";
import { groupOfItem, isGroupItem, type Group } from "./group.ts";

/**
 * Modules beside each other that are called alike, as two of one class that no other module holds, get the variables that their
 * results were assigned to as subtitles.
 */
export function tellApart(groups: readonly Group[], graph: PassGraph): void {
  for (const { children } of groups) {
    const modules = children.flatMap((item) => {
      const group = isGroupItem(item) ? groups[groupOfItem(item)] : undefined;
      return group?.kind === "module" ? [group] : [];
    });
    if (modules.length < 2) continue;
    for (const alike of Map.groupBy(modules, ({ title, subtitle }) => `${title} ${subtitle}`).values()) {
      if (alike.length < 2) continue;
      const labels = alike.map(({ lastNode }) => (lastNode < 0 ? "" : labelOf(graph, lastNode)));
      if (new Set(labels).size < alike.length) continue;
      alike.forEach((group, i) => (group.subtitle = labels[i] || group.subtitle));
    }
  }
}
