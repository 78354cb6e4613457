import type { CheckRow, CheckSummary } from "../../engine/protocol/check.ts";
import type { PassComparison } from "../../engine/protocol/comparison.ts";
import type { Cursor, CursorMove } from "../../engine/protocol/cursor.ts";
import { DTYPES } from "../../engine/protocol/dtype.ts";
import type { Engine, EngineEvents, PassSummary, SessionState } from "../../engine/protocol/engine.ts";
import type { Frame } from "../../engine/protocol/failure.ts";
import {
  NodeFlag,
  NodeKind,
  type NodeStatistics,
  type NodeTimes,
  type PassGraph,
} from "../../engine/protocol/graph.ts";
import type { JobId, NodeId, PassId } from "../../engine/protocol/ids.ts";
import type {
  ElementExplanation,
  ElementsRequest,
  HeatMap,
  HeatMapRequest,
  NodeDetail,
  NodeSummary,
  RuleAtElement,
  TensorSummary,
} from "../../engine/protocol/inspection.ts";
import type { RankStates, RankStrip } from "../../engine/protocol/ranks.ts";
import type { ScalarGraph } from "../../engine/protocol/scalars.ts";
import type { BadStep, BadStepKind, LogReading, LogRequest, SavedLog } from "../../engine/protocol/training-log.ts";
import type { GradientHistograms } from "../../engine/protocol/training-log.ts";
import { firstBadStep } from "../../engine/recording/log/bad-steps.ts";
import { readLog } from "../../engine/recording/log/read-log.ts";
import { TrainingLog } from "../../engine/recording/log/training-log.ts";
import { scheduleOfGraph, type Schedule } from "../../engine/recording/schedule.ts";
import { nodeState } from "../../webview/graph/progress.ts";
import { inventedComparison } from "./comparison.ts";
import type { Numbers } from "./numbers.ts";
import type { TapeBuilder } from "./tape-builder.ts";

const BINS = 24;

/** What the debug adapter asks an engine, and the panel does not. */
type DebuggerRequest =
  | "reverse"
  | "setBreakpoints"
  | "stack"
  | "locals"
  | "evaluate"
  | "children"
  | "whatIf"
  | "productTerm"
  | "elementsOf"
  | "summaryOf"
  | "optimizers"
  | "capabilities"
  | "framesOfRank";

/**
 * An engine in memory, for looking at the panel without a model file: one tape written by hand, its numbers computed
 * or invented. It answers as the engine process does, and stands in for it in no other way.
 */
export class SyntheticEngine implements Omit<Engine, DebuggerRequest> {
  readonly #tape: TapeBuilder;
  readonly #graph: PassGraph;
  readonly #numbers: Numbers;
  readonly #schedule: Schedule;
  readonly #rows: CheckRow[] = [];
  /** Filled by whoever wants a training to look at. */
  readonly log = new TrainingLog();
  events: EngineEvents | null = null;
  /** The ranks of a run of several; null: there is one. */
  rankStates: RankStates | null = null;
  #position: number;
  #lastPlane: { readonly key: string; readonly data: WeakRef<Float64Array> } | null = null;
  #cancelled = new Set<JobId>();
  /** Milliseconds between two rows of a comparison. */
  checkDelay = 30;

  async ranks(): Promise<RankStates | null> {
    return this.rankStates;
  }

  async selectRank(shown: number): Promise<void> {
    if (!this.rankStates) throw new Error("there is one rank");
    this.rankStates = { ...this.rankStates, shown };
    this.events?.ranksChanged(this.rankStates);
    this.events?.stateChanged(await this.state());
  }

  /** The last rank has a number that is not finite in the last node but two, and another weight in the first parameter. */
  async rankStrip(pass: PassId): Promise<RankStrip | null> {
    const states = this.rankStates;
    if (!states) return null;
    const { gradNorm } = await this.statistics();
    const last = states.ranks.length - 1;
    const odd = this.#graph.kind.indexOf(NodeKind.parameter);
    const ranks = states.ranks.map(({ rank }) => {
      const wrong = new Uint8Array(gradNorm.length);
      if (rank === last) {
        wrong[odd] = 2;
        wrong[gradNorm.length - 3] = 1;
      }
      return { rank, gradient: Float64Array.from(gradNorm, (norm) => norm * (1 + rank / 10)), wrong };
    });
    return { pass, shown: states.shown, ranks };
  }

  constructor(tape: TapeBuilder, graph: PassGraph, numbers: Numbers, backwardSteps = 0) {
    this.#tape = tape;
    this.#graph = graph;
    this.#numbers = numbers;
    this.#schedule = scheduleOfGraph(graph);
    this.#position = this.#schedule.forwardSteps + backwardSteps;
  }

  get cursor(): Cursor {
    const { forwardSteps, forwardOrder } = this.#schedule;
    const backwardSteps = this.#graph.backwardOrder.length;
    const at = this.#position;
    const node = at < forwardSteps ? forwardOrder[at] : this.#graph.backwardOrder[at - forwardSteps];
    return {
      pass: this.#graph.pass,
      position: at,
      forwardSteps,
      backwardSteps,
      head: forwardSteps + backwardSteps,
      node: (node ?? null) as NodeId | null,
      term: null,
    };
  }

  async launch(): Promise<void> {}
  async resume(): Promise<void> {}
  async pause(): Promise<void> {}
  async interrupt(): Promise<void> {}

  async state(): Promise<SessionState> {
    return { kind: "stopped", reason: "entry", cursor: this.cursor };
  }

  async passes(): Promise<readonly PassSummary[]> {
    return Array.from({ length: 4 }, (_, i) => ({
      pass: i as PassId,
      kind: "backward" as const,
      loss: this.#graph.loss * (1 + 0.2 * (this.#graph.pass - i)),
      nodeCount: this.#graph.nodeCount,
      site: null,
      kept: i <= this.#graph.pass,
    }));
  }

  async selectPass(): Promise<Cursor> {
    return this.cursor;
  }

  async goToPass(): Promise<Cursor> {
    return this.cursor;
  }

  async cancelGoTo(): Promise<void> {}

  async moveCursor(move: CursorMove): Promise<Cursor> {
    const schedule = this.#schedule;
    const { forwardSteps } = schedule;
    const { head, position } = this.cursor;
    const to = (): number => {
      if ("by" in move) return position + move.by;
      if ("over" in move) return position + (move.over === "next" ? 1 : -1);
      // Its ops have no terms to step through.
      if ("into" in move) return position + (move.into === "next" ? 1 : -1);
      if ("position" in move) return move.position;
      if ("node" in move) {
        const step = schedule.stepOf(move.node);
        return step >= 0 ? forwardSteps + step : schedule.forwardIndex(move.node);
      }
      if ("to" in move) return move.to === "end" ? head : move.to === "start" ? forwardSteps : 0;
      const scope = this.#graph.scope[this.cursor.node ?? 0];
      let next = position;
      const direction = ("out" in move ? move.out : move.line) === "next" ? 1 : -1;
      do next += direction;
      while (
        next > 0 &&
        next < head &&
        this.#graph.scope[this.#graph.backwardOrder[next - forwardSteps] ?? -1] === scope
      );
      return next;
    };
    this.#position = Math.min(head, Math.max(0, to()));
    this.events?.cursorMoved(this.cursor);
    return this.cursor;
  }

  async graph(): Promise<PassGraph> {
    return this.#graph;
  }

  async statistics(): Promise<NodeStatistics> {
    const { nodeCount, inputs, inputStart, shapeStart } = this.#graph;
    const many = nodeCount > 300;
    const column = (): Float64Array => new Float64Array(nodeCount).fill(NaN);
    const [valueNorm, gradNorm, updateRatio, valueItem, gradItem] = [column(), column(), column(), column(), column()];
    const valueZeros = new Float32Array(nodeCount);
    const gradZeros = new Float32Array(nodeCount);
    const deadUnits = new Uint32Array(nodeCount);
    const flags = new Uint8Array(nodeCount);
    for (let node = 0; node < nodeCount; node++) {
      if (many) {
        // Only the cards' numbers matter at this size.
        valueNorm[node] = 1 + (node % 89);
        gradNorm[node] = this.#graph.requiresGrad[node] ? 10 ** (-3 + ((node * 7919) % 3000) / 1000) : NaN;
        continue;
      }
      const value = this.#numbers.value(node);
      const gradient = this.#numbers.gradient(node);
      valueNorm[node] = norm(value);
      valueZeros[node] = share(value);
      if (gradient) {
        gradNorm[node] = norm(gradient);
        gradZeros[node] = share(gradient);
        if (gradient.some(Number.isNaN)) flags[node]! |= NodeFlag.gradNaN;
        if (this.#graph.kind[node] === NodeKind.parameter) updateRatio[node] = (0.1 * norm(gradient)) / norm(value);
      }
      if (shapeStart[node + 1] === shapeStart[node]) {
        valueItem[node] = value[0] ?? NaN;
        gradItem[node] = gradient?.[0] ?? NaN;
      }
      deadUnits[node] =
        this.#tape.rows[node]?.op === "relu" ? dead(value, this.#tape.rows[node]?.shape.at(-1) ?? 1) : 0;
      if (value.some(Number.isNaN)) flags[node]! |= NodeFlag.valueNaN;
      if (value.some((one) => Math.abs(one) === Infinity)) flags[node]! |= NodeFlag.valueInf;
      if (deadUnits[node]) flags[node]! |= NodeFlag.deadUnits;
    }
    const edgeShare = new Float32Array(inputs.length).fill(NaN);
    for (let node = 0; node < nodeCount; node++) {
      const edges = range(inputStart[node] ?? 0, inputStart[node + 1] ?? 0);
      const total = Math.hypot(...edges.map((edge) => gradNorm[inputs[edge] ?? 0] || 0));
      for (const edge of edges) {
        const part = gradNorm[inputs[edge] ?? 0] ?? NaN;
        edgeShare[edge] = total > 0 ? part / total : NaN;
      }
    }
    const pass = this.#graph.pass;
    return {
      pass,
      valueNorm,
      gradNorm,
      valueZeros,
      gradZeros,
      valueItem,
      gradItem,
      deadUnits,
      flags,
      updateRatio,
      bytes: bytesOf(this.#graph),
      edgeShare,
    };
  }

  async times(): Promise<NodeTimes> {
    const { pass, nodeCount, kind } = this.#graph;
    const bytes = bytesOf(this.#graph);
    const ofOps = (scale: number): Float64Array =>
      Float64Array.from({ length: nodeCount }, (_, node) =>
        kind[node] === NodeKind.op ? scale * (1e-3 + bytes[node]! * 1e-7) : NaN,
      );
    return { pass, forward: ofOps(1), backward: ofOps(2) };
  }

  async node(_pass: PassId, node: NodeId): Promise<NodeDetail> {
    const row = this.#tape.rows[node];
    if (!row) throw new Error(`no node ${String(node)}`);
    const state = nodeState(this.#schedule, node, this.#position);
    const { edgeOwner } = this.#schedule;
    const out = [...this.#schedule.edgesTo(node)];
    const gradientState =
      state === "done" ? "complete" : state === "partial" ? "partial" : state === "none" ? "none" : "waits";
    const taken = this.#position - this.#schedule.forwardSteps;
    const gradient = this.#hasGradient(node) ? this.#numbers.gradient(node) : null;
    return {
      pass: this.#graph.pass,
      node,
      op: row.op,
      label: row.label,
      scope: this.#tape.scopes[row.scope]?.path ?? "",
      site: this.#tape.siteOf(node),
      requiresGrad: row.requiresGrad,
      gradientState,
      value: this.#summary(node, this.#numbers.value(node)),
      gradient: gradient && this.#summary(node, gradient),
      accumulated: row.op === "parameter" && gradient ? this.#summary(node, gradient) : null,
      contributions: row.requiresGrad
        ? out.map((edge) => ({
            consumer: (edgeOwner[edge] ?? 0) as NodeId,
            edge,
            past: [],
            arrived: this.#schedule.hasArrived(edge, taken),
            summary: gradient && this.#summary(node, gradient),
          }))
        : [],
      formula: FORMULAS[row.op] ?? null,
      kinks: row.op === "relu" ? "x = 0" : null,
      attributes: row.op === "logSoftmax" ? { dim: "1" } : {},
      inputs: row.inputs as NodeId[],
      consumers: out.map((edge) => (edgeOwner[edge] ?? 0) as NodeId),
      saved: row.op === "relu" ? [{ name: "x > 0", node, bytes: 4096 }] : [],
      verdict: this.#rows.find((one) => one.node === node) ?? null,
      compared: this.#rows.find((one) => one.node === node && one.scope !== "op") ?? null,
      cut: row.requiresGrad
        ? null
        : {
            kind: row.dtype === "int64" ? "integer" : "not-used",
            text: `${row.label} does not require a gradient.`,
            site: this.#tape.siteOf(node),
            node: null,
          },
    };
  }

  /** Whether a node's gradient is complete at the cursor. */
  #hasGradient(node: number): boolean {
    return nodeState(this.#schedule, node, this.#position) === "done";
  }

  #summary(node: number, data: Float64Array): TensorSummary {
    const row = this.#tape.rows[node];
    return summarise(data, row?.shape ?? [], DTYPES[this.#graph.dtype[node] ?? 2] ?? "float32");
  }

  /** A sheet of tiles reads one tensor many times. It is held weakly: what the page keeps is measured. */
  #plane(node: number, plane: HeatMapRequest["plane"]): Float64Array {
    const key = `${String(node)} ${plane}`;
    const known = this.#lastPlane?.key === key ? this.#lastPlane.data.deref() : undefined;
    if (known) return known;
    const data = this.#elementsOf(node, plane);
    this.#lastPlane = { key, data: new WeakRef(data) };
    return data;
  }

  #elementsOf(node: number, plane: HeatMapRequest["plane"]): Float64Array {
    if (plane === "value") return this.#numbers.value(node);
    const gradient = this.#numbers.gradient(node) ?? new Float64Array();
    if (plane === "numeric") return gradient.map((x, i) => x * (1 + 1e-9 * ((i % 7) - 3)));
    if (plane === "difference") return gradient.map((x, i) => x * 1e-9 * ((i % 7) - 3));
    return gradient;
  }

  async heatMap(_pass: PassId, node: NodeId, request: HeatMapRequest): Promise<HeatMap> {
    if (request.plane !== "value" && !this.#hasGradient(node)) throw new Error("there is no gradient here yet");
    const shape = this.#tape.rows[node]?.shape ?? [];
    const data = this.#plane(node, request.plane);
    const rank = shape.length;
    const axes = request.axes ?? ([rank > 1 ? rank - 2 : -1, rank - 1] as const);
    const [down, across] = axes;
    const sizeDown = down < 0 ? 1 : (shape[down] ?? 1);
    const sizeAcross = across < 0 ? 1 : (shape[across] ?? 1);
    const window = request.window ?? ([0, 0, sizeDown, sizeAcross] as const);
    const rows = Math.min(request.maxRows, window[2]);
    const columns = Math.min(request.maxColumns, window[3]);
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    const slice = request.slice ?? shape.map(() => 0);
    const base = slice.reduce((sum, at, i) => sum + (i === down || i === across ? 0 : at * (strides[i] ?? 0)), 0);
    const cells = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const [r0, r1] = [
          window[0] + Math.floor((i * window[2]) / rows),
          window[0] + Math.floor(((i + 1) * window[2]) / rows),
        ];
        const [c0, c1] = [
          window[1] + Math.floor((j * window[3]) / columns),
          window[1] + Math.floor(((j + 1) * window[3]) / columns),
        ];
        let best = 0;
        for (let r = r0; r < r1; r++)
          for (let c = c0; c < c1; c++) {
            const x = data[base + r * (strides[down] ?? 0) + c * (strides[across] ?? 0)] ?? 0;
            if (Number.isNaN(x) || Math.abs(x) > Math.abs(best)) best = x;
          }
        cells[i * columns + j] = best;
      }
    const scale = data.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
    // Nothing is left out at the sizes of these tapes, so that the largest cell is the largest element.
    const top = cells.reduce((best, x, i) => (Math.abs(x) > Math.abs(cells[best] ?? 0) ? i : best), 0);
    const [row, column] = [window[0] + Math.floor(top / columns), window[1] + (top % columns)];
    const peak = cells.length === 0 ? null : slice.map((at, i) => (i === down ? row : i === across ? column : at));
    return { plane: request.plane, shape, axes, slice, rows, columns, window, cells, peak, scale };
  }

  async elements(_pass: PassId, node: NodeId, { plane, start, count }: ElementsRequest): Promise<Float64Array> {
    return this.#plane(node, plane).slice(start, start + count);
  }

  async explain(_pass: PassId, node: NodeId, index: readonly number[]): Promise<ElementExplanation> {
    const shape = this.#tape.rows[node]?.shape ?? [];
    const flat = index.reduce((sum, at, i) => sum * (shape[i] ?? 1) + at, 0);
    const terms = (this.#numbers.terms?.(node, flat) ?? []).map((term) => ({
      consumer: term.consumer as NodeId,
      consumerIndex: term.at,
      factors: Float64Array.of(term.upstream, term.local, term.upstream * term.local),
    }));
    terms.sort((a, b) => Math.abs(b.factors[2] ?? 0) - Math.abs(a.factors[2] ?? 0));
    const rest = terms.slice(5);
    const x = this.#numbers.value(node)[flat] ?? NaN;
    return {
      index,
      value: Float64Array.of(x),
      gradient: Float64Array.of(this.#numbers.gradient(node)?.[flat] ?? NaN),
      terms: terms.slice(0, 5),
      others: Float64Array.of(rest.reduce((sum, term) => sum + (term.factors[2] ?? 0), 0)),
      othersCount: rest.length,
    };
  }

  async explainRule(pass: PassId, node: NodeId, index: readonly number[]): Promise<readonly RuleAtElement[]> {
    const { inputs = [], shape = [] } = this.#tape.rows[node] ?? {};
    const rules: RuleAtElement[] = [];
    for (const [position, input] of inputs.entries()) {
      const of = this.#tape.rows[input];
      if (of?.requiresGrad !== true || of.shape.join() !== shape.join()) continue;
      const { terms, others, othersCount, value, gradient } = await this.explain(pass, input as NodeId, index);
      const own = terms.filter((term) => term.consumer === node);
      rules.push({ position, input: input as NodeId, index, value, sum: gradient, terms: own, others, othersCount });
    }
    return rules;
  }

  async scalars(pass: PassId, node: NodeId): Promise<ScalarGraph> {
    const small = this.#tape.rows.flatMap(({ shape }, i) => (shape.length === 0 ? [i] : []));
    if (!small.includes(node)) throw new Error("a tensor of many elements is not shown as scalars: from 1 to 64 are");
    const tensors = await Promise.all(small.map((one) => this.node(pass, one as NodeId)));
    return {
      pass,
      more: false,
      tensors: tensors.map((one) => ({
        ...{ node: one.node, op: one.op, label: one.label, shape: [], requiresGrad: one.requiresGrad },
        isOp: one.inputs.length > 0,
        gradientState: one.gradientState,
        data: this.#numbers.value(one.node),
        gradient: one.gradient?.elements ?? null,
        formula: one.formula,
      })),
      flows: small.flatMap((input) =>
        (this.#numbers.terms?.(input, 0) ?? []).map(({ consumer, local }) => {
          const position = this.#tape.rows[consumer]?.inputs.indexOf(input) ?? 0;
          return {
            ...{ edge: (this.#graph.inputStart[consumer] ?? 0) + position, position },
            ...{ input: input as NodeId, consumer: consumer as NodeId },
            ...{ from: Uint32Array.of(0), to: Uint32Array.of(0), local: Float64Array.of(local) },
          };
        }),
      ),
    };
  }

  async frames(): Promise<readonly Frame[]> {
    return [];
  }
  async nodesInFile(): Promise<[]> {
    return [];
  }
  async summaries(pass: PassId, node: NodeId): Promise<NodeSummary> {
    return this.node(pass, node);
  }

  async check(job: JobId, pass: PassId): Promise<{ rows: readonly CheckRow[]; summary: CheckSummary }> {
    const nodes = [
      ...this.#graph.backwardOrder,
      ...range(0, this.#graph.nodeCount).filter((n) => this.#graph.kind[n] === NodeKind.parameter),
    ];
    for (const [i, node] of nodes.slice(0, 400).entries()) {
      if (this.#cancelled.has(job)) break;
      await new Promise((resolve) => setTimeout(resolve, this.checkDelay));
      const row = this.#row(node, i);
      this.#rows.push(row);
      this.events?.checkProgress(job, pass, i + 1, nodes.length, [row]);
    }
    const tally = (verdict: string): number => this.#rows.filter((row) => row.verdict === verdict).length;
    const summary = {
      pass,
      passed: tally("pass"),
      failed: tally("fail"),
      inconclusive: tally("inconclusive"),
      cancelled: this.#cancelled.has(job),
    };
    return { rows: this.#rows, summary };
  }

  async checkGradient(job: JobId, pass: PassId, node: NodeId): Promise<CheckRow> {
    const row = { ...this.#row(node, 0, true), scope: "result" as const };
    this.#rows.push(row);
    this.events?.checkProgress(job, pass, 1, 1, [row]);
    return row;
  }

  #row(node: number, i: number, isGradient = this.#tape.rows[node]?.op === "parameter"): CheckRow {
    const row = this.#tape.rows[node];
    const analytic = this.#numbers.gradient(node)?.[0] ?? 0;
    const verdict = row?.kind === NodeKind.function || i === 1 ? "fail" : i === 6 ? "inconclusive" : "pass";
    const numeric = verdict === "fail" ? analytic * 1.5 : analytic * (1 + 3.6e-12);
    return {
      node: node as NodeId,
      scope: row?.op === "parameter" ? "parameter" : "op",
      name: row?.op ?? "",
      label: row?.label ?? "",
      input: 0,
      site: this.#tape.siteOf(node),
      verdict,
      evidence: Float64Array.of(verdict === "fail" ? 0.333 : 3.58e-12, analytic, numeric, 4.58e-13, 1e-4),
      worst: (row?.shape ?? []).map(() => 0),
      compared: 64,
      of: 64,
      ...(isGradient && {
        elements: Float64Array.from(
          range(0, 64).flatMap((at) => {
            const x = this.#numbers.gradient(node)?.[at] ?? 0;
            return [at, x, x * (1 + 1e-9 * ((at % 7) - 3)), 1e-13];
          }),
        ),
      }),
      ...(verdict === "fail"
        ? {
            cause: {
              kind: "scale" as const,
              text: "A constant factor is off: backward returns 2/3 of the true gradient for every element.",
              ratio: 2 / 3,
              backward: { file: this.#tape.file, line: 9, column: 12, endLine: 9, endColumn: 40 },
            },
          }
        : {}),
      ...(verdict === "inconclusive"
        ? { reason: "2 of 64 elements lie on a kink, where there is no derivative." }
        : {}),
    };
  }

  async verdicts(): Promise<readonly CheckRow[]> {
    return this.#rows;
  }

  async save(): Promise<never> {
    throw new Error("nothing is saved here");
  }

  async cancelSave(): Promise<void> {
    // Nothing is saved here.
  }

  async compareWith(): Promise<PassComparison> {
    return inventedComparison(this.#graph);
  }

  async trainingLog(request: LogRequest): Promise<LogReading> {
    return readLog(this.log, request);
  }

  async firstBadStep(kind: BadStepKind): Promise<BadStep | null> {
    return firstBadStep(this.log, kind);
  }

  async gradientHistograms(): Promise<GradientHistograms> {
    const histograms = Array.from({ length: 12 }, (_, i) => ({
      pass: Math.floor((i * this.log.length) / 12) as PassId,
      counts: Uint32Array.from({ length: 25 }, (_, bin) =>
        Math.round(64 * Math.exp(-(((bin - 12) / (10 - 0.7 * i)) ** 2))),
      ),
    }));
    return { bound: 0.4, histograms };
  }

  async exportLog(): Promise<SavedLog> {
    return { file: "log.csv", passes: this.log.length, bytes: 0 };
  }

  /** What the model file is said to be. */
  source: string | null = null;

  async sourceText(): Promise<string | null> {
    return this.source;
  }

  async gradientEdit(): Promise<null> {
    return null;
  }

  async cancel(job: JobId): Promise<void> {
    this.#cancelled.add(job);
  }
}

const FORMULAS: Readonly<Record<string, { forward: string; backward: readonly string[] }>> = {
  relu: {
    forward: String.raw`y = \max(x, 0)`,
    backward: [String.raw`\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \odot [x > 0]`],
  },
  add: { forward: "a + b", backward: [String.raw`\bar y`, String.raw`\bar y`] },
  matmul: {
    forward: String.raw`y = x\,w^\top`,
    backward: [
      String.raw`\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\,w`,
      String.raw`\frac{\partial L}{\partial w} = \left(\frac{\partial L}{\partial y}\right)^{\!\top} x`,
    ],
  },
};

export function summarise(data: Float64Array, shape: readonly number[], dtype: TensorSummary["dtype"]): TensorSummary {
  let [min, max, sum, squares, finite] = [Infinity, -Infinity, 0, 0, 0];
  let [zeros, positives, nans, up, down] = [0, 0, 0, 0, 0];
  for (const x of data) {
    if (Number.isNaN(x)) nans++;
    else if (x === Infinity) up++;
    else if (x === -Infinity) down++;
    else {
      finite++;
      if (x < min) min = x;
      if (x > max) max = x;
      sum += x;
      squares += x * x;
    }
    if (x === 0) zeros++;
    if (x > 0) positives++;
  }
  const mean = sum / finite;
  const histogram = new Uint32Array(BINS);
  for (const x of data) {
    if (!Number.isFinite(x)) continue;
    const bin = max > min ? Math.min(BINS - 1, Math.floor(((x - min) / (max - min)) * BINS)) : 0;
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  const std = Math.sqrt(Math.max(0, squares / finite - mean * mean));
  const [low, high] = finite === 0 ? [NaN, NaN] : [min, max];
  return {
    shape,
    dtype,
    statistics: Float64Array.of(
      ...[data.length, finite, low, high, mean, std, Math.sqrt(squares), zeros, positives, nans, up, down],
    ),
    histogram,
    elements: data.length <= 64 ? data : null,
  };
}

function norm(data: Float64Array): number {
  return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0));
}

function share(data: Float64Array): number {
  return data.length === 0 ? 0 : data.filter((x) => x === 0).length / data.length;
}

function dead(data: Float64Array, units: number): number {
  const alive = new Uint8Array(units);
  data.forEach((x, i) => {
    if (x !== 0) alive[i % units] = 1;
  });
  return units - alive.filter(Boolean).length;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** A float32 value and gradient each. */
function bytesOf({ nodeCount, shapes, shapeStart }: PassGraph): Float64Array {
  return Float64Array.from({ length: nodeCount }, (_, node) =>
    shapes.subarray(shapeStart[node], shapeStart[node + 1]).reduce((product, size) => product * size, 8),
  );
}
