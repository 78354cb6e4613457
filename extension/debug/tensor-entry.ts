import { t } from "../../engine/language/translate.ts";
import type { RecordedDType } from "../../engine/protocol/recorded-dtype.ts";
import type { Engine } from "../../engine/protocol/engine.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import type { TensorSource } from "../../engine/protocol/tensor-source.ts";
import { STATISTIC, type Plane, type TensorSummary } from "../../engine/protocol/inspection.ts";
import { elementText, numberText, percentText } from "../../engine/recording/number-text.ts";
import { contentText, shapeText, typeText } from "../text/tensor-text.ts";
import type { Entry, Expandable, TensorElement } from "./variable-store.ts";

/** Which tensor: a node's value, its gradient at the cursor, a leaf's `.grad`, or one that is not a node's at all. */
export type TensorPlace =
  { readonly kind: "plane"; readonly pass: PassId; readonly node: NodeId; readonly plane: Plane } | TensorSource;

/** Elements the engine hands out at a time. */
const MOST_ELEMENTS = 65_536;
const ROW_PREVIEW = 6;

/** A tensor as a row of the Variables view: shape first, then its content in a line; opens axis by axis where it has any. */
export function tensorEntry(
  engine: Engine,
  place: TensorPlace,
  name: string,
  summary: TensorSummary,
  evaluateName?: string,
): Entry {
  const entry: Entry = {
    name,
    value: `${typeText(summary.shape, summary.dtype)}  ${contentText(summary)}`,
    type: typeText(summary.shape, summary.dtype),
    memory: memoryReference(place, summary),
    ...(evaluateName === undefined ? {} : { evaluateName }),
  };
  const count = summary.statistics[STATISTIC.count] ?? 0;
  if (count === 0) return { ...entry, readOnly: true };
  const element = count === 1 ? elementOf(place, 0) : null;
  // A scalar has nothing left to open: its number stands in the row.
  if (summary.shape.length === 0) return element ? { ...entry, element } : { ...entry, readOnly: true };
  const expandable = tensorParts(engine, place, summary);
  return element ? { ...entry, expandable, element } : { ...entry, expandable };
}

function tensorParts(engine: Engine, place: TensorPlace, summary: TensorSummary): Expandable {
  const statistics = statisticEntries(summary);
  const elements = axisParts(engine, place, summary.dtype, summary.shape, 0);
  return {
    indexed: elements.indexed,
    named: statistics.length,
    children: async (filter, start, count) => {
      const named = filter === "indexed" ? [] : statistics;
      const indexed = filter === "named" ? [] : await elements.children("indexed", start, count);
      return [...named, ...indexed];
    },
  };
}

/** What can be set is what the pass computed: a `.grad` is the sum of many passes. */
function elementOf(place: TensorPlace, element: number): TensorElement | null {
  if (place.kind !== "plane") return null;
  const { pass, node, plane } = place;
  return plane === "value" || plane === "gradient" ? { pass, node, plane, element } : null;
}

/** The parts along the first axis of a sub-tensor that begins at a flat offset. */
function axisParts(
  engine: Engine,
  place: TensorPlace,
  dtype: RecordedDType,
  shape: readonly number[],
  offset: number,
): Expandable {
  const length = shape[0] ?? 1;
  const inner = shape.slice(1);
  const stride = inner.reduce((product, size) => product * size, 1);
  return {
    indexed: shape.length === 0 ? 0 : length,
    named: 0,
    children: async (filter, start, count) => {
      if (filter === "named" || shape.length === 0) return [];
      const end = count > 0 ? Math.min(length, start + count) : length;
      const rows = await previews(engine, place, offset, stride, start, end);
      return rows.map((row, index) => {
        const at = start + index;
        const name = String(at);
        if (inner.length === 0) {
          const element = elementOf(place, offset + at);
          const value = elementText(row[0] ?? NaN, dtype);
          return element ? { name, value, element } : { name, value, readOnly: true };
        }
        return {
          name,
          value: `${shapeText(inner)}  ${previewText(row, stride, dtype)}`,
          expandable: axisParts(engine, place, dtype, inner, offset + at * stride),
          readOnly: true,
        };
      });
    },
  };
}

/** The first elements of rows `start` … `end`, in as few requests as their size allows. */
async function previews(
  engine: Engine,
  place: TensorPlace,
  offset: number,
  stride: number,
  start: number,
  end: number,
): Promise<Float64Array[]> {
  const shown = Math.min(stride, ROW_PREVIEW);
  if (stride > MOST_ELEMENTS) {
    const rows = Array.from({ length: end - start }, (_, index) => offset + (start + index) * stride);
    return Promise.all(rows.map((at) => read(engine, place, at, shown)));
  }
  const perRequest = Math.max(1, Math.floor(MOST_ELEMENTS / stride));
  const result: Float64Array[] = [];
  for (let row = start; row < end; row += perRequest) {
    const rows = Math.min(perRequest, end - row);
    const block = await read(engine, place, offset + row * stride, rows * stride);
    for (let index = 0; index < rows; index++) {
      result.push(block.subarray(index * stride, index * stride + shown));
    }
  }
  return result;
}

/** Elements of a tensor, flat, row-major. */
export function read(engine: Engine, place: TensorPlace, start: number, count: number): Promise<Float64Array> {
  if (place.kind !== "plane") return engine.elementsOf(place, start, count);
  return engine.elements(place.pass, place.node, { plane: place.plane, start, count });
}

function previewText(row: Float64Array, length: number, dtype: RecordedDType): string {
  const shown = Array.from(row, (value) => elementText(value, dtype)).join(", ");
  return length > row.length ? `${shown}, …` : shown;
}

function statisticEntries(summary: TensorSummary): Entry[] {
  const { statistics, dtype } = summary;
  const count = statistics[STATISTIC.count] ?? 0;
  if (count <= 1 || dtype === "bool") return [];
  const at = (name: keyof typeof STATISTIC): number => statistics[STATISTIC[name]] ?? NaN;
  const whole = dtype === "int64";
  const rows: [string, string][] = [
    ...(whole ? [] : ([["norm", numberText(at("norm"))]] as [string, string][])),
    ["min", elementText(at("min"), dtype)],
    ["max", elementText(at("max"), dtype)],
    ["mean", numberText(at("mean"))],
    ["std", numberText(at("std"))],
    ["zeros", percentText(at("zeros") / count)],
  ];
  if (at("nans") > 0) rows.push(["NaN", String(at("nans"))]);
  if (at("positiveInfinities") > 0) rows.push(["Inf", String(at("positiveInfinities"))]);
  if (at("negativeInfinities") > 0) rows.push(["-Inf", String(at("negativeInfinities"))]);
  return rows.map(([name, value]) => ({ name, value, readOnly: true }));
}

const PLANES: readonly string[] = ["value", "gradient", "accumulated"] satisfies Plane[];

/** Names a tensor for the memory view: "3:12:gradient:float32:4096". */
function memoryReference(place: TensorPlace, summary: TensorSummary): string {
  const count = summary.statistics[STATISTIC.count] ?? 0;
  return [...addressOf(place), summary.dtype, count].join(":");
}

function addressOf(place: TensorPlace): readonly [pass: number, node: number, plane: string] {
  switch (place.kind) {
    case "plane":
      return [place.pass, place.node, place.plane];
    case "term":
      return [place.pass, place.node, t`term ${place.place}`];
    case "optimizer":
      return [0, 0, t`optimizer ${place.state}`];
  }
}

export function parseMemoryReference(
  reference: string,
): { readonly place: TensorPlace; readonly dtype: RecordedDType; readonly count: number } | null {
  const [pass, node, plane, dtype, count] = reference.split(":");
  if (pass === undefined || node === undefined || plane === undefined) return null;
  const place = placeAt(Number(pass) as PassId, Number(node) as NodeId, plane);
  return place && { place, dtype: dtype as RecordedDType, count: Number(count) };
}

function placeAt(pass: PassId, node: NodeId, plane: string): TensorPlace | null {
  if (PLANES.includes(plane)) return { kind: "plane", pass, node, plane: plane as Plane };
  const [kind, index] = plane.split(" ");
  if (kind === "term") return { kind, pass, node, place: Number(index) };
  return kind === "optimizer" ? { kind, state: Number(index) } : null;
}
