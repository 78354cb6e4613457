import { differenceOf, type ComparedNode, type PassComparison } from "../../engine/protocol/comparison.ts";
import type { PassGraph } from "../../engine/protocol/graph.ts";
import type { NodeId } from "../../engine/protocol/ids.ts";
import { isLeaf, labelOf, opOf, shapeOf, siteOf } from "../../engine/recording/graph-rows.ts";

/**
 * A comparison with a pass of another file: from h1 on values differ, h2 has another shape, the last op stands in this pass
 * alone, a tanh in the other alone, and the gradients before h1 differ a little.
 */
export function inventedComparison(graph: PassGraph): PassComparison {
  const changed = Array.from({ length: graph.nodeCount }, (_, node) => node).find(
    (node) => labelOf(graph, node) === "h1",
  );
  const there = "/models/digits-wider.ts";
  const nodes: ComparedNode[] = [];
  for (let node = 0; node < graph.nodeCount; node++) {
    const shape = shapeOf(graph, node);
    const site = siteOf(graph, node);
    const isAlone = node === graph.nodeCount - 1;
    const op = isLeaf(graph, node) ? "parameter" : opOf(graph, node);
    const scope = "";
    const isAfter = op !== "parameter" && changed !== undefined && node >= changed;
    nodes.push({
      nodes: [node as NodeId, isAlone ? null : (node as NodeId)],
      ...{ op, label: labelOf(graph, node), isLeaf: isLeaf(graph, node), scope },
      sites: [site, isAlone || !site ? null : { ...site, file: there, line: site.line + 2 }],
      shapes: [shape, isAlone ? null : labelOf(graph, node) === "h2" ? [...shape, 1] : shape],
      value: isAfter ? 0.25 : 0,
      gradient: isAfter ? 0.5 : graph.requiresGrad[node] === 0 ? 0 : 0.001,
      gradientMissing: false,
    });
    if (node !== changed) continue;
    nodes.push({
      nodes: [null, node as NodeId],
      ...{ op: "tanh", label: "", isLeaf: false, scope },
      sites: [null, site && { ...site, file: there, line: 40 }],
      shapes: [null, shape],
      ...{ value: Number.NaN, gradient: Number.NaN, gradientMissing: false },
    });
  }
  const tolerance = 1e-5;
  return {
    passes: [graph.pass, graph.pass],
    losses: [graph.loss, graph.loss],
    tolerance,
    nodes,
    different: nodes.filter((node) => differenceOf(node, tolerance) !== null).length,
    first: nodes.findIndex(({ label }) => label === "h1"),
  };
}
