import { t } from "../../engine/language/translate.ts";
import type { EvaluatedValue } from "../../engine/protocol/evaluation.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import { dtypeOf, labelOf, shapeOf } from "../../engine/recording/graph-rows.ts";
import { evaluatedEntry } from "./evaluated-entry.ts";
import { nodeEntry, type StopView } from "./variables.ts";
import { tensorEntry } from "./tensor-entry.ts";
import type { Entry } from "./variable-store.ts";

const GRADIENT = ".grad";

/**
 * What an expression means at a stop. Names of the tape come first, for they have a gradient at the cursor; everything
 * else is evaluated by the file's own thread, in one of the frames that stand still.
 */
export async function evaluate(view: StopView, expression: string, liveFrame: number): Promise<Entry> {
  const { engine } = view.session;
  const ofGradient = expression.endsWith(GRADIENT);
  const base = ofGradient ? expression.slice(0, -GRADIENT.length) : expression;
  const named = nodeNamed(view.graph, base.replace(/^this\./, ""));
  if (named?.isWhole === true) return namedEntry(view, named.node, expression, ofGradient);
  const frames = await engine.stack();
  const frame = frames.length > liveFrame ? liveFrame : null;
  if (named && (await means(view, named.node, () => engine.evaluate(base, frame)))) {
    return namedEntry(view, named.node, expression, ofGradient);
  }
  return evaluatedEntry(engine, expression, await engine.evaluate(expression, frame), expression);
}

/**
 * Whether a path that ends as a node is called leads to that node: `options.x` is a number, though a tensor is called x. Where
 * nobody can say what it leads to, only a parameter's path is believed.
 */
async function means(view: StopView, node: NodeId, evaluated: () => Promise<EvaluatedValue>): Promise<boolean> {
  const { graph } = view;
  let tensor: EvaluatedValue["tensor"];
  try {
    ({ tensor } = await evaluated());
  } catch {
    return labelOf(graph, node).includes(".");
  }
  return tensor?.dtype === dtypeOf(graph, node) && String(tensor.shape) === String(shapeOf(graph, node));
}

/** A node of the tape, or its gradient at the cursor. */
async function namedEntry(view: StopView, node: NodeId, expression: string, ofGradient: boolean): Promise<Entry> {
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

/**
 * The node that a name may mean: a variable's ("h1"), or a parameter's path ("fc1.weight"). Of several of one name it is the
 * last; else the only one of which the path has the end, or that has the end of the path.
 */
function nodeNamed(graph: PassGraph, name: string): { readonly node: NodeId; readonly isWhole: boolean } | null {
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
  if (exact !== null) return { node: exact, isWhole: true };
  const [only] = endings;
  return only === undefined || endings.length > 1 ? null : { node: only, isWhole: false };
}
