import type { View } from "../core/view.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { STATISTIC } from "../protocol/inspection.ts";
import type { NodeId } from "../protocol/ids.ts";
import { RECORDED_DTYPES } from "../protocol/recorded-dtype.ts";
import type { Site } from "../protocol/site.ts";
import { NO_ATTRIBUTES, type Attributes } from "../recording/attributes.ts";
import type { NewPass } from "../recording/file/pass-file.ts";
import { Held, type PassFacts, type PassStructure, type RecordedOp } from "../recording/pass-structure.ts";
import type { TensorRef } from "../recording/tensor-ref.ts";
import { HeldTensors } from "./held-tensors.ts";
import type { ReadablePass } from "./readable-pass.ts";

/** A pass whose tensors are in memory, as it is written to a file: its tensors are read where they are. */
export function newPassOf(memory: SharedMemory, pass: ReadablePass, program: string, notes: NewPass["notes"]): NewPass {
  const tensors = new HeldTensors(memory);
  return {
    structure: structureOf(pass, program),
    facts: factsOf(pass),
    notes,
    tensor: (ref) => {
      const view = viewOfTensor(pass, ref);
      if (view === null) throw new Error("the pass does not hold what it says that it does");
      return tensors.of(view, pass.dtype("edge" in ref ? pass.input(ref.edge) : ref.row));
    },
  };
}

/** What a list holds by number, each thing once. */
class Interned<T> {
  readonly list: T[];
  readonly #numbers = new Map<unknown, number>();

  constructor(first: T, key: unknown) {
    this.list = [first];
    this.#numbers.set(key, 0);
  }

  number(key: unknown, make: () => T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.list.push(make()) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** A pass's columns, without anything that only this process knows. */
export function structureOf(pass: ReadablePass, program: string): PassStructure {
  const { rows, edges } = pass;
  const ops = new Map<number, number>();
  const opList: RecordedOp[] = [];
  const labels = new Interned("", "");
  const sites = new Interned<Site | null>(null, null);
  const attributes = new Interned<Attributes>(NO_ATTRIBUTES, NO_ATTRIBUTES);
  const siteNumber = (site: Site | null): number => sites.number(site, () => site);
  const op = new Uint32Array(rows);
  const nodeKind = new Uint8Array(rows);
  const dtype = new Uint8Array(rows);
  const requiresGrad = new Uint8Array(rows);
  const label = new Uint32Array(rows);
  const site = new Uint32Array(rows);
  const scope = new Int32Array(rows);
  const attribute = new Uint32Array(rows);
  const shapeStart = new Uint32Array(rows + 1);
  const inputStart = new Uint32Array(rows + 1);
  const shapes: number[] = [];
  for (let row = 0; row < rows; row++) {
    const index = pass.opIndex(row);
    let number = ops.get(index);
    if (number === undefined) ops.set(index, (number = opList.push(pass.recordedOp(row)) - 1));
    op[row] = number;
    nodeKind[row] = pass.nodeKind(row);
    dtype[row] = RECORDED_DTYPES.indexOf(pass.dtype(row));
    requiresGrad[row] = pass.requiresGrad(row) ? 1 : 0;
    const text = pass.label(row);
    label[row] = labels.number(text, () => text);
    site[row] = siteNumber(pass.site(row));
    scope[row] = pass.scope(row);
    const given = pass.attributes(row);
    attribute[row] = Object.keys(given).length === 0 ? 0 : attributes.number(given, () => given);
    shapes.push(...pass.shape(row));
    shapeStart[row + 1] = shapes.length;
    inputStart[row] = pass.inputStart(row);
  }
  inputStart[rows] = edges;
  const cuts = pass.cuts.map((cut) => ({ ...cut, site: siteNumber(pass.siteAt(cut.site)) }));
  const surrogates: (readonly [NodeId, string])[] = [];
  const backwardSites: (readonly [NodeId, number])[] = [];
  const hooks: (readonly [NodeId, number])[] = [];
  const operandNames: (readonly [NodeId, readonly string[]])[] = [];
  for (let row = 0; row < rows; row++) {
    const reason = pass.surrogate(row);
    if (reason !== null) surrogates.push([row as NodeId, reason]);
    const written = pass.backwardSite(row);
    if (written !== null) backwardSites.push([row as NodeId, siteNumber(written)]);
    const hook = pass.hook(row);
    if (hook !== null) hooks.push([row as NodeId, siteNumber(hook.site)]);
    const names = pass.operandNames(row);
    if (names.length > 0) operandNames.push([row as NodeId, names]);
  }
  return {
    kind: pass.kind,
    file: program,
    foreign: pass.foreign,
    rows,
    ops: opList,
    op,
    nodeKind,
    dtype,
    requiresGrad,
    passSite: siteNumber(pass.calledAt),
    labels: labels.list,
    label,
    sites: sites.list,
    site,
    scopes: pass.scopes,
    scope,
    attributes: attributes.list,
    attribute,
    shapeStart,
    shapes: Float64Array.from(shapes),
    inputStart,
    inputs: Uint32Array.from({ length: edges }, (_, edge) => pass.input(edge)),
    roots: pass.roots,
    backwardOrder: pass.schedule.backwardOrder.slice(),
    cuts,
    surrogates,
    backwardSites,
    hooks,
    operandNames,
  };
}

/** What a pass adds to its structure. */
export function factsOf(pass: ReadablePass): PassFacts {
  const { rows, edges } = pass;
  const held = new Uint8Array(rows);
  const valueMemory = new Uint32Array(rows);
  const gradientMemory = new Uint32Array(rows);
  const numbers = new Map<number, number>();
  const memoryOf = (row: number, plane: "value" | "gradient"): number => {
    const memory = pass.memory(row, plane);
    let number = memory === 0 ? 0 : numbers.get(memory);
    if (number === undefined) numbers.set(memory, (number = numbers.size + 1));
    return number;
  };
  for (let row = 0; row < rows; row++) {
    for (const plane of ["value", "gradient", "accumulated"] as const) {
      if (pass.holds(row, plane)) held[row]! |= Held[plane];
    }
    valueMemory[row] = memoryOf(row, "value");
    gradientMemory[row] = memoryOf(row, "gradient");
  }
  const heldEdges: number[] = [];
  for (let edge = 0; edge < edges; edge++) if (pass.holdsEdge(edge)) heldEdges.push(edge);
  const { id, loss, steps, failed, parameters } = pass;
  return {
    pass: id,
    loss,
    steps,
    failed,
    parameters,
    held,
    heldEdges: Uint32Array.from(heldEdges),
    valueMemory,
    gradientMemory,
    valueStatistics: keptStatisticsOf(pass, "value"),
    gradientStatistics: keptStatisticsOf(pass, "gradient"),
  };
}

/** What was kept in place of tensors that were too large; null where there is none. */
function keptStatisticsOf(pass: ReadablePass, plane: "value" | "gradient"): Float64Array | null {
  const size = Object.keys(STATISTIC).length;
  let numbers: Float64Array | null = null;
  for (let row = 0; row < pass.rows; row++) {
    const kept = pass.keptStatistics(row, plane);
    if (kept === null) continue;
    numbers ??= new Float64Array(pass.rows * size).fill(Number.NaN);
    numbers.set(kept, row * size);
  }
  return numbers;
}

/** The view behind a handle of a pass whose tensors are in memory. */
export function viewOfTensor(pass: ReadablePass, ref: TensorRef): View | null {
  if ("edge" in ref) return pass.storedContribution(ref.edge);
  switch (ref.plane) {
    case "value":
      return pass.value(ref.row);
    case "gradient":
      return pass.gradient(ref.row);
    case "accumulated":
      return pass.accumulated(ref.row);
  }
}
