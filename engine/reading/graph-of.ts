import { RECORDED_DTYPES } from "../protocol/recorded-dtype.ts";
import type { PassGraph, Scope } from "../protocol/graph.ts";
import type { ScopeId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import type { RecordedPass } from "../recording/recorded-pass.ts";
import { opNameOf } from "../recording/node-names.ts";

/** A pass as the panel draws it: columns, and the strings and sites that they refer to. */
export function graphOf(reader: RecordedPass, file: string): PassGraph {
  const { rows } = reader;
  const strings: string[] = [""];
  const stringIds = new Map<string, number>([["", 0]]);
  const intern = (text: string): number => {
    let id = stringIds.get(text);
    if (id === undefined) {
      id = strings.push(text) - 1;
      stringIds.set(text, id);
    }
    return id;
  };
  const sites: (Site | null)[] = [null];
  const siteIds = new Map<number, number>([[0, 0]]);

  const kind = new Uint8Array(rows);
  const op = new Uint32Array(rows);
  const label = new Uint32Array(rows);
  const scope = new Int32Array(rows);
  const site = new Uint32Array(rows);
  const dtype = new Uint8Array(rows);
  const requiresGrad = new Uint8Array(rows);
  const shapeStart = new Uint32Array(rows + 1);
  const inputStart = new Uint32Array(rows + 1);
  const shapes: number[] = [];
  for (let row = 0; row < rows; row++) {
    kind[row] = reader.nodeKind(row);
    op[row] = intern(reader.isOp(row) ? opNameOf(reader, row) : reader.requiresGrad(row) ? "parameter" : "input");
    label[row] = intern(reader.label(row));
    scope[row] = reader.scope(row);
    const siteId = reader.siteIndex(row);
    let index = siteIds.get(siteId);
    if (index === undefined) {
      const place = reader.siteAt(siteId);
      // An id that nobody knows a place for is no site, wherever the pass lies.
      index = place === null ? 0 : sites.push(place) - 1;
      siteIds.set(siteId, index);
    }
    site[row] = index;
    dtype[row] = RECORDED_DTYPES.indexOf(reader.dtype(row));
    requiresGrad[row] = reader.requiresGrad(row) ? 1 : 0;
    shapes.push(...reader.shape(row));
    shapeStart[row + 1] = shapes.length;
    inputStart[row] = reader.inputStart(row);
  }
  inputStart[rows] = reader.inputStart(rows);
  const inputs = new Uint32Array(inputStart[rows]);
  for (let edge = 0; edge < inputs.length; edge++) inputs[edge] = reader.input(edge);

  const { loss, roots, scopes } = reader;
  return {
    pass: reader.id,
    file,
    nodeCount: rows,
    strings,
    kind,
    op,
    label,
    scope,
    site,
    sites,
    shapeStart,
    shapes: Float64Array.from(shapes),
    dtype,
    inputStart,
    inputs,
    requiresGrad,
    // Field by field: what else its source knows of a scope is not the graph's.
    scopes: scopes.map(({ parent, kind, name, type, path, call }, id): Scope => ({
      id: id as ScopeId,
      parent: parent === -1 ? -1 : (parent as ScopeId),
      kind,
      name,
      type,
      path,
      call,
    })),
    backwardOrder: reader.schedule.backwardOrder.slice(),
    roots: roots,
    loss: loss ?? Number.NaN,
  };
}
