import path from "node:path";
import { t } from "../../engine/language/translate.ts";
import type { CheckRow } from "../../engine/protocol/check.ts";
import type { Cursor } from "../../engine/protocol/cursor.ts";
import type { PassSummary } from "../../engine/protocol/engine.ts";
import type { NodeId, PassGraph } from "../../engine/protocol/graph.ts";
import type { Contribution, NodeDetail, TensorSummary, ProductTerm } from "../../engine/protocol/inspection.ts";
import type { OptimizerDetail } from "../../engine/protocol/optimizer.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import { inputsOf, labelOf, nodeName, nodeTitle, parametersOf, siteOf } from "../../engine/recording/graph-rows.ts";
import { formulaText } from "../text/formula-text.ts";
import { positionText } from "../../engine/recording/cursor-text.ts";
import { bytesText, numberText } from "../../engine/recording/number-text.ts";
import { contentText, typeText } from "../text/tensor-text.ts";
import { verdictText } from "../text/verdict-text.ts";
import { namedEntries } from "./evaluated-entry.ts";
import type { StackRow } from "./stack.ts";
import { optimizerEntries } from "./optimizer-entries.ts";
import { tensorEntry } from "./tensor-entry.ts";
import { group, type Entry, type Expandable } from "./variable-store.ts";

export interface NamedScope {
  readonly name: string;
  readonly hint?: "locals" | "registers";
  readonly expensive: boolean;
  readonly content: Expandable;
}

/** Everything a stop shows in the Variables view. */
export interface StopView {
  readonly session: GradientSession;
  readonly cursor: Cursor;
  readonly graph: PassGraph;
  readonly pass: PassSummary | null;
  /** What the cursor's term passes back; null between products. */
  readonly term: ProductTerm | null;
  readonly optimizers: readonly OptimizerDetail[];
}

/** What the Variables view shows for a row of the call stack. */
export function scopesOfRow(view: StopView, row: StackRow): NamedScope[] {
  const scopes: NamedScope[] = [];
  const { cursor, term, optimizers } = view;
  const { node } = cursor;
  if (row.kind === "term" && term !== null) {
    const content = group(6, () => Promise.resolve(termEntries(view, term)));
    scopes.push({ name: t("Term"), hint: "locals", expensive: false, content });
  }
  if ((row.kind === "op" || row.kind === "term") && node !== null) {
    scopes.push({ name: t("Op"), hint: "locals", expensive: false, content: group(8, () => opEntries(view, node)) });
  }
  const { liveFrame } = row;
  if (liveFrame !== null) {
    const { engine } = view.session;
    const content = group(0, async () => namedEntries(engine, await engine.locals(liveFrame), ""));
    scopes.push({ name: t("Locals"), hint: "locals", expensive: false, content });
  }
  const within = row.site ? labelsNear(view.graph, row.site.file, row.site.within) : [];
  if (within.length > 0) {
    scopes.push({
      name: t("Tensors"),
      hint: "locals",
      expensive: false,
      content: group(within.length, () => nodeEntries(view, within)),
    });
  }
  const parameters = parametersOf(view.graph);
  if (parameters.length > 0) {
    scopes.push({
      name: t("Parameters"),
      expensive: false,
      content: group(parameters.length, () => parameterTree(view, parameters)),
    });
  }
  if (optimizers.length > 0) {
    const content = group(optimizers.length, () => Promise.resolve(optimizerEntries(view.session.engine, optimizers)));
    scopes.push({ name: t("Optimizers"), expensive: false, content });
  }
  scopes.push({ name: t("Pass"), expensive: false, content: group(6, () => Promise.resolve(passEntries(view))) });
  return scopes;
}

/** The op about to pass its gradient on: its own tensors, then what goes to each input. */
async function opEntries(view: StopView, node: NodeId): Promise<Entry[]> {
  const { session, cursor, graph } = view;
  const detail = await session.engine.node(cursor.pass, node);
  const entries = detailEntries(view, detail);
  if (detail.formula) {
    entries.push({ name: "formula", value: `y = ${formulaText(detail.formula.forward)}`, readOnly: true });
  }
  const inputs = inputsOf(graph, node);
  if (inputs.length > 0) {
    entries.push({
      name: "inputs",
      value: inputs.map((input) => nodeTitle(graph, input)).join(", "),
      expandable: group(inputs.length, () => inputEntries(view, node, inputs)),
      readOnly: true,
    });
  }
  if (detail.saved.length > 0) {
    entries.push({
      name: t("saved for backward"),
      value: bytesText(detail.saved.reduce((sum, saved) => sum + saved.bytes, 0)),
      expandable: group(detail.saved.length, () =>
        Promise.all(detail.saved.map((saved) => nodeEntry(view, saved.node, saved.name))),
      ),
      readOnly: true,
    });
  }
  // "as" is the engine's own note of which function a composite was called by.
  const attributes = Object.entries(detail.attributes);
  if (attributes.length > 0) {
    entries.push({
      name: "attributes",
      value: attributes.map(([name, value]) => `${name}: ${value}`).join(", "),
      expandable: group(attributes.length, () =>
        Promise.resolve(attributes.map(([name, value]) => ({ name, value, readOnly: true }))),
      ),
      readOnly: true,
    });
  }
  return entries;
}

/** What the op passes back to one input, and what that makes of the input's gradient. */
function termEntries({ session, cursor, graph }: StopView, term: ProductTerm): Entry[] {
  const told = (name: string, summary: TensorSummary | null, none: string): Entry => {
    const value = summary ? `${typeText(summary.shape, summary.dtype)}  ${contentText(summary)}` : none;
    return { name, value, readOnly: true };
  };
  const { pass, node, term: place } = cursor;
  const contribution =
    term.contribution !== null && node !== null && place !== null
      ? tensorEntry(session.engine, { kind: "term", pass, node, place }, "contribution", term.contribution)
      : told("contribution", null, t("nothing is passed back"));
  const formula = term.formula === null ? t("the Function's own backward") : formulaText(term.formula);
  return [
    { name: "input", value: nodeTitle(graph, term.input), readOnly: true },
    { name: "formula", value: formula, readOnly: true },
    told("upstream", term.upstream, ""),
    contribution,
    told(t("gradient before"), term.before, t("nothing has arrived yet")),
    told(t("gradient after"), term.after, t("nothing has arrived yet")),
  ];
}

function detailEntries(view: StopView, detail: NodeDetail): Entry[] {
  const { engine } = view.session;
  const { pass, node, label } = detail;
  const entries: Entry[] = [
    tensorEntry(engine, { kind: "plane", pass, node, plane: "value" }, "value", detail.value, label || undefined),
  ];
  if (detail.gradient && detail.gradientState !== "waits") {
    const name = detail.gradientState === "partial" ? t("gradient so far") : "gradient";
    const evaluateName = label ? `${label}.grad` : undefined;
    entries.push(
      tensorEntry(engine, { kind: "plane", pass, node, plane: "gradient" }, name, detail.gradient, evaluateName),
    );
  } else {
    entries.push({ name: "gradient", value: absentGradient(detail), readOnly: true });
  }
  if (detail.accumulated) {
    entries.push(
      tensorEntry(
        engine,
        { kind: "plane", pass, node, plane: "accumulated" },
        t(".grad after the pass"),
        detail.accumulated,
      ),
    );
  }
  if (detail.contributions.length > 1) {
    entries.push({
      name: "contributions",
      value: t`${detail.contributions.filter((one) => one.arrived).length} of ${detail.contributions.length} arrived`,
      expandable: group(detail.contributions.length, () =>
        Promise.resolve(detail.contributions.map((one) => contributionEntry(view, one))),
      ),
      readOnly: true,
    });
  }
  const verdict: CheckRow | null = detail.verdict ?? view.session.verdictOf(pass, node);
  if (verdict) entries.push({ name: t("finite differences"), value: verdictText(verdict), readOnly: true });
  return entries;
}

function absentGradient(detail: NodeDetail): string {
  if (detail.cut) return t`none: ${detail.cut.text}`;
  return detail.gradientState === "none" ? "none" : t("has not arrived yet");
}

function contributionEntry(view: StopView, contribution: Contribution): Entry {
  const name = t`from ${nodeTitle(view.graph, contribution.consumer)}`;
  const { summary } = contribution;
  const value = summary
    ? `${typeText(summary.shape, summary.dtype)}  ${contentText(summary)}`
    : contribution.arrived
      ? t("arrived")
      : t("has not arrived yet");
  return { name, value, readOnly: true };
}

/** What each input is, and what this op passes back to it once it has run. */
function inputEntries(view: StopView, node: NodeId, inputs: readonly NodeId[]): Promise<Entry[]> {
  const [start = 0, end = 0] = view.graph.inputStart.subarray(node, node + 2);
  return Promise.all(
    inputs.map(async (input, index) => {
      const detail = await view.session.engine.node(view.cursor.pass, input);
      // Also what came through this op, where it only shows or copies its input.
      const passed = detail.contributions.filter(({ edge }) => edge >= start && edge < end);
      return {
        name: `${index}: ${nodeTitle(view.graph, input)}`,
        value: typeText(detail.value.shape, detail.value.dtype),
        expandable: group(3, () =>
          Promise.resolve([
            ...detailEntries(view, detail),
            ...passed.map((one) => ({ ...contributionEntry(view, one), name: t("contribution of this op") })),
          ]),
        ),
        readOnly: true,
      };
    }),
  );
}

/** The nodes that were assigned to a variable in that function, or at the top of the file; the last of each name. */
function labelsNear(graph: PassGraph, file: string, within: string | undefined): NodeId[] {
  const byLabel = new Map<string, NodeId>();
  for (let index = 0; index < graph.nodeCount; index++) {
    const node = index as NodeId;
    const label = labelOf(graph, node);
    const site = siteOf(graph, node);
    if (!label || !site || site.file !== file || site.within !== within) continue;
    byLabel.delete(label);
    byLabel.set(label, node);
  }
  return [...byLabel.values()];
}

function nodeEntries(view: StopView, nodes: readonly NodeId[]): Promise<Entry[]> {
  return Promise.all(nodes.map((node) => nodeEntry(view, node, nodeName(view.graph, node))));
}

/** A node as a row that opens into value and gradient. */
export async function nodeEntry(view: StopView, node: NodeId, name: string): Promise<Entry> {
  const { session, cursor } = view;
  const summary = await session.engine.summaries(cursor.pass, node);
  const gradient = summary.gradient ? `  ∇ ${contentText(summary.gradient)}` : "";
  return {
    name,
    value: `${typeText(summary.value.shape, summary.value.dtype)}  ${contentText(summary.value)}${gradient}`,
    evaluateName: name,
    expandable: group(2, async () => detailEntries(view, await session.engine.node(cursor.pass, node))),
  };
}

interface Branch {
  readonly nodes: Map<string, NodeId>;
  readonly branches: Map<string, Branch>;
}

/** Parameters by module: "fc1" opens into "weight" and "bias". */
function parameterTree(view: StopView, parameters: readonly NodeId[]): Promise<Entry[]> {
  const root: Branch = { nodes: new Map(), branches: new Map() };
  for (const node of parameters) {
    const parts = labelOf(view.graph, node).split(".");
    let branch = root;
    for (const part of parts.slice(0, -1)) {
      const next: Branch = branch.branches.get(part) ?? { nodes: new Map(), branches: new Map() };
      branch.branches.set(part, next);
      branch = next;
    }
    branch.nodes.set(parts.at(-1) || t`parameter ${node}`, node);
  }
  return branchEntries(view, root);
}

async function branchEntries(view: StopView, branch: Branch): Promise<Entry[]> {
  const branches = [...branch.branches].map(([name, inner]): Entry => {
    const names = [...inner.branches.keys(), ...inner.nodes.keys()];
    const value = names.join(", ");
    return { name, value, expandable: group(names.length, () => branchEntries(view, inner)), readOnly: true };
  });
  const nodes = await Promise.all(
    [...branch.nodes].map(async ([name, node]): Promise<Entry> => {
      const entry = await nodeEntry(view, node, name);
      return { ...entry, evaluateName: labelOf(view.graph, node) };
    }),
  );
  return [...branches, ...nodes];
}

function passEntries({ cursor, graph, pass, session }: StopView): Entry[] {
  const tally = session.tally(cursor.pass);
  const rows: [string, string][] = [
    ["file", path.basename(session.program)],
    ["pass", String(cursor.pass + 1)],
    ["loss", numberText(pass?.loss ?? graph.loss)],
    ["position", positionText(cursor)],
    ["nodes", String(graph.nodeCount)],
    ["parameters", String(parametersOf(graph).length)],
  ];
  if (tally.pass + tally.fail + tally.inconclusive > 0) {
    rows.push([
      t("finite differences"),
      t`${tally.pass} passed, ${tally.fail} failed, ${tally.inconclusive} inconclusive`,
    ]);
  }
  return rows.map(([name, value]) => ({ name, value, readOnly: true }));
}
