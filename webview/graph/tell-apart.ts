import type { PassGraph } from "../../engine/protocol/graph.ts";
import { labelOf } from "../../engine/recording/graph-rows.ts";
import type { Group } from "./group.ts";

/**
 * Modules beside each other that are called alike, as two of one class that no other module holds, get the variables that their
 * results were assigned to as subtitles.
 */
export function tellApart(groups: readonly Group[], graph: PassGraph): void {
  const modules = groups.filter(({ kind }) => kind === "module");
  for (const [, alike] of Map.groupBy(
    modules,
    ({ parent, title, subtitle }) => `${String(parent)} ${title} ${subtitle}`,
  )) {
    if (alike.length < 2) continue;
    const labels = alike.map(({ lastNode }) => (lastNode < 0 ? "" : labelOf(graph, lastNode)));
    if (new Set(labels).size < alike.length) continue;
    alike.forEach((group, i) => (group.subtitle = labels[i] ?? ""));
  }
}
