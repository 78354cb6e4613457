import type { View } from "../core/view.ts";
import { opById, type Op } from "../ops/op.ts";
import { output } from "../ops/output-of.ts";
import type { DType } from "../protocol/dtype.ts";
import { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import { STATISTIC, type StatisticsArray } from "../protocol/inspection.ts";
import { HELD_AS, RECORDED_DTYPES, type RecordedDType } from "../protocol/recorded-dtype.ts";
import type { Site } from "../protocol/site.ts";
import type { Attributes } from "../recording/attributes.ts";
import {
  Held,
  type PassStructure,
  type RecordedCut,
  type RecordedOp,
  type RecordedParameter,
  type RecordedScope,
} from "../recording/pass-structure.ts";
import type { PassData } from "../recording/recording.ts";
import { Schedule } from "../recording/schedule.ts";
import type { RecordedPlane, TensorRef } from "../recording/tensor-ref.ts";
import { NotKept, pagedView, whyNotKept, type PagedOffsets } from "./paged-tensors.ts";
import { provesItself } from "./prove-op.ts";
import type { ReadablePass } from "./readable-pass.ts";

const STATISTICS = Object.keys(STATISTIC).length;

/** What follows from a structure is derived once for all passes that have it. */
const schedules = new WeakMap<PassStructure, Schedule>();

/** A pass that was recorded elsewhere: its columns, and those of its tensors that have been brought into memory. */
export class StructurePass implements ReadablePass {
  readonly id: PassId;
  readonly loss: number | null;
  readonly steps: number;
  readonly failed: boolean;
  readonly rows: number;
  readonly edges: number;
  readonly parameters: readonly RecordedParameter[];
  readonly data: PassData;
  readonly #structure: PassStructure;
  readonly #offsets: PagedOffsets;
  readonly #heldEdges: ReadonlySet<number>;
  /** The ops of a foreign pass that have been asked for: undefined where the record did not fit. */
  readonly #proven = new Map<number, Op | undefined>();

  /** @param offsets grows as tensors are paged in */
  constructor(data: PassData, offsets: PagedOffsets) {
    const { structure, facts } = data;
    this.id = facts.pass;
    this.loss = facts.loss;
    this.steps = facts.steps;
    this.failed = facts.failed;
    this.rows = structure.rows;
    this.edges = structure.inputs.length;
    this.parameters = facts.parameters;
    this.data = data;
    this.#structure = structure;
    this.#offsets = offsets;
    this.#heldEdges = new Set(facts.heldEdges);
  }

  get kind(): "backward" | "grad" {
    return this.#structure.kind;
  }

  get calledAt(): Site | null {
    return this.siteAt(this.#structure.passSite);
  }

  get roots(): readonly NodeId[] {
    return this.#structure.roots;
  }

  get foreign(): boolean {
    return this.#structure.foreign;
  }

  get scopes(): readonly RecordedScope[] {
    return this.#structure.scopes;
  }

  get cuts(): readonly RecordedCut[] {
    return this.#structure.cuts;
  }

  get schedule(): Schedule {
    let schedule = schedules.get(this.#structure);
    if (!schedule) schedules.set(this.#structure, (schedule = new Schedule(this.#structure)));
    return schedule;
  }

  nodeKind(row: number): NodeKind {
    return this.#structure.nodeKind[row]! as NodeKind;
  }

  isOp(row: number): boolean {
    const kind = this.#structure.nodeKind[row];
    return kind === NodeKind.op || kind === NodeKind.function;
  }

  opIndex(row: number): number {
    return this.#structure.op[row]!;
  }

  recordedOp(row: number): RecordedOp {
    return this.#structure.ops[this.opIndex(row)]!;
  }

  op(row: number): Op | undefined {
    const record = opById(this.recordedOp(row).record);
    // Which of several results a row is needs no proof: nothing is computed.
    if (record === undefined || record === output || !this.foreign) return record;
    if (!this.#proven.has(row)) this.#proven.set(row, provesItself(this, row, record) ? record : undefined);
    return this.#proven.get(row);
  }

  attributes(row: number): Attributes {
    return this.#structure.attributes[this.#structure.attribute[row]!] ?? {};
  }

  label(row: number): string {
    return this.#structure.labels[this.#structure.label[row]!] ?? "";
  }

  siteIndex(row: number): number {
    return this.#structure.site[row]!;
  }

  site(row: number): Site | null {
    return this.siteAt(this.siteIndex(row));
  }

  siteAt(index: number): Site | null {
    return this.#structure.sites[index] ?? null;
  }

  scope(row: number): number {
    return this.#structure.scope[row]!;
  }

  dtype(row: number): RecordedDType {
    return RECORDED_DTYPES[this.#structure.dtype[row]!]!;
  }

  heldAs(row: number): DType {
    const held = HELD_AS[this.dtype(row)];
    if (held === null) throw new NotKept(`elements of ${this.dtype(row)} are not shown`);
    return held;
  }

  rank(row: number): number {
    return this.#structure.shapeStart[row + 1]! - this.#structure.shapeStart[row]!;
  }

  shape(row: number): readonly number[] {
    const { shapes, shapeStart } = this.#structure;
    const shape: number[] = [];
    for (let at = shapeStart[row]!; at < shapeStart[row + 1]!; at++) shape.push(shapes[at]!);
    return shape;
  }

  requiresGrad(row: number): boolean {
    return this.#structure.requiresGrad[row] !== 0;
  }

  ranBackward(row: number): boolean {
    const step = this.schedule.stepOf(row);
    return step >= 0 && step < this.steps;
  }

  inputStart(row: number): number {
    return this.#structure.inputStart[row]!;
  }

  input(edge: number): number {
    return this.#structure.inputs[edge]!;
  }

  inputs(row: number): number[] {
    return Array.from(this.#structure.inputs.subarray(this.inputStart(row), this.inputStart(row + 1)));
  }

  holds(row: number, plane: RecordedPlane): boolean {
    return (this.data.facts.held[row]! & Held[plane]) !== 0 && HELD_AS[this.dtype(row)] !== null;
  }

  memory(row: number, plane: "value" | "gradient"): number {
    const { valueMemory, gradientMemory } = this.data.facts;
    return (plane === "value" ? valueMemory : gradientMemory)[row]!;
  }

  keptStatistics(row: number, plane: "value" | "gradient"): StatisticsArray | null {
    const { valueStatistics, gradientStatistics } = this.data.facts;
    const kept = plane === "value" ? valueStatistics : gradientStatistics;
    if (kept === null || this.holds(row, plane)) return null;
    const numbers = kept.slice(row * STATISTICS, (row + 1) * STATISTICS);
    return Number.isNaN(numbers[STATISTIC.count]!) ? null : numbers;
  }

  holdsEdge(edge: number): boolean {
    return this.#heldEdges.has(edge);
  }

  value(row: number): View {
    if (!this.holds(row, "value")) throw new NotKept(whyNotKept("value", this.keptStatistics(row, "value") !== null));
    return this.#view(row, "value");
  }

  gradient(row: number): View | null {
    return this.holds(row, "gradient") ? this.#view(row, "gradient") : null;
  }

  accumulated(row: number): View | null {
    return this.holds(row, "accumulated") ? this.#view(row, "accumulated") : null;
  }

  storedContribution(edge: number): View | null {
    if (!this.holdsEdge(edge)) return null;
    const row = this.input(edge);
    return pagedView(this.#offsets, { pass: this.id, edge }, this.heldAs(row), this.shape(row));
  }

  hook(row: number): { readonly site: Site | null } | null {
    const site = this.#structure.hooks.find(([at]) => at === row)?.[1];
    return site === undefined ? null : { site: this.siteAt(site) };
  }

  operandNames(row: number): readonly string[] {
    return this.#structure.operandNames.find(([at]) => at === row)?.[1] ?? [];
  }

  surrogate(row: number): string | null {
    return this.#structure.surrogates.find(([at]) => at === row)?.[1] ?? null;
  }

  backwardSite(row: number): Site | null {
    const site = this.#structure.backwardSites.find(([at]) => at === row)?.[1];
    return site === undefined ? null : this.siteAt(site);
  }

  #view(row: number, plane: RecordedPlane): View {
    const ref: TensorRef = { pass: this.id, row: row as NodeId, plane };
    return pagedView(this.#offsets, ref, this.heldAs(row), this.shape(row));
  }
}
