import { readElements } from "../core/elements.ts";
import type { View } from "../core/view.ts";
import type { ScratchArena } from "../memory/arena.ts";
import type { CheckRow, GradientEdit, GradientFix } from "../protocol/check.ts";
import type { PassComparison } from "../protocol/comparison.ts";
import type { Cursor, CursorMove } from "../protocol/cursor.ts";
import type { Capabilities, PassReading, PassSummary, SavedRecording, SessionState } from "../protocol/engine.ts";
import type { NodeStatistics, NodeTimes, PassGraph } from "../protocol/graph.ts";
import type { JobId, NodeId, PassId } from "../protocol/ids.ts";
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
import type { ScalarGraph } from "../protocol/scalars.ts";
import type { Site } from "../protocol/site.ts";
import type { TensorSource } from "../protocol/tensor-source.ts";
import type {
  BadStep,
  BadStepKind,
  GradientHistograms,
  LogFormat,
  LogReading,
  LogRequest,
  SavedLog,
} from "../protocol/training-log.ts";
import { comparedPlane } from "../reading/compared-plane.ts";
import { explainElement, explainRule } from "../reading/explain.ts";
import { gradientHistograms } from "../reading/gradient-histograms.ts";
import { graphOf } from "../reading/graph-of.ts";
import { heatMap } from "../reading/heat-map.ts";
import { opTimes } from "../reading/op-times.ts";
import { bringWhole, readPass } from "../reading/pass-source.ts";
import { passStatistics } from "../reading/pass-statistics.ts";
import { productTerm } from "../reading/product-term.ts";
import type { ReadablePass } from "../reading/readable-pass.ts";
import { replayContribution } from "../reading/rule-replay.ts";
import { scalarsOf } from "../reading/scalars-of.ts";
import { summarise, summariseGradient, summariseValue } from "../reading/summarise.ts";
import { firstBadStep } from "../recording/log/bad-steps.ts";
import { readLog } from "../recording/log/read-log.ts";
import { cursorAtStart, moveCursor } from "../recording/moves.ts";
import { rowOf, type RecordedPass } from "../recording/recorded-pass.ts";
import type { InspectedRun } from "./inspected-run.ts";
import { compareWith } from "./recording/compare-with.ts";
import type { Recorder } from "./recording/recorder.ts";
import { inspectNode, planeOf, stepsAt } from "../reading/inspect-node.ts";
import { returnedGradient } from "./gradient-edits/returned-gradient.ts";
import { typescript } from "./loader/compile-cache.ts";
import { exportLog } from "./log-export.ts";
import { requestFailure } from "./request-failure.ts";

/** Answers what was recorded. It changes nothing but the cursor. */
export class PassAnswers implements PassReading {
  readonly #run: InspectedRun;
  readonly #arena: ScratchArena;
  readonly #statistics = new Map<PassId, Promise<NodeStatistics>>();
  readonly #times = new Map<PassId, Promise<NodeTimes>>();

  readonly #recorder: Recorder;
  readonly #capabilities: () => Capabilities;

  /** @param arena this thread's: for recomputed contributions; freed after each request */
  constructor(run: InspectedRun, arena: ScratchArena, recorder: Recorder, capabilities: () => Capabilities) {
    this.#recorder = recorder;
    this.#run = run;
    this.#arena = arena;
    this.#capabilities = capabilities;
  }

  save(job: JobId, file: string, passes: readonly PassId[] | null): Promise<SavedRecording> {
    return this.#recorder.save(job, file, passes);
  }

  async cancelSave(job: JobId): Promise<void> {
    this.#recorder.cancel(job);
  }

  compareWith(pass: PassId, file: string | null, other: PassId | null): Promise<PassComparison> {
    return compareWith(this.#run, pass, file, other);
  }

  async sourceText(file: string): Promise<string | null> {
    return this.#recorder.sourceText(file);
  }

  async gradientEdit(backward: Site, fix: GradientFix): Promise<GradientEdit | null> {
    const text = this.#recorder.sourceText(backward.file);
    return text === null ? null : returnedGradient(typescript(), text, backward, fix);
  }

  async trainingLog(request: LogRequest): Promise<LogReading> {
    return readLog(this.#run.log, request);
  }

  async firstBadStep(kind: BadStepKind): Promise<BadStep | null> {
    return firstBadStep(this.#run.log, kind);
  }

  gradientHistograms(parameter: string, most: number): Promise<GradientHistograms> {
    return gradientHistograms(this.#run.source, parameter, most);
  }

  async exportLog(format: LogFormat, path: string): Promise<SavedLog> {
    return exportLog(this.#run.log, this.#run.startedAt, format, path);
  }

  async capabilities(): Promise<Capabilities> {
    return this.#capabilities();
  }

  async state(): Promise<SessionState> {
    return this.#run.state;
  }

  async passes(from = 0, count = Infinity): Promise<readonly PassSummary[]> {
    return this.#run.source.some(from, from + count);
  }

  async selectPass(id: PassId): Promise<Cursor> {
    return this.#run.moveCursor(cursorAtStart(await this.#run.source.open(id)));
  }

  async moveCursor(move: CursorMove): Promise<Cursor> {
    const run = this.#run;
    const { cursor } = run;
    if (!cursor) throw requestFailure("there is no pass to step through yet");
    const opened = run.source.open(cursor.pass);
    if (opened instanceof Promise) {
      await opened;
      // Another request may have moved the cursor meanwhile; the pass is open by now.
      return this.moveCursor(move);
    }
    const target = moveCursor(opened, cursor, move);
    // What is stepped over may be what somebody waits for.
    const between = passesOver(move) ? run.places.get(cursor.pass)?.after(cursor) : null;
    if (between && between.cursor.position < target.position) return run.stopAt(between.cursor, between.hit);
    return run.moveCursor(target);
  }

  async graph(pass: PassId): Promise<PassGraph> {
    return graphOf(await this.#run.source.open(pass), this.#run.program);
  }

  statistics(id: PassId): Promise<NodeStatistics> {
    return once(this.#statistics, id, () =>
      readPass(this.#run.source, id, async (pass) => {
        const before = await this.#parametersBefore(pass);
        await bringWhole(this.#run.source, pass);
        return passStatistics(pass, this.#arena, (identity) => before.get(identity) ?? null);
      }),
    );
  }

  times(id: PassId): Promise<NodeTimes> {
    return once(this.#times, id, () =>
      readPass(this.#run.source, id, async (pass) => {
        await bringWhole(this.#run.source, pass);
        return opTimes(pass, this.#arena);
      }),
    );
  }

  async node(id: PassId, node: NodeId): Promise<NodeDetail> {
    const verdicts = this.#run.verdictsOf(id);
    return this.#read(id, (pass) =>
      inspectNode(pass, rowOf(pass, node), this.#run.cursor, verdicts.of(node), verdicts.gradientOf(node)),
    );
  }

  async heatMap(id: PassId, node: NodeId, request: HeatMapRequest): Promise<HeatMap> {
    return this.#read(id, (pass) => heatMap(this.#plane(pass, node, request.plane), request));
  }

  async elements(id: PassId, node: NodeId, { plane, start, count }: ElementsRequest): Promise<Float64Array> {
    return this.#read(id, (pass) => readElements(this.#plane(pass, node, plane)).slice(start, start + count));
  }

  async explain(id: PassId, node: NodeId, index: readonly number[]): Promise<ElementExplanation> {
    return this.#read(id, (pass) => explainElement(pass, rowOf(pass, node), index, stepsAt(pass, this.#run.cursor)));
  }

  async explainRule(id: PassId, node: NodeId, index: readonly number[]): Promise<readonly RuleAtElement[]> {
    return this.#read(id, (pass) => explainRule(pass, rowOf(pass, node), index, stepsAt(pass, this.#run.cursor)));
  }

  async productTerm(id: PassId, node: NodeId, place: number): Promise<ProductTerm> {
    const term = await this.#read(id, (pass) => productTerm(pass, rowOf(pass, node), place));
    if (!term) throw requestFailure(`node ${node} passes nothing back to an input ${place}`);
    return term;
  }

  async summaryOf(source: TensorSource): Promise<TensorSummary> {
    return this.#readSource(source, summarise);
  }

  async elementsOf(source: TensorSource, start: number, count: number): Promise<Float64Array> {
    return this.#readSource(source, (view) => readElements(view).slice(start, start + count));
  }

  async scalars(id: PassId, node: NodeId): Promise<ScalarGraph> {
    return this.#read(id, (pass) => scalarsOf(pass, rowOf(pass, node), stepsAt(pass, this.#run.cursor)));
  }

  async nodesInFile(file: string): Promise<readonly { node: NodeId; site: Site; label: string }[]> {
    const shown = this.#run.cursor?.pass;
    if (shown === undefined) return [];
    const pass = await this.#run.source.open(shown);
    const found: { node: NodeId; site: Site; label: string }[] = [];
    for (let row = 0; row < pass.rows; row++) {
      const site = pass.site(row);
      if (site?.file === file) found.push({ node: row as NodeId, site, label: pass.label(row) });
    }
    return found;
  }

  async summaries(id: PassId, node: NodeId): Promise<NodeSummary> {
    return this.#read(id, (pass) => {
      const row = rowOf(pass, node);
      return {
        value: summariseValue(pass, row),
        gradient: summariseGradient(pass, row, stepsAt(pass, this.#run.cursor)),
        formula: pass.op(row)?.formula ?? null,
        verdict: this.#run.verdictsOf(id).of(node),
      };
    });
  }

  async verdicts(id: PassId): Promise<readonly CheckRow[]> {
    return this.#run.verdictsOf(id).rows;
  }

  /** A pass is no longer kept. */
  forget(pass: PassId): void {
    this.#statistics.delete(pass);
    this.#times.delete(pass);
  }

  /** Each parameter's value in the newest kept pass before this one that it took part in, by identity. */
  async #parametersBefore(pass: RecordedPass): Promise<ReadonlyMap<number, View>> {
    const { source } = this.#run;
    const found = new Map<number, View>();
    const wanted = new Set(pass.parameters.map(({ identity }) => identity));
    const earlier = source.kept.filter(({ pass: id }) => id < pass.id).toReversed();
    for (const { pass: id } of earlier) {
      if (wanted.size === 0) break;
      const reader = await source.open(id);
      const here = reader.parameters.filter(({ identity, row }) => wanted.has(identity) && reader.holds(row, "value"));
      await source.page(here.map(({ row }) => ({ pass: id, row, plane: "value" as const })));
      for (const { identity, row } of here) {
        found.set(identity, reader.value(row));
        wanted.delete(identity);
      }
    }
    return found;
  }

  #plane(pass: ReadablePass, node: NodeId, plane: Plane): View {
    const row = rowOf(pass, node);
    const view =
      plane === "numeric" || plane === "difference"
        ? comparedPlane(this.#run.verdictsOf(pass.id).gradientOf(node), pass.shape(row), plane)
        : planeOf(pass, row, plane, this.#run.cursor);
    if (!view) throw requestFailure(`there is no ${plane} here yet`);
    return view;
  }

  async #readSource<T>(source: TensorSource, read: (view: View) => T): Promise<T> {
    if (source.kind === "optimizer") return this.#scratch(() => read(this.#optimizerView(source.state)));
    return this.#read(source.pass, (pass) => {
      const view = replayContribution(pass, pass.inputStart(rowOf(pass, source.node)) + source.place);
      if (!view) throw requestFailure("this op passes nothing back there");
      return read(view);
    });
  }

  #optimizerView(state: number): View {
    const view = this.#run.optimizers.view(state);
    if (!view) throw requestFailure("the file has gone on since");
    return view;
  }

  #read<T>(id: PassId, read: (pass: ReadablePass) => T): Promise<T> {
    return readPass(this.#run.source, id, (pass) => this.#scratch(() => read(pass)));
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

/** Moves that may pass over ops. */
function passesOver(move: CursorMove): boolean {
  return "over" in move || "out" in move || "line" in move;
}

/** Work that is done once for each pass, unless it fails. */
function once<T>(done: Map<PassId, Promise<T>>, pass: PassId, work: () => Promise<T>): Promise<T> {
  let result = done.get(pass);
  if (!result) {
    result = work();
    done.set(pass, result);
    result.catch(() => done.delete(pass));
  }
  return result;
}
