import { t } from "../../engine/language/translate.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import { labelOf } from "../../engine/recording/graph-rows.ts";
import { evaluatedEntry } from "./evaluated-entry.ts";
import { nodeEntry, type StopView } from "./variables.ts";
import { tensorEntry } from "./tensor-entry.ts";
import type { Entry } from "./variable-store.ts";

/**
 * What an expression means at a stop. Names of the tape come first, for they have a gradient at the cursor; everything
 * else is evaluated by the file's own thread, in one of the frames that stand still.
 */
export async function evaluate(view: StopView, expression: string, liveFrame: number): Promise<Entry> {
  const { engine } = view.session;
  const named = await evaluateName(view, expression);
  if (named) return named;
  const frames = await engine.stack();
  const frame = frames.length > liveFrame ? liveFrame : null;
  return evaluatedEntry(engine, expression, await engine.evaluate(expression, frame), expression);
}

/** A name of the tape: a variable's ("h1"), a parameter's path ("fc1.weight"), or either with `.grad` after it. */
async function evaluateName(view: StopView, expression: string): Promise<Entry | null> {
  const plain = expression.replace(/^this\./, "");
  const ofGradient = plain.endsWith(".grad");
  const node = nodeNamed(view.graph, ofGradient ? plain.slice(0, -".grad".length) : plain);
  if (node === null) return null;
  if (!ofGradient) return nodeEntry(view, node, expression);
  const detail = await view.session.engine.node(view.cursor.pass, node);
  const gradient = detail.gradient;
  if (!gradient) return { name: expression, value: t("no gradient at this step"), readOnly: true };
  return tensorEntry(
    view.session.engine,
    { kind: "plane", pass: view.cursor.pass, node, plane: "gradient" },
    expression,
    gradient,
    expression,
  );
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
