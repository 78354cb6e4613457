import type { Site } from "../../engine/protocol/site.ts";
import { lightSites } from "./host.ts";
import { graph } from "./resources.ts";
import { litNodes } from "./ui.ts";

/** Lights nodes up in graph and source, as long as what stands for them is pointed at. */
export function lightNodes(nodes: readonly number[]): void {
  if (nodes.join() === litNodes.peek().join()) return;
  litNodes.value = nodes;
  const pass = graph.peek();
  const sites = nodes
    .map((node) => pass?.sites[pass.site[node] ?? 0] ?? null)
    .filter((site): site is Site => site !== null);
  void lightSites(sites);
}
