import { z } from "zod";
import { STATISTIC } from "../../protocol/inspection.ts";
import type { NodeId, PassId } from "../../protocol/ids.ts";
import { Held, type PassFacts, type PassStructure } from "../pass-structure.ts";
import { RECORDED_DTYPES, type RecordedDType } from "../../protocol/recorded-dtype.ts";
import type { PassData } from "../recording.ts";
import type { RecordedPlane, TensorRef } from "../tensor-ref.ts";
import type { ByteSource, Content } from "./byte-source.ts";
import { ColumnReader, ColumnWriter } from "./columns.ts";
import { PassNotes } from "./pass-notes.ts";
import { encodeJson } from "./plain-json.ts";
import { readMetadata } from "./read-metadata.ts";
import {
  readSafetensors,
  STORED_BYTES,
  writeSafetensors,
  type NewElements,
  type NewTensor,
  type StoredTensor,
  type StoredType,
} from "./safetensors.ts";

/** How the format names the element types that a recording has. Complex numbers are named and counted, never stored. */
const STORED_AS: Readonly<Record<RecordedDType, StoredType | null>> = {
  bool: "BOOL",
  uint8: "U8",
  int8: "I8",
  int16: "I16",
  int32: "I32",
  int64: "I64",
  float16: "F16",
  bfloat16: "BF16",
  float32: "F32",
  float64: "F64",
  complex64: null,
  complex128: null,
};

/** One pass to be written: what it was, and where its tensors come from. */
export interface NewPass {
  readonly structure: PassStructure;
  readonly facts: PassFacts;
  /** May be looked up while the rest is made ready. */
  readonly notes: PassNotes | Promise<PassNotes>;
  /**
   * Is asked for what `facts` says is held, and for nothing else. Tensors with the same elements in the same order are one
   * object, and written once.
   */
  readonly tensor: (ref: TensorRef) => NewElements;
}

const Row = z
  .int()
  .min(0)
  .transform((row) => row as NodeId);
const Facts = z.object({
  /** The name of its structure among the file's entries. */
  structure: z.string(),
  pass: z
    .int()
    .min(0)
    .transform((id) => id as PassId),
  loss: z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity]), z.null()]),
  steps: z.int().min(0),
  failed: z.boolean(),
  parameters: z.array(
    z.object({ row: Row, identity: z.int().min(0), learningRate: z.union([z.number(), z.nan(), z.null()]) }),
  ),
});

const PLANES: readonly RecordedPlane[] = ["value", "gradient", "accumulated"];
/** In columns a tensor is named by one number: four times its row, or edge, and its plane or, for edges, this. */
const CONTRIBUTION = 3;
const STATISTICS = Object.keys(STATISTIC).length;

function nameOf(code: number): string {
  const plane = code % 4 === CONTRIBUTION ? "contribution" : PLANES[code % 4]!;
  return `${plane}.${Math.floor(code / 4)}`;
}

/** One pass as a safetensors file, whose tensors are those of its nodes, by name: "value.12", "gradient.12". */
export async function encodePass(
  structureName: string,
  { structure, facts, notes, tensor }: NewPass,
): Promise<Content> {
  const { pass, loss, steps, failed, parameters, held, heldEdges } = facts;
  const tensors: NewTensor[] = [];
  const codes = new Map<NewElements, number>();
  const { rows } = structure;
  const add = (ref: TensorRef, code: number, row: number): number => {
    const elements = tensor(ref);
    const known = codes.get(elements);
    if (known !== undefined) return known;
    codes.set(elements, code);
    const dtype = STORED_AS[RECORDED_DTYPES[structure.dtype[row]!]!];
    if (dtype === null) throw new Error(`row ${row} is complex, and its elements cannot be stored`);
    tensors.push({ name: nameOf(code), dtype, shape: shapeOf(structure, row), elements });
    return code;
  };
  const columns = new ColumnWriter(tensors);
  PLANES.forEach((plane, p) => {
    const column = new Int32Array(rows).fill(-1);
    for (let row = 0; row < rows; row++) {
      if ((held[row]! & Held[plane]) !== 0) column[row] = add({ pass, row: row as NodeId, plane }, 4 * row + p, row);
    }
    columns.ids(plane, column);
  });
  columns.ids("contribution_edge", heldEdges);
  columns.ids(
    "contribution",
    Array.from(heldEdges, (edge) => add({ pass, edge }, 4 * edge + CONTRIBUTION, structure.inputs[edge]!)),
  );
  columns.ids("value_memory", facts.valueMemory);
  columns.ids("gradient_memory", facts.gradientMemory);
  if (facts.valueStatistics) columns.doubles("value_statistics", facts.valueStatistics, STATISTICS);
  if (facts.gradientStatistics) columns.doubles("gradient_statistics", facts.gradientStatistics, STATISTICS);
  const description: z.input<typeof Facts> = {
    structure: structureName,
    pass,
    loss,
    steps,
    failed,
    parameters: parameters.map((one) => ({ ...one })),
  };
  return writeSafetensors({ pass: encodeJson(description), notes: encodeJson(await notes) }, tensors);
}

/** A pass as it lies in a file: its tensors are read when somebody asks for them. */
export interface StoredPass {
  readonly data: PassData;
  readonly notes: PassNotes;
  /** Where a tensor is; null where the pass does not hold it. */
  place(ref: TensorRef): StoredTensor | null;
}

/**
 * Reads a pass but for its tensors, and believes nothing of it.
 * @param structureNamed gives a structure of the same recording
 * @throws RecordingError
 */
export function decodePass(
  source: ByteSource,
  name: string,
  structureNamed: (name: string) => PassStructure,
): StoredPass {
  const file = readSafetensors(source, name);
  const columns = new ColumnReader(source, file, name);
  const { structure: structureName, ...description } = readMetadata(file, "pass", Facts, name);
  const notes = readMetadata(file, "notes", PassNotes, name);
  const structure = structureNamed(structureName);
  const { rows, inputs } = structure;
  const edges = inputs.length;
  if (description.steps > structure.backwardOrder.length) {
    throw columns.refuse(`has run ${description.steps} steps of ${structure.backwardOrder.length}`);
  }
  for (const { row } of description.parameters) {
    if (row >= rows) throw columns.refuse(`has a parameter at row ${row} of ${rows}`);
  }
  const elements = Float64Array.from({ length: rows }, (_, row) => elementsOf(structure, row));
  const placeOf = (code: number, row: number): StoredTensor => {
    const tensor = file.tensors.get(nameOf(code));
    const dtype = STORED_AS[RECORDED_DTYPES[structure.dtype[row]!]!];
    // A reshaped view is stored with what it is a view of: its elements are as many, in the same order.
    if (tensor === undefined || tensor.dtype !== dtype || tensor.bytes !== elements[row]! * STORED_BYTES[dtype]) {
      throw columns.refuse(`has no ${nameOf(code)} of the shape and dtype of row ${row}`);
    }
    return tensor;
  };
  const most = 4 * Math.max(rows, edges) + 4;
  const held = new Uint8Array(rows);
  const places = PLANES.map((plane) => {
    const column = columns.ids(plane, rows, -1, most);
    for (let row = 0; row < rows; row++) {
      if (column[row]! < 0) continue;
      placeOf(column[row]!, row);
      held[row]! |= Held[plane];
    }
    return column;
  });
  const heldEdges = Uint32Array.from(columns.ids("contribution_edge", null, 0, edges));
  const contributions = columns.ids("contribution", heldEdges.length, 0, most);
  const contributionOf = new Map<number, number>();
  heldEdges.forEach((edge, i) => {
    if (i > 0 && heldEdges[i - 1]! >= edge) throw columns.refuse("has contributions that are not in order");
    placeOf(contributions[i]!, inputs[edge]!);
    contributionOf.set(edge, contributions[i]!);
  });
  const isRow = (row: number): boolean => row < rows;
  if (!notes.verdicts.every(({ node }) => node === null || isRow(node)) || !notes.stacks.every(([row]) => isRow(row))) {
    throw columns.refuse("has notes about rows that it does not have");
  }
  const statistics = (column: string): Float64Array | null =>
    columns.has(column) ? columns.doubles(column, rows * STATISTICS) : null;
  const facts: PassFacts = {
    ...description,
    held,
    heldEdges,
    valueMemory: Uint32Array.from(columns.ids("value_memory", rows, 0, 2 ** 31)),
    gradientMemory: Uint32Array.from(columns.ids("gradient_memory", rows, 0, 2 ** 31)),
    valueStatistics: statistics("value_statistics"),
    gradientStatistics: statistics("gradient_statistics"),
  };
  return {
    data: { structure, facts },
    notes,
    place: (ref) => {
      const code = "edge" in ref ? contributionOf.get(ref.edge) : places[PLANES.indexOf(ref.plane)]![ref.row];
      if (code === undefined || code < 0) return null;
      return placeOf(code, "edge" in ref ? inputs[ref.edge]! : ref.row);
    },
  };
}

function elementsOf({ shapes, shapeStart }: PassStructure, row: number): number {
  let count = 1;
  for (let at = shapeStart[row]!; at < shapeStart[row + 1]!; at++) count *= shapes[at]!;
  return count;
}

function shapeOf({ shapes, shapeStart }: PassStructure, row: number): number[] {
  const shape: number[] = [];
  for (let at = shapeStart[row]!; at < shapeStart[row + 1]!; at++) shape.push(shapes[at]!);
  return shape;
}
