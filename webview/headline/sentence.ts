import { t } from "../../engine/language/translate.ts";
import { EVIDENCE, firstWrong, type CauseKind, type CheckRow, type Verdict } from "../../engine/protocol/check.ts";
import { isAlarm, type Finding } from "../../engine/protocol/finding.ts";
import { NodeKind, type PassGraph } from "../../engine/protocol/graph.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { nodeName, nodeTitle } from "../../engine/recording/graph-rows.ts";
import type { Schedule } from "../../engine/recording/schedule.ts";
import { spoilerOf, type NotFinite } from "../graph/not-finite.ts";
import { count, formatNumber } from "../ui/format.ts";

/** The one sentence at the top of the panel, and where it leads. */
export interface Sentence {
  readonly kind: "error" | "warning" | "note" | "plain";
  readonly text: string;
  /** The node it is about. */
  readonly node: number | null;
  /** The line that it is about, where that is not the node's own. */
  readonly site: Site | null;
  /** How many findings there are, where it is the first of them. */
  readonly findings?: number;
}

/** Where a value or gradient is not finite first, and what its op had there. */
export interface BadElement {
  readonly node: number;
  readonly index: readonly number[];
  readonly value: number;
  /** Elements of the op's inputs at the same place, of those that have it. */
  readonly inputs: readonly { readonly node: number; readonly value: number }[];
}

/** "at [0, 8]"; nothing for a scalar. */
function place(index: readonly number[]): string {
  return index.length === 0 ? "" : t` at [${index.join(", ")}]`;
}

/** The first op whose value, or gradient, is not finite; null where all are. */
export function notFiniteSentence(
  graph: PassGraph,
  schedule: Schedule,
  found: NotFinite,
  bad: BadElement | null,
): Sentence | null {
  const [value] = found.values;
  if (value !== undefined) {
    const known = bad?.node === value ? bad : null;
    const what = known ? `${formatNumber(known.value)}${place(known.index)}` : t("not finite");
    const inputs = (known?.inputs ?? []).map((one) => t`${nodeName(graph, one.node)} is ${formatNumber(one.value)}`);
    const because = inputs.length > 0 ? t`: ${inputs.join(", ")} there` : "";
    const others = found.values.length - 1;
    const many = others === 1 ? t(", and 1 other by itself") : t`, and ${others} others by themselves`;
    const rest = others > 0 ? many : "";
    return { kind: "error", text: t`${nodeTitle(graph, value)} is ${what}${because}${rest}.`, node: value, site: null };
  }
  const [gradient] = found.gradients;
  if (gradient === undefined) return null;
  const spoiler = spoilerOf(gradient, graph, schedule);
  const known = bad?.node === gradient ? bad : null;
  const what = known ? t`is ${formatNumber(known.value)}${place(known.index)}` : t("is not finite");
  const from = spoiler === gradient ? "" : t`: ${nodeTitle(graph, spoiler)} makes it so`;
  const own =
    known && from !== ""
      ? t`, where ${nodeName(graph, gradient)} is ${formatNumber(known.inputs[0]?.value ?? NaN)}`
      : "";
  return {
    kind: "error",
    text: t`The gradient of ${nodeName(graph, gradient)} ${what}${from}${own}.`,
    node: spoiler,
    site: null,
  };
}

/** What to write instead, where the kind of mistake tells. */
const REMEDIES: Readonly<Partial<Record<CauseKind, (row: CheckRow) => string>>> = {
  sign: () => t("return its negative"),
  scale: ({ cause }) => (cause?.ratio ? t`multiply what it returns by ${formatNumber(1 / cause.ratio)}` : ""),
  "batch-scale": ({ cause }) => (cause?.ratio ? t`multiply what it returns by ${formatNumber(1 / cause.ratio)}` : ""),
  "missing-upstream": () => t("multiply by the gradient that comes in"),
  "missing-reduction": () => t("sum over the axes that were broadcast"),
  transpose: () => t("transpose what it returns"),
  "swapped-inputs": () => t("return the gradients in the order of the inputs"),
  "activation-derivative": () => t("take the derivative at the input"),
  overwrite: () => t("add up what belongs to one element"),
};

/** The first gradient that a comparison found wrong; null where none is. */
export function wrongSentence(graph: PassGraph, rows: readonly CheckRow[]): Sentence | null {
  const row = firstWrong(rows);
  if (!row) return null;
  const input =
    row.node === null || row.input === null ? undefined : graph.inputs[(graph.inputStart[row.node] ?? 0) + row.input];
  const isFunction = row.node !== null && graph.kind[row.node] === NodeKind.function;
  // As the Function's own source calls it, which is where to look.
  const name = row.inputName ?? (input === undefined ? null : nodeName(graph, input));
  const isKnown = row.cause !== undefined && row.cause.kind !== "unknown";
  // A cause that names the input says it once.
  const of = name === null || (isKnown && names(row.cause.text, name)) ? "" : t` for ${name}`;
  const subject = subjectOf(row, isFunction, of);
  const at = (name: keyof typeof EVIDENCE): number => row.evidence[EVIDENCE[name]] ?? NaN;
  const numbers = t`${formatNumber(at("analytic"))} instead of ${formatNumber(at("numeric"))}${row.worst.length > 0 ? place(row.worst) : ""}`;
  const cause = isKnown ? `: ${row.cause.text.replace(/\.$/, "")}` : `: ${numbers}`;
  const remedy = remedyOf(row);
  const others =
    new Set(rows.filter((one) => one.verdict === "fail" && one.scope === "op").map((one) => one.node)).size - 1;
  const many = others === 1 ? t(" 1 other op is wrong too.") : t` ${others} other ops are wrong too.`;
  const rest = others > 0 ? many : "";
  return {
    kind: "error",
    text: t`${subject}${cause}.` + `${remedy === "" ? "" : t` Instead, ${remedy}.`}${rest}`,
    node: row.node,
    site: row.cause?.backward ?? null,
  };
}

function subjectOf({ name, order }: CheckRow, isFunction: boolean, of: string): string {
  if (order === 2)
    return isFunction
      ? t`The derivative of ${name}.backward is wrong${of}`
      : t`The derivative of the backward of ${name} is wrong${of}`;
  return isFunction ? t`${name}.backward is wrong${of}` : t`The gradient of ${name}${of} is wrong`;
}

/** What to do, where the cause does not say it itself. */
function remedyOf(row: CheckRow): string {
  if (row.order === 2) return t("compute it from what saveForBackward kept, without detach or noGrad");
  return row.cause === undefined || row.cause.fix ? "" : (REMEDIES[row.cause.kind]?.(row) ?? "");
}

/** Whether a text has a name as a word of its own. */
function names(text: string, name: string): boolean {
  return text.split(/[^\p{L}\p{N}_$]+/u).includes(name);
}

/** What is most wrong with the training, in its first sentence; null where nothing is. */
export function findingSentence(findings: readonly Finding[], pass: number): Sentence | null {
  const first = findings.find(isAlarm);
  if (!first) return null;
  const [text = first.text] = first.text.split(/(?<=[.!?])\s+(?=[A-Z])|(?<=。)/u);
  return {
    kind: first.severity,
    text,
    node: first.pass === pass ? first.step : null,
    site: first.site,
    findings: findings.length,
  };
}

/** What comparisons that found nothing wrong have decided: one that could not decide is no proof. */
function comparedText({ pass, inconclusive }: Readonly<Record<Verdict, number>>): string {
  const all = pass + inconclusive;
  if (all === 0) return "";
  if (inconclusive === 0) return t(" Finite differences found nothing wrong.");
  return pass === 0
    ? t` Finite differences could not decide on any of ${all} gradients.`
    : t` Finite differences could not decide on ${inconclusive} of ${all} gradients, and agree with the others.`;
}

/** What a pass is, where nothing is wrong with it. */
export function plainSentence(
  graph: PassGraph,
  parameters: number,
  compared: Readonly<Record<Verdict, number>>,
): Sentence {
  const root = graph.roots[0];
  const name = root === undefined ? "" : nodeName(graph, root);
  const loss = graph.roots.length === 1 && !Number.isNaN(graph.loss) ? t`${name} is ${formatNumber(graph.loss)}` : "";
  const steps = t`its gradient goes back through ${count(graph.backwardOrder.length, "op")} to ${count(parameters, "parameter")}`;
  const checked = comparedText(compared);
  return {
    kind: "plain",
    text: `${loss === "" ? t`A pass: ${steps}.` : t`${loss}; ${steps}.`}${checked}`,
    node: root ?? null,
    site: null,
  };
}
