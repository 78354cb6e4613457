import { Tape, TapeColumn } from "../autograd/tape.ts";
import type { View } from "../core/view.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { opById, type Op } from "../ops/op.ts";
import type { DType } from "../protocol/dtype.ts";
import { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { Attributes } from "../recording/attributes.ts";
import type { RecordedCut, RecordedOp, RecordedParameter, RecordedScope } from "../recording/pass-structure.ts";
import { Schedule } from "../recording/schedule.ts";
import type { RecordedPlane } from "../recording/tensor-ref.ts";
import type { PassNames } from "./pass-names.ts";
import type { PassRecord } from "./pass-record.ts";
import type { ReadablePass } from "./readable-pass.ts";

/** A pass that this process has recorded, read in place: its tape in shared memory, and the tables that came with it. */
export class LivePass implements ReadablePass {
  readonly id: PassId;
  readonly kind: "backward" | "grad";
  readonly roots: readonly NodeId[];
  readonly loss: number | null;
  readonly steps: number;
  readonly failed: boolean;
  readonly foreign = false;
  readonly rows: number;
  readonly edges: number;
  readonly scopes: readonly RecordedScope[];
  readonly cuts: readonly RecordedCut[];
  readonly parameters: readonly RecordedParameter[];
  /** What other threads read the same pass from. */
  readonly record: PassRecord;
  readonly #tape: Tape;
  readonly #names: PassNames;
  readonly #contributions: ReadonlyMap<number, View>;
  readonly #accumulated: ReadonlyMap<number, View>;
  #schedule: Schedule | null = null;

  constructor(memory: SharedMemory, names: PassNames, record: PassRecord) {
    this.id = record.id;
    this.kind = record.kind;
    this.roots = record.roots;
    this.loss = record.loss;
    this.steps = record.steps;
    this.failed = record.failed;
    this.rows = record.layout.rows;
    this.edges = record.layout.edges;
    // Without what holds in this process alone, such as the numbers of its sites.
    this.scopes = record.tables.scopes.map(({ parent, kind, name, type, path, call }) => ({
      parent,
      kind,
      name,
      type,
      path,
      call,
    }));
    this.cuts = record.tables.cuts.map(([row, kind, site, source, by]) => ({
      row: row as NodeId,
      kind,
      site,
      source: source < 0 ? null : (source as NodeId),
      ...(by !== null && { by }),
    }));
    this.parameters = record.parameters;
    this.record = record;
    this.#tape = new Tape(memory, record.layout);
    this.#names = names;
    this.#contributions = new Map(record.contributions);
    this.#accumulated = new Map(record.accumulated);
  }

  get calledAt(): Site | null {
    return this.#names.site(this.record.site);
  }

  get schedule(): Schedule {
    return (this.#schedule ??= this.#readSchedule());
  }

  #readSchedule(): Schedule {
    const { rows, edges } = this;
    const inputStart = new Uint32Array(rows + 1);
    const inputs = new Uint32Array(edges);
    const nodeKind = new Uint8Array(rows);
    const requiresGrad = new Uint8Array(rows);
    for (let row = 0; row <= rows; row++) inputStart[row] = this.#tape.inputStart(row);
    for (let edge = 0; edge < edges; edge++) inputs[edge] = this.#tape.input(edge);
    for (let row = 0; row < rows; row++) {
      nodeKind[row] = this.#tape.kind(row);
      requiresGrad[row] = this.#tape.requiresGrad(row) ? 1 : 0;
    }
    const order: number[] = [];
    let last = rows;
    for (let row = rows - 1; row >= 0; row--) if (this.#tape.ranBackward(row)) order.push((last = row));
    // Where the pass threw, the rows that would still have run are steps as well: they lie beyond the head.
    if (this.failed) for (let row = last - 1; row >= 0; row--) if (this.isOp(row)) order.push(row);
    const backwardOrder = Uint32Array.from(order);
    return new Schedule({ inputStart, inputs, nodeKind, requiresGrad, backwardOrder, roots: this.roots });
  }

  nodeKind(row: number): NodeKind {
    return this.#tape.kind(row) as NodeKind;
  }

  isOp(row: number): boolean {
    const kind = this.#tape.kind(row);
    return kind === NodeKind.op || kind === NodeKind.function;
  }

  opIndex(row: number): number {
    return this.#tape.get(row, TapeColumn.op);
  }

  recordedOp(row: number): RecordedOp {
    return this.#names.op(this.opIndex(row));
  }

  op(row: number): Op | undefined {
    return opById(this.recordedOp(row).record);
  }

  attributes(row: number): Attributes {
    return this.record.tables.attributes[this.#tape.get(row, TapeColumn.attributes)] ?? {};
  }

  label(row: number): string {
    return this.#names.label(this.#tape.get(row, TapeColumn.label));
  }

  siteIndex(row: number): number {
    return this.#tape.get(row, TapeColumn.site);
  }

  site(row: number): Site | null {
    return this.siteAt(this.siteIndex(row));
  }

  siteAt(index: number): Site | null {
    return this.#names.site(index);
  }

  scope(row: number): number {
    return this.#tape.get(row, TapeColumn.scope);
  }

  dtype(row: number): DType {
    return this.#tape.dtype(row);
  }

  heldAs(row: number): DType {
    return this.#tape.dtype(row);
  }

  rank(row: number): number {
    return this.#tape.rank(row);
  }

  shape(row: number): readonly number[] {
    return this.#tape.shape(row);
  }

  requiresGrad(row: number): boolean {
    return this.#tape.requiresGrad(row);
  }

  ranBackward(row: number): boolean {
    return this.#tape.ranBackward(row);
  }

  inputStart(row: number): number {
    return this.#tape.inputStart(row);
  }

  input(edge: number): number {
    return this.#tape.input(edge);
  }

  inputs(row: number): number[] {
    return this.#tape.inputs(row);
  }

  holds(row: number, plane: RecordedPlane): boolean {
    switch (plane) {
      case "value":
        return true;
      case "gradient":
        return this.#tape.gradient(row) !== 0;
      case "accumulated":
        return this.#accumulated.has(row);
    }
  }

  memory(row: number, plane: "value" | "gradient"): number {
    return plane === "value" ? this.#tape.value(row) : this.#tape.gradient(row);
  }

  keptStatistics(): null {
    return null;
  }

  holdsEdge(edge: number): boolean {
    return this.#contributions.has(edge);
  }

  value(row: number): View {
    const tape = this.#tape;
    return { dtype: tape.dtype(row), offset: tape.value(row), shape: tape.shape(row), strides: tape.strides(row) };
  }

  gradient(row: number): View | null {
    const tape = this.#tape;
    const offset = tape.gradient(row);
    if (offset === 0) return null;
    return { dtype: tape.dtype(row), offset, shape: tape.shape(row), strides: tape.gradientStrides(row) };
  }

  accumulated(row: number): View | null {
    return this.#accumulated.get(row) ?? null;
  }

  storedContribution(edge: number): View | null {
    return this.#contributions.get(edge) ?? null;
  }

  hook(row: number): { readonly site: Site | null } | null {
    const found = this.record.tables.hooks.find(([at]) => at === row);
    return found ? { site: this.#names.site(found[1]) } : null;
  }

  operandNames(row: number): readonly string[] {
    return this.record.tables.operandNames.find(([at]) => at === row)?.[1] ?? [];
  }

  surrogate(row: number): string | null {
    return this.record.tables.surrogates.find(([at]) => at === row)?.[1] ?? null;
  }

  backwardSite(row: number): Site | null {
    return this.record.backwardSites.find(([at]) => at === row)?.[1] ?? null;
  }
}
