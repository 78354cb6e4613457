import { z } from "zod";
import { NodeKind } from "../../protocol/graph.ts";
import type { NodeId } from "../../protocol/ids.ts";
import type { PassStructure } from "../pass-structure.ts";
import { RECORDED_DTYPES } from "../../protocol/recorded-dtype.ts";
import type { ByteSource, Content } from "./byte-source.ts";
import { ColumnReader, ColumnWriter } from "./columns.ts";
import { encodeJson } from "./plain-json.ts";
import { readMetadata } from "./read-metadata.ts";
import { readSafetensors, writeSafetensors, type NewTensor } from "./safetensors.ts";
import { SiteSchema } from "./schemas.ts";

const Index = z.int().min(0);
const Row = Index.transform((row) => row as NodeId);
const AttributeValue = z.union([
  z.number(),
  z.nan(),
  z.literal([Infinity, -Infinity]),
  z.boolean(),
  z.string(),
  z.null(),
  z.array(z.number().nullable()),
  z.array(z.tuple([z.number(), z.number()])),
]);

/** The parts of a structure that are no columns. */
const Description = z.object({
  kind: z.enum(["backward", "grad"]),
  file: z.string(),
  foreign: z.boolean(),
  rows: z
    .int()
    .min(1)
    .max(2 ** 28),
  ops: z.array(z.object({ name: z.string(), record: z.string() })).min(1),
  labels: z.array(z.string()).min(1),
  sites: z.array(SiteSchema.nullable()).min(1),
  passSite: Index,
  scopes: z.array(
    z.object({
      parent: z.int().min(-1),
      kind: z.enum(["module", "function"]),
      name: z.string(),
      type: z.string(),
      path: z.string(),
      call: Index,
    }),
  ),
  attributes: z.array(z.record(z.string(), AttributeValue)).min(1),
  roots: z.array(Row),
  cuts: z.array(
    z.object({
      row: Row,
      kind: z.enum(["detach", "no-grad", "integer", "forward", "backward"]),
      site: Index,
      source: Row.nullable(),
      by: z.string().optional(),
    }),
  ),
  surrogates: z.array(z.tuple([Row, z.string()])),
  backwardSites: z.array(z.tuple([Row, Index])),
  hooks: z.array(z.tuple([Row, Index])).default([]),
  operandNames: z.array(z.tuple([Row, z.array(z.string())])).default([]),
});

const KEY = "structure";

/** A structure as a safetensors file: columns are tensors of integers, the rest is JSON in its metadata. */
export function encodeStructure(structure: PassStructure): Content {
  const { kind, file, foreign, rows, ops, labels, sites, passSite, scopes, attributes, roots } = structure;
  const { cuts, surrogates, backwardSites, hooks, operandNames } = structure;
  const description: z.input<typeof Description> = {
    kind,
    file,
    foreign,
    rows,
    ops: [...ops],
    labels: [...labels],
    sites: [...sites],
    passSite,
    scopes: [...scopes],
    attributes: [...attributes] as z.input<typeof Description>["attributes"],
    roots: [...roots],
    cuts: [...cuts],
    surrogates: surrogates.map(([row, reason]) => [row, reason]),
    backwardSites: backwardSites.map(([row, site]) => [row, site]),
    hooks: hooks.map(([row, site]) => [row, site]),
    operandNames: operandNames.map(([row, names]) => [row, [...names]]),
  };
  const tensors: NewTensor[] = [];
  const columns = new ColumnWriter(tensors);
  columns.ids("op", structure.op);
  columns.bytes("node_kind", structure.nodeKind);
  columns.bytes("dtype", structure.dtype);
  columns.bytes("requires_grad", structure.requiresGrad);
  columns.ids("label", structure.label);
  columns.ids("site", structure.site);
  columns.ids("scope", structure.scope);
  columns.ids("attribute", structure.attribute);
  columns.ids("shape_start", structure.shapeStart);
  columns.sizes("shapes", structure.shapes);
  columns.ids("input_start", structure.inputStart);
  columns.ids("inputs", structure.inputs);
  columns.ids("backward_order", structure.backwardOrder);
  return writeSafetensors({ [KEY]: encodeJson(description) }, tensors);
}

/**
 * Reads a structure, and believes nothing of it: ids are within their lists, starts ascend, inputs lead backwards.
 * @throws RecordingError
 */
export function decodeStructure(source: ByteSource, name: string): PassStructure {
  const file = readSafetensors(source, name);
  const columns = new ColumnReader(source, file, name);
  const { sites, attributes, ...description } = readMetadata(file, KEY, Description, name);
  const { rows, ops, labels, scopes, roots, cuts, surrogates, passSite, operandNames } = description;
  const shapeStart = columns.starts("shape_start", rows);
  const inputStart = columns.starts("input_start", rows);
  const inputs = Uint32Array.from(columns.ids("inputs", inputStart[rows]!, 0, rows));
  const structure: PassStructure = {
    ...description,
    sites: sites as PassStructure["sites"],
    attributes: attributes,
    op: Uint32Array.from(columns.ids("op", rows, 0, ops.length)),
    nodeKind: columns.bytes("node_kind", rows, NodeKind.constant),
    dtype: columns.bytes("dtype", rows, RECORDED_DTYPES.length - 1),
    requiresGrad: columns.bytes("requires_grad", rows, 1),
    label: Uint32Array.from(columns.ids("label", rows, 0, labels.length)),
    site: Uint32Array.from(columns.ids("site", rows, 0, sites.length)),
    scope: columns.ids("scope", rows, -1, scopes.length),
    attribute: Uint32Array.from(columns.ids("attribute", rows, 0, attributes.length)),
    shapeStart,
    shapes: columns.sizes("shapes", shapeStart[rows]!),
    inputStart,
    inputs,
    backwardOrder: Uint32Array.from(columns.ids("backward_order", null, 0, rows)),
  };
  for (let row = 0; row < rows; row++) {
    for (let edge = inputStart[row]!; edge < inputStart[row + 1]!; edge++) {
      if (inputs[edge]! >= row) throw columns.refuse(`has an input of row ${row} that is not before it`);
    }
    let elements = 1;
    for (let at = shapeStart[row]!; at < shapeStart[row + 1]!; at++) elements *= structure.shapes[at]!;
    if (!Number.isSafeInteger(elements)) throw columns.refuse(`has a shape at row ${row} that nothing can hold`);
  }
  const within = (what: string, index: number, end: number): void => {
    if (index >= end) throw columns.refuse(`refers to ${what} ${index} of ${end}`);
  };
  within("site", passSite, sites.length);
  for (const root of roots) within("row", root, rows);
  for (const cut of cuts) {
    within("row", cut.row, rows);
    within("site", cut.site, sites.length);
    if (cut.source !== null) within("row", cut.source, rows);
  }
  for (const [row] of [...surrogates, ...operandNames]) within("row", row, rows);
  for (const [row, site] of [...description.backwardSites, ...description.hooks]) {
    within("row", row, rows);
    within("site", site, sites.length);
  }
  scopes.forEach(({ parent }, scope) => {
    if (parent >= scope) throw columns.refuse(`has a scope ${scope} before its parent`);
  });
  checkOrder(structure, columns);
  return structure;
}

/** Only ops run backward, each once. */
function checkOrder({ rows, nodeKind, backwardOrder }: PassStructure, columns: ColumnReader): void {
  const seen = new Uint8Array(rows);
  for (const row of backwardOrder) {
    if (seen[row] !== 0) throw columns.refuse(`runs row ${row} backward twice`);
    seen[row] = 1;
    const kind = nodeKind[row];
    if (kind !== NodeKind.op && kind !== NodeKind.function) throw columns.refuse(`runs row ${row} backward, a leaf`);
  }
}
