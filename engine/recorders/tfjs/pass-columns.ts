import { parameterNames } from "../../autograd/parameter-names.ts";
import type { CapturedStack } from "../../context/call-stack.ts";
import type { CallScope } from "../../context/scope.ts";
import { NodeKind } from "../../protocol/graph.ts";
import type { NodeId, PassId, SiteId } from "../../protocol/ids.ts";
import { RECORDED_DTYPES, type RecordedDType } from "../../protocol/recorded-dtype.ts";
import type { Site } from "../../protocol/site.ts";
import type { ForeignSource } from "../../reading/foreign-pass.ts";
import { NO_ATTRIBUTES, type Attributes } from "../../recording/attributes.ts";
import { Held, type PassStructure, type RecordedOp, type RecordedScope } from "../../recording/pass-structure.ts";
import { keyOfTensor, type TensorRef } from "../../recording/tensor-ref.ts";
import { describeKernel } from "./kernels.ts";
import { runAgain } from "./run-again.ts";
import type { CustomGradient, GradientStep, TapeOp, TapeRecorder } from "./tape-recorder.ts";
import type { HeldElements } from "./tensor-data.ts";
import { isVariable, type TfDType, type TfEngine, type TfTensor } from "./tfjs-engine.ts";

/** What was noted of a run of `engine.gradients`. */
export interface TapePass {
  readonly id: PassId;
  readonly kind: "backward" | "grad";
  readonly site: SiteId;
  /** In the order in which gradients were computed. */
  readonly steps: readonly GradientStep[];
  /** What gradients were asked for, and what they are. */
  readonly taken: readonly (readonly [tensor: TfTensor, gradient: HeldElements | null])[];
  readonly failure: unknown;
}

export interface PassSurroundings {
  readonly program: string;
  readonly engine: TfEngine;
  readonly recorder: TapeRecorder;
  readonly sites: () => readonly Site[];
}

const DTYPES: Readonly<Record<TfDType, RecordedDType>> = {
  float32: "float32",
  int32: "int32",
  bool: "bool",
  complex64: "complex64",
  string: "uint8",
};

interface Row {
  readonly kind: NodeKind;
  readonly op: RecordedOp;
  readonly attributes: Attributes;
  readonly tensor: TfTensor;
  readonly value: HeldElements;
  gradient: HeldElements | null;
  readonly requiresGrad: boolean;
  readonly label: string;
  readonly site: SiteId;
  readonly scope: CallScope | null;
  readonly inputs: readonly number[];
  readonly contributions: readonly (HeldElements | null)[];
  /** Null for leaves, and for one result of several. */
  readonly ran: TapeOp | null;
}

/** Numbers for things in the order in which they are met. */
class Table<T> {
  readonly all: T[];
  readonly #numbers = new Map<unknown, number>();

  constructor(...first: T[]) {
    this.all = first;
    first.forEach((thing, i) => this.#numbers.set(thing, i));
  }

  number(thing: T, key: unknown = thing): number {
    let number = this.#numbers.get(key);
    if (number === undefined) this.#numbers.set(key, (number = this.all.push(thing) - 1));
    return number;
  }
}

/** The pass as readers have it: rows in forward order, each after its inputs. */
export function foreignSource(pass: TapePass, around: PassSurroundings): ForeignSource {
  const rows = rowsOf(pass, around);
  const order = orderOf(pass, rows);
  return {
    data: { structure: structureOf(pass, rows, order, around), facts: factsOf(pass, rows, order) },
    site: pass.site,
    bytes: bytesOf(rows),
    stacks: new Map(rows.flatMap(({ ran }, row): [number, CapturedStack][] => (ran?.stack ? [[row, ran.stack]] : []))),
    failure: pass.failure,
    elements: (ref) => elementsOf(rows, ref),
    setAside: () => around.recorder.setAside(),
    run: (row, inputs, cotangents) => runAgain(around.engine, rows[row]!.ran!, inputs, cotangents),
  };
}

function rowsOf(pass: TapePass, { recorder }: PassSurroundings): Row[] {
  const rows: Row[] = [];
  const rowOf = new Map<number, number>();
  const asked = new Map(pass.taken.map(([tensor, gradient]) => [tensor.id, gradient]));
  const used = new Set(pass.steps.flatMap(({ op }) => op.inputs.map(([, { id }]) => id)));
  const addLeaf = (tensor: TfTensor, value: HeldElements): number => {
    const requiresGrad = asked.has(tensor.id);
    const note = recorder.noteOf(tensor);
    const row: Row = {
      kind: requiresGrad ? NodeKind.parameter : NodeKind.constant,
      op: { name: requiresGrad ? "parameter" : "constant", record: "" },
      attributes: NO_ATTRIBUTES,
      tensor,
      value,
      gradient: asked.get(tensor.id) ?? null,
      requiresGrad,
      label: note?.label || (isVariable(tensor) ? tensor.name : ""),
      site: note?.site ?? (0 as SiteId),
      scope: null,
      inputs: [],
      contributions: [],
      ran: null,
    };
    return rows.push(row) - 1;
  };
  for (const { op, cotangents, contributions } of pass.steps.toSorted((a, b) => a.op.order - b.op.order)) {
    const inputs = op.inputs.map(([, tensor], i) => {
      let row = rowOf.get(tensor.id);
      if (row === undefined) rowOf.set(tensor.id, (row = addLeaf(tensor, op.inputData[i]!)));
      return row;
    });
    const described = describeKernel(op, recorder);
    const order = described.order ?? inputs.map((_, i) => i);
    const first = op.outputs[0]!;
    const isOne = op.outputs.length === 1;
    const label = (tensor: TfTensor): string => recorder.noteOf(tensor)?.label ?? "";
    const row = rows.push({
      kind: described.record === "" ? NodeKind.function : NodeKind.op,
      op: { name: described.name, record: described.record },
      attributes: described.attributes,
      tensor: first,
      value: op.outputData[0]!,
      gradient: isOne ? cotangents[0]! : null,
      requiresGrad: true,
      label: isOne ? label(first) : "",
      site: op.site,
      scope: op.scope,
      inputs: order.map((i) => inputs[i]!),
      contributions: order.map((i) => contributions.get(op.inputs[i]![0]) ?? null),
      ran: op,
    });
    if (isOne) {
      rowOf.set(first.id, row - 1);
      continue;
    }
    op.outputs.forEach((tensor, index) => {
      if (!used.has(tensor.id) && cotangents[index] === null) return;
      const part = rows.push({
        kind: NodeKind.op,
        op: { name: "output", record: "output" },
        attributes: { index },
        tensor,
        value: op.outputData[index]!,
        gradient: cotangents[index] ?? null,
        requiresGrad: true,
        label: label(tensor),
        site: op.site,
        scope: op.scope,
        inputs: [row - 1],
        contributions: [null],
        ran: null,
      });
      rowOf.set(tensor.id, part - 1);
    });
  }
  return rows;
}

/** Rows in the order in which their gradients were computed; those of one op with several results just before it. */
function orderOf(pass: TapePass, rows: readonly Row[]): number[] {
  const rowOf = new Map(rows.flatMap(({ ran }, row) => (ran ? [[ran, row] as const] : [])));
  return pass.steps.flatMap(({ op }) => {
    const row = rowOf.get(op)!;
    const parts: number[] = [];
    for (let part = row + 1; rows[part]?.op.record === "output" && rows[part]!.inputs[0] === row; part++) {
      parts.unshift(part);
    }
    return [...parts, row];
  });
}

function structureOf(
  { kind, site }: TapePass,
  rows: readonly Row[],
  order: readonly number[],
  { program, sites }: PassSurroundings,
): PassStructure {
  const ops = new Table<RecordedOp>();
  const labels = new Table("");
  const attributes = new Table<Attributes>(NO_ATTRIBUTES);
  const scopes = new ScopeTable();
  const shapeStart = new Uint32Array(rows.length + 1);
  const inputStart = new Uint32Array(rows.length + 1);
  rows.forEach(({ tensor, inputs }, row) => {
    shapeStart[row + 1] = shapeStart[row]! + tensor.shape.length;
    inputStart[row + 1] = inputStart[row]! + inputs.length;
  });
  const column = (read: (row: Row) => number): Uint32Array => Uint32Array.from(rows, read);
  return {
    kind,
    file: program,
    foreign: true,
    rows: rows.length,
    op: column(({ op }) => ops.number(op, `${op.record}\n${op.name}`)),
    ops: ops.all,
    nodeKind: Uint8Array.from(rows, (row) => row.kind),
    dtype: Uint8Array.from(rows, ({ tensor }) => RECORDED_DTYPES.indexOf(DTYPES[tensor.dtype])),
    requiresGrad: Uint8Array.from(rows, ({ requiresGrad }) => Number(requiresGrad)),
    label: column(({ label }) => labels.number(label)),
    labels: labels.all,
    sites: [null, ...sites()],
    site: column((row) => row.site),
    passSite: site,
    scope: Int32Array.from(rows, ({ scope }) => scopes.number(scope)),
    scopes: scopes.all,
    attribute: column((row) => attributes.number(row.attributes)),
    attributes: attributes.all,
    shapeStart,
    shapes: Float64Array.from(rows.flatMap(({ tensor }) => [...tensor.shape])),
    inputStart,
    inputs: Uint32Array.from(rows.flatMap(({ inputs }) => inputs)),
    roots: [order[0] as NodeId],
    backwardOrder: Uint32Array.from(order),
    cuts: [],
    surrogates: [],
    hooks: [],
    backwardSites: ownGradients(rows).map(([row, { site: written }]) => [row, written] as const),
    operandNames: ownGradients(rows).map(([row, { f }]) => {
      const names = parameterNames(f);
      return [row, rows[row]!.inputs.map((_, i) => names[i] || `argument ${i}`)] as const;
    }),
  };
}

/** Rows of the program's own `tf.customGrad`. */
function ownGradients(rows: readonly Row[]): (readonly [row: NodeId, custom: CustomGradient])[] {
  return rows.flatMap(({ ran }, row) =>
    ran?.custom && !ran.custom.isInTfjs ? [[row as NodeId, ran.custom] as const] : [],
  );
}

class ScopeTable {
  readonly all: RecordedScope[] = [];
  readonly #numbers = new Map<CallScope, number>();

  number(scope: CallScope | null): number {
    if (scope === null) return -1;
    const known = this.#numbers.get(scope);
    if (known !== undefined) return known;
    const parent = this.number(scope.parent);
    const { kind, name, type, path, call } = scope;
    const number = this.all.push({ parent, kind, name, type, path, call }) - 1;
    this.#numbers.set(scope, number);
    return number;
  }
}

function factsOf({ id, failure, kind }: TapePass, rows: readonly Row[], order: readonly number[]) {
  const memory = new Table<HeldElements | null>(null);
  const memoryOf = (held: HeldElements | null): number => (held?.bytes ? memory.number(held) : 0);
  const root = rows[order[0]!]!;
  const held = Uint8Array.from(rows, (row) => {
    const gradient = row.gradient?.bytes ? Held.gradient : 0;
    // What `minimize` and its like hand out is all there is: nothing accumulates.
    const accumulated = gradient !== 0 && row.ran === null && kind === "backward" ? Held.accumulated : 0;
    return (row.value.bytes ? Held.value : 0) | gradient | accumulated;
  });
  return {
    pass: id,
    loss: root.tensor.size === 1 ? scalarOf(root) : null,
    steps: order.length,
    failed: failure !== undefined,
    parameters: rows.flatMap(({ requiresGrad, ran, tensor, op }, row) =>
      requiresGrad && ran === null && op.record === ""
        ? [{ row: row as NodeId, identity: tensor.id, learningRate: null }]
        : [],
    ),
    held,
    heldEdges: Uint32Array.from(
      rows.flatMap(({ contributions }) => contributions).flatMap((one, edge) => (one?.bytes ? [edge] : [])),
    ),
    valueMemory: Uint32Array.from(rows, ({ value }) => memoryOf(value)),
    gradientMemory: Uint32Array.from(rows, ({ gradient }) => memoryOf(gradient)),
    valueStatistics: null,
    gradientStatistics: null,
  };
}

function scalarOf({ value: { bytes }, tensor }: Row): number | null {
  if (bytes === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (tensor.dtype === "float32") return view.getFloat32(0, true);
  return tensor.dtype === "int32" ? view.getInt32(0, true) : null;
}

function bytesOf(rows: readonly Row[]): number {
  const seen = new Set<HeldElements | null>();
  let bytes = 0;
  const add = (held: HeldElements | null): void => {
    if (!held?.bytes || seen.has(held)) return;
    seen.add(held);
    bytes += held.bytes.byteLength;
  };
  for (const { value, gradient, contributions } of rows)
    for (const held of [value, gradient, ...contributions]) add(held);
  return bytes;
}

function elementsOf(rows: readonly Row[], ref: TensorRef): Uint8Array {
  const held = "edge" in ref ? contributionOf(rows, ref.edge) : heldBy(rows[ref.row]!, ref.plane);
  if (!held?.bytes) throw new Error(`${keyOfTensor(ref)} was not kept`);
  return held.bytes;
}

function heldBy({ value, gradient }: Row, plane: "value" | "gradient" | "accumulated"): HeldElements | null {
  return plane === "value" ? value : gradient;
}

function contributionOf(rows: readonly Row[], edge: number): HeldElements | null {
  let first = 0;
  for (const { contributions } of rows) {
    if (edge < first + contributions.length) return contributions[edge - first]!;
    first += contributions.length;
  }
  return null;
}
