import { Tape, TapeColumn } from "../autograd/tape.ts";
import { opById, type Op } from "../ops/op.ts";
import type { Attributes } from "../recording/attributes.ts";
import { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { View } from "../core/view.ts";
import type { PassRecord, TableUpdate } from "./pass-record.ts";

/** Strings and sites that tapes refer to by number, as they have arrived. */
export class ReaderTables {
  readonly ops: string[] = [];
  readonly labels: string[] = [];
  readonly #sites: Site[] = [];

  update(update: TableUpdate): void {
    this.ops.push(...update.ops);
    this.labels.push(...update.labels);
    this.#sites.push(...update.sites);
  }

  /** Every call, in order of the ids, which count from 1. */
  get sites(): readonly Site[] {
    return this.#sites;
  }

  site(id: number): Site | null {
    return this.#sites[id - 1] ?? null;
  }

  /** Everything that has arrived, for another thread. */
  snapshot(): TableUpdate {
    return { ops: this.ops, labels: this.labels, sites: this.#sites };
  }
}

const FUNCTION = "function:";

/** Reads one recorded pass in place: the tape in shared memory, and the tables that came with it. */
export class PassReader {
  readonly id: PassId;
  readonly record: PassRecord;
  readonly tape: Tape;
  /** Rows in the order in which their vector-Jacobian products run. */
  readonly backwardOrder: Uint32Array;
  /** Ops in forward order. */
  readonly forwardOrder: Uint32Array;
  /** How many products must have run until a row's gradient is complete; -1 where none ever arrives. */
  readonly completeAt: Int32Array;
  /** How many must have run until the first contribution is there. */
  readonly firstAt: Int32Array;
  /** Consumers of row i: `consumerEdges[consumerStart[i] … consumerStart[i + 1])` are edges that lead to it. */
  readonly consumerStart: Uint32Array;
  readonly consumerEdges: Uint32Array;
  /** The row that each edge belongs to: its consumer. */
  readonly edgeOwner: Uint32Array;
  readonly #tables: ReaderTables;
  readonly #stepOf: Int32Array;
  readonly #contributions: ReadonlyMap<number, View>;
  readonly #accumulated: ReadonlyMap<number, View>;

  constructor(memory: SharedMemory, tables: ReaderTables, record: PassRecord) {
    this.id = record.id;
    this.record = record;
    this.tape = new Tape(memory, record.layout);
    this.#tables = tables;
    this.#contributions = new Map(record.contributions);
    this.#accumulated = new Map(record.accumulated);

    const { tape } = this;
    const rows = tape.rows;
    const forward: number[] = [];
    for (let row = 0; row < rows; row++) if (this.isOp(row)) forward.push(row);
    // Of a pass that threw, the rows that would still have run are steps as well: they lie beyond the head.
    const backward = forward.filter((row) => tape.ranBackward(row) || record.failed).reverse();
    this.forwardOrder = Uint32Array.from(forward);
    this.backwardOrder = Uint32Array.from(backward);
    this.#stepOf = new Int32Array(rows).fill(-1);
    backward.forEach((row, step) => (this.#stepOf[row] = step));

    const edges = record.layout.edges;
    this.edgeOwner = new Uint32Array(edges);
    this.consumerStart = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      for (let edge = tape.inputStart(row); edge < tape.inputStart(row + 1); edge++) {
        this.edgeOwner[edge] = row;
        this.consumerStart[tape.input(edge) + 1]!++;
      }
    }
    for (let row = 0; row < rows; row++) this.consumerStart[row + 1]! += this.consumerStart[row]!;
    const next = this.consumerStart.slice();
    this.consumerEdges = new Uint32Array(edges);
    for (let edge = 0; edge < edges; edge++) this.consumerEdges[next[tape.input(edge)]!++] = edge;

    this.completeAt = new Int32Array(rows).fill(-1);
    this.firstAt = new Int32Array(rows).fill(-1);
    for (const root of record.roots) {
      this.completeAt[root] = 0;
      this.firstAt[root] = 0;
    }
    for (let row = 0; row < rows; row++) {
      if (!tape.requiresGrad(row)) continue;
      for (const edge of this.edgesTo(row)) {
        const step = this.stepOf(this.edgeOwner[edge]!);
        if (step < 0) continue;
        this.completeAt[row] = Math.max(this.completeAt[row]!, step + 1);
        this.firstAt[row] = this.firstAt[row] === -1 ? step + 1 : Math.min(this.firstAt[row]!, step + 1);
      }
    }
  }

  get rows(): number {
    return this.tape.rows;
  }

  isOp(row: number): boolean {
    const kind = this.tape.kind(row);
    return kind === NodeKind.op || kind === NodeKind.function;
  }

  /** The backward step at which the row's product runs; -1 when it does not. */
  stepOf(row: number): number {
    return this.#stepOf[row]!;
  }

  /** Edges by which consumers read this row. */
  edgesTo(row: number): Uint32Array {
    return this.consumerEdges.subarray(this.consumerStart[row], this.consumerStart[row + 1]);
  }

  /** The record of a built-in op; undefined for leaves and custom Functions. */
  op(row: number): Op | undefined {
    return opById(this.opId(row));
  }

  opId(row: number): string {
    return this.#tables.ops[this.tape.get(row, TapeColumn.op)] ?? "";
  }

  /** As a model file writes it: an op's name, or a Function's class. */
  opName(row: number): string {
    const id = this.opId(row);
    return id.startsWith(FUNCTION) ? id.slice(FUNCTION.length) : (opById(id)?.name ?? id);
  }

  label(row: number): string {
    return this.#tables.labels[this.tape.get(row, TapeColumn.label)] ?? "";
  }

  /** What to call a row when speaking to people: its variable, else its op. */
  describe(row: number): string {
    return this.label(row) || this.opName(row);
  }

  attributes(row: number): Attributes {
    return this.record.tables.attributes[this.tape.get(row, TapeColumn.attributes)] ?? {};
  }

  siteId(row: number): number {
    return this.tape.get(row, TapeColumn.site);
  }

  site(row: number): Site | null {
    return this.#tables.site(this.siteId(row));
  }

  siteById(id: number): Site | null {
    return this.#tables.site(id);
  }

  scopeIndex(row: number): number {
    return this.tape.get(row, TapeColumn.scope);
  }

  scopePath(row: number): string {
    return this.record.tables.scopes[this.scopeIndex(row)]?.path ?? "";
  }

  value(row: number): View {
    const { tape } = this;
    return { dtype: tape.dtype(row), offset: tape.value(row), shape: tape.shape(row), strides: tape.strides(row) };
  }

  /** The complete gradient; null while there is none. */
  gradient(row: number): View | null {
    const { tape } = this;
    const offset = tape.gradient(row);
    if (offset === 0) return null;
    return { dtype: tape.dtype(row), offset, shape: tape.shape(row), strides: tape.gradientStrides(row) };
  }

  /** What a custom Function passed back along an edge. */
  storedContribution(edge: number): View | null {
    return this.#contributions.get(edge) ?? null;
  }

  /** A leaf's `.grad` right after the pass. */
  accumulated(row: number): View | null {
    return this.#accumulated.get(row) ?? null;
  }

  row(node: NodeId): number {
    if (!Number.isInteger(node) || node < 0 || node >= this.rows)
      throw new RangeError(`pass ${this.id} has no node ${node}`);
    return node;
  }
}
