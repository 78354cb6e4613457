import type { CheckRow } from "../protocol/check.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { PassSummary } from "../protocol/engine.ts";
import type { Failure } from "../protocol/failure.ts";
import type { NodeStatistics, NodeTimes, PassGraph } from "../protocol/graph.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import type {
  ElementExplanation,
  ElementsRequest,
  HeatMap,
  HeatMapRequest,
  NodeDetail,
  NodeSummary,
  Plane,
  ProductTerm,
  RuleAtElement,
  TensorSummary,
} from "../protocol/inspection.ts";
import type { OptimizerDetail } from "../protocol/optimizer.ts";
import type { ScalarGraph } from "../protocol/scalars.ts";
import type { Site } from "../protocol/site.ts";
import type { TensorSource } from "../protocol/tensor-source.ts";
import { readElements } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { ScratchArena } from "../memory/arena.ts";
import { Control, type SharedMemory } from "../memory/shared-memory.ts";
import type { CheckStore } from "./check-store.ts";
import { comparedPlane } from "../reading/compared-plane.ts";
import { explainElement, explainRule } from "../reading/explain.ts";
import { gradientAt } from "../reading/gradient-at.ts";
import { graphOf } from "../reading/graph-of.ts";
import { heatMap } from "../reading/heat-map.ts";
import { inspectNode, planeOf, stepsAt } from "./inspection-of.ts";
import type { UserThreadMessage } from "./messages.ts";
import { OptimizerReader } from "./optimizer-records.ts";
import { PassReader, ReaderTables } from "../reading/pass-reader.ts";
import { productTerm } from "../reading/product-term.ts";
import { opTimes } from "../reading/op-times.ts";
import { passStatistics } from "../reading/pass-statistics.ts";
import { replayContribution } from "../reading/rule-replay.ts";
import { scalarsOf } from "../reading/scalars-of.ts";
import { summarise } from "../reading/summarise.ts";

/** The half of the inspector that answers what was recorded. It starts, moves and ends nothing. */
export abstract class PassInspector {
  protected readonly tables = new ReaderTables();
  protected program = "";
  protected cursor: Cursor | null = null;
  protected checks: CheckStore | null = null;
  readonly #memory: SharedMemory;
  readonly #arena: ScratchArena;
  readonly #readers = new Map<PassId, PassReader>();
  readonly #statistics = new Map<PassId, Promise<NodeStatistics>>();
  readonly #times = new Map<PassId, Promise<NodeTimes>>();
  #optimizers = new OptimizerReader([]);
  readonly #summaries: PassSummary[] = [];

  /** @param arena this thread's: for recomputed contributions; freed after each request */
  constructor(memory: SharedMemory, arena: ScratchArena) {
    this.#memory = memory;
    this.#arena = arena;
  }

  /** Takes in what has been recorded since the last stop. @returns the newest pass that is kept */
  protected takeIn(message: Extract<UserThreadMessage, { type: "stopped" | "ended" }>): PassReader | null {
    this.tables.update(message.tables);
    for (const record of message.passes) {
      this.#readers.set(record.id, new PassReader(this.#memory, this.tables, record));
    }
    this.#summaries.push(...message.summaries);
    this.#forget(message.oldest);
    this.#optimizers = new OptimizerReader(message.optimizers);
    return this.#readers.get(Math.max(...this.#readers.keys()) as PassId) ?? null;
  }

  async passes(): Promise<readonly PassSummary[]> {
    return this.#summaries;
  }

  async graph(pass: PassId): Promise<PassGraph> {
    return graphOf(this.reader(pass), this.program);
  }

  statistics(pass: PassId): Promise<NodeStatistics> {
    let statistics = this.#statistics.get(pass);
    if (!statistics) {
      statistics = passStatistics(this.reader(pass), this.#arena, (identity) => this.#valueBefore(pass, identity));
      this.#statistics.set(pass, statistics);
    }
    return statistics;
  }

  times(pass: PassId): Promise<NodeTimes> {
    let times = this.#times.get(pass);
    if (!times) this.#times.set(pass, (times = opTimes(this.reader(pass), this.#arena)));
    return times;
  }

  /** A parameter's value in the newest kept pass before this one that it took part in. */
  #valueBefore(pass: PassId, identity: number): View | null {
    const earlier = [...this.#readers.values()].filter(({ id }) => id < pass).sort((a, b) => b.id - a.id);
    for (const reader of earlier) {
      const found = reader.record.parameters.find((parameter) => parameter.identity === identity);
      if (found) return reader.value(found.row);
    }
    return null;
  }

  async node(pass: PassId, node: NodeId): Promise<NodeDetail> {
    const reader = this.reader(pass);
    const row = reader.row(node);
    return this.#scratch(() =>
      inspectNode(reader, row, this.cursor, this.#verdictOf(pass, node), this.#comparedOf(pass, node)),
    );
  }

  async heatMap(pass: PassId, node: NodeId, request: HeatMapRequest): Promise<HeatMap> {
    return this.#scratch(() => heatMap(this.#plane(pass, node, request.plane), request));
  }

  async elements(pass: PassId, node: NodeId, request: ElementsRequest): Promise<Float64Array> {
    return this.#scratch(() =>
      readElements(this.#plane(pass, node, request.plane)).slice(request.start, request.start + request.count),
    );
  }

  async explain(pass: PassId, node: NodeId, index: readonly number[]): Promise<ElementExplanation> {
    const reader = this.reader(pass);
    return this.#scratch(() => explainElement(reader, reader.row(node), index, stepsAt(reader, this.cursor)));
  }

  async explainRule(pass: PassId, node: NodeId, index: readonly number[]): Promise<readonly RuleAtElement[]> {
    const reader = this.reader(pass);
    return this.#scratch(() => explainRule(reader, reader.row(node), index, stepsAt(reader, this.cursor)));
  }

  async productTerm(pass: PassId, node: NodeId, place: number): Promise<ProductTerm> {
    const reader = this.reader(pass);
    const term = this.#scratch(() => productTerm(reader, reader.row(node), place));
    if (!term) throw requestFailure(`node ${node} passes nothing back to an input ${place}`);
    return term;
  }

  async summaryOf(source: TensorSource): Promise<TensorSummary> {
    return this.#scratch(() => summarise(this.#viewOf(source)));
  }

  async elementsOf(source: TensorSource, start: number, count: number): Promise<Float64Array> {
    return this.#scratch(() => readElements(this.#viewOf(source)).slice(start, start + count));
  }

  async optimizers(): Promise<readonly OptimizerDetail[]> {
    return this.#optimizers.details();
  }

  /** The file goes on, and its optimizers with it. */
  protected forgetOptimizers(): void {
    this.#optimizers = new OptimizerReader([]);
  }

  async scalars(pass: PassId, node: NodeId): Promise<ScalarGraph> {
    const reader = this.reader(pass);
    return this.#scratch(() => scalarsOf(reader, reader.row(node), stepsAt(reader, this.cursor)));
  }

  async nodesInFile(file: string): Promise<readonly { node: NodeId; site: Site; label: string }[]> {
    const reader = this.cursor && this.#readers.get(this.cursor.pass);
    if (!reader) return [];
    const found: { node: NodeId; site: Site; label: string }[] = [];
    for (let row = 0; row < reader.rows; row++) {
      const site = reader.site(row);
      if (site?.file === file) found.push({ node: row as NodeId, site, label: reader.label(row) });
    }
    return found;
  }

  async summaries(pass: PassId, node: NodeId): Promise<NodeSummary> {
    const reader = this.reader(pass);
    const row = reader.row(node);
    return this.#scratch(() => {
      const gradient = gradientAt(reader, row, stepsAt(reader, this.cursor));
      return {
        value: summarise(reader.value(row)),
        gradient: gradient && summarise(gradient),
        formula: reader.op(row)?.formula ?? null,
        verdict: this.#verdictOf(pass, node),
      };
    });
  }

  /** Passes before `oldest` were released by the user thread: their memory is no longer theirs. */
  #forget(oldest: PassId): void {
    for (const pass of [...this.#readers.keys()]) {
      if (pass >= oldest) continue;
      this.#readers.delete(pass);
      this.#statistics.delete(pass);
      this.#times.delete(pass);
      this.checks?.forget(pass);
    }
    this.#summaries.forEach((summary, i) => {
      if (summary.pass < oldest && summary.kept) this.#summaries[i] = { ...summary, kept: false };
    });
  }

  protected reader(pass: PassId): PassReader {
    const reader = this.#readers.get(pass);
    const released = pass < Atomics.load(this.#memory.i32, Control.oldestPass >> 2);
    if (!reader || released) {
      throw requestFailure(
        reader ? `pass ${pass} was released to keep within the memory budget` : `there is no pass ${pass} to read`,
      );
    }
    return reader;
  }

  #comparedOf(pass: PassId, node: NodeId): CheckRow | null {
    return this.checks?.gradientRowOf(pass, node) ?? null;
  }

  #verdictOf(pass: PassId, node: NodeId): CheckRow | null {
    return this.checks?.verdictOf(pass, node) ?? null;
  }

  #plane(pass: PassId, node: NodeId, plane: Plane): View {
    const reader = this.reader(pass);
    const row = reader.row(node);
    const view =
      plane === "numeric" || plane === "difference"
        ? comparedPlane(this.#comparedOf(pass, node), reader.tape.shape(row), plane)
        : planeOf(reader, row, plane, this.cursor);
    if (!view) throw requestFailure(`there is no ${plane} here yet`);
    return view;
  }

  #viewOf(source: TensorSource): View {
    if (source.kind === "optimizer") return this.#optimizerView(source.state);
    const reader = this.reader(source.pass);
    const view = replayContribution(reader, reader.tape.inputStart(reader.row(source.node)) + source.place);
    if (!view) throw requestFailure("this op passes nothing back there");
    return view;
  }

  #optimizerView(state: number): View {
    const view = this.#optimizers.view(state);
    if (!view) throw requestFailure("the file has gone on since");
    return view;
  }

  /** Runs a request that computes in this thread's arena, and frees what it allocated. */
  #scratch<T>(body: () => T): T {
    const mark = this.#arena.mark();
    try {
      return body();
    } finally {
      this.#arena.rewind(mark);
    }
  }
}

export function requestFailure(message: string): Failure {
  return { kind: "request", message, site: null };
}
