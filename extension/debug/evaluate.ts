import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import { labelOf } from "../session/tape-names.ts";
import { nodeEntry, type StopView } from "./variables.ts";
import { tensorEntry } from "./tensor-entry.ts";
import type { Entry } from "./variable-store.ts";

/** A name of the tape: a variable's ("h1"), a parameter's path ("fc1.weight"), or either with `.grad` after it. */
export async function evaluateName(view: StopView, expression: string): Promise<Entry> {
  const plain = expression.replace(/^this\./, "");
  const ofGradient = plain.endsWith(".grad");
  const node = nodeNamed(view.graph, ofGradient ? plain.slice(0, -".grad".length) : plain);
  if (node === null) throw new Error(`“${expression}” is not a tensor of this pass.`);
  if (!ofGradient) return nodeEntry(view, node, expression);
  const detail = await view.session.engine.node(view.cursor.pass, node);
  const gradient = detail.accumulated ?? detail.gradient;
  if (!gradient) throw new Error(`“${expression}” has no gradient at this step.`);
  const plane = detail.accumulated ? "accumulated" : "gradient";
  return tensorEntry(view.session.engine, { pass: view.cursor.pass, node, plane }, expression, gradient, expression);
}

/** The node that a name means: the last one that it was given to; for a path, its end is enough if it is the only one. */
export function nodeNamed(graph: PassGraph, name: string): NodeId | null {
  if (name === "") return null;
  let exact: NodeId | null = null;
  const endings: NodeId[] = [];
  for (let index = 0; index < graph.nodeCount; index++) {
    const node = index as NodeId;
    const label = labelOf(graph, node);
    if (label === "") continue;
    if (label === name) exact = node;
    else if (label.endsWith(`.${name}`) || name.endsWith(`.${label}`)) endings.push(node);
  }
  if (exact !== null) return exact;
  return endings.length === 1 ? (endings[0] ?? null) : null;
}
