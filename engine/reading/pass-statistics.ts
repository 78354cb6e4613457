import type { Statistics } from "../kernels/kernels.ts";
import { STATISTIC } from "../protocol/inspection.ts";
import { RECORDED_BYTES } from "../protocol/recorded-dtype.ts";
import { unlessNotKept } from "./paged-tensors.ts";
import { NodeFlag, NodeKind, type NodeStatistics } from "../protocol/graph.ts";
import { runtime } from "../core/runtime.ts";
import { elementCount } from "../core/shape.ts";
import { readElement, readElements } from "../core/elements.ts";
import { Tensor } from "../core/tensor.ts";
import type { View } from "../core/view.ts";
import type { ScratchArena } from "../memory/arena.ts";
import { contributionOf } from "./gradient-at.ts";
import type { ReadablePass } from "./readable-pass.ts";
import { slices } from "./slices.ts";

/** Contributions larger than this are not computed again just to draw an edge's width. */
const LARGEST_EDGE = 200_000;

/**
 * One look at every value and gradient of a pass. Yields to other work, so that a large pass blocks nobody.
 * @param before what the parameter of this identity was in the pass before, if that is kept
 */
export async function passStatistics(
  reader: ReadablePass,
  arena: ScratchArena,
  before: (identity: number) => View | null,
): Promise<NodeStatistics> {
  const { rows } = reader;
  const unknown = (): Float64Array => new Float64Array(rows).fill(Number.NaN);
  const statistics: NodeStatistics = {
    pass: reader.id,
    valueNorm: unknown(),
    gradNorm: unknown(),
    valueZeros: new Float32Array(rows).fill(Number.NaN),
    gradZeros: new Float32Array(rows).fill(Number.NaN),
    valueItem: unknown(),
    gradItem: unknown(),
    deadUnits: new Uint32Array(rows),
    flags: new Uint8Array(rows),
    updateRatio: unknown(),
    bytes: new Float64Array(rows),
    edgeShare: new Float32Array(reader.edges).fill(Number.NaN),
  };
  const breathe = slices();
  for (let row = 0; row < rows; row++) {
    await breathe();
    readRow(reader, row, statistics);
  }
  countBytes(reader, statistics.bytes);
  for (const { row, identity, learningRate } of reader.parameters) {
    await breathe();
    const mark = arena.mark();
    statistics.updateRatio[row] = updateRatio(reader, row, before(identity), learningRate);
    arena.rewind(mark);
  }
  for (let row = 0; row < rows; row++) {
    await breathe();
    readEdges(reader, row, statistics, arena);
  }
  return statistics;
}

/** What several nodes share counts for the first of them. */
function countBytes(reader: ReadablePass, bytes: Float64Array): void {
  const counted = new Set([0]);
  const count = (row: number, plane: "value" | "gradient"): number => {
    const memory = reader.memory(row, plane);
    if (counted.has(memory)) return 0;
    counted.add(memory);
    return elementCount(reader.shape(row)) * RECORDED_BYTES[reader.dtype(row)];
  };
  for (let row = 0; row < reader.rows; row++) {
    // A part of a tensor begins elsewhere, and is no memory of its own.
    const isView = !reader.foreign && reader.op(row)?.view !== undefined;
    bytes[row] = (isView ? 0 : count(row, "value")) + count(row, "gradient");
  }
}

function updateRatio(reader: ReadablePass, row: number, before: View | null, learningRate: number | null): number {
  if (!reader.holds(row, "value")) return Number.NaN;
  const { norm } = runtime.kernels.statistics(reader.value(row));
  if (before !== null) {
    const change = Tensor.empty(before.shape, before.dtype);
    runtime.kernels.binary("sub", reader.value(row), before, change);
    const step = runtime.kernels.statistics(change).norm;
    // Passes that follow each other without a step between them say nothing.
    if (step !== 0) return step / runtime.kernels.statistics(before).norm;
  }
  const gradient = reader.accumulated(row);
  if (learningRate === null || gradient === null) return Number.NaN;
  return (learningRate * runtime.kernels.statistics(gradient).norm) / norm;
}

function readRow(reader: ReadablePass, row: number, out: NodeStatistics): void {
  const count = elementCount(reader.shape(row));
  let flags = 0;
  const ofValue = statisticsOf(reader, row, "value");
  if (ofValue !== null) {
    out.valueNorm[row] = ofValue.norm;
    out.valueZeros[row] = count === 0 ? 0 : ofValue.zeros / count;
    if (ofValue.nans > 0) flags |= NodeFlag.valueNaN;
    if (ofValue.positiveInfinities + ofValue.negativeInfinities > 0) {
      flags |= NodeFlag.valueInf;
      if (ofValue.nans === 0 && isMask(reader, row, ofValue.positiveInfinities, out.flags)) flags |= NodeFlag.mask;
    }
  }
  if (reader.holds(row, "value")) {
    const value = reader.value(row);
    if (count === 1) out.valueItem[row] = readElement(value.dtype, value.offset);
    if (ofValue!.zeros > 0 && value.shape.length >= 2 && reader.op(row)?.blocks === "units") {
      const dead = deadUnits(readElements(value), value.shape.at(-1)!);
      out.deadUnits[row] = dead;
      if (dead > 0) flags |= NodeFlag.deadUnits;
    }
  }
  const ofGradient = statisticsOf(reader, row, "gradient");
  if (ofGradient !== null) {
    out.gradNorm[row] = ofGradient.norm;
    out.gradZeros[row] = count === 0 ? 0 : ofGradient.zeros / count;
    const gradient = reader.gradient(row);
    if (gradient !== null && count === 1) out.gradItem[row] = readElement(gradient.dtype, gradient.offset);
    if (ofGradient.nans > 0) flags |= NodeFlag.gradNaN;
    if (ofGradient.positiveInfinities + ofGradient.negativeInfinities > 0) flags |= NodeFlag.gradInf;
  }
  out.flags[row] = flags;
}

/** Measures a tensor that is there, or returns what was kept in its place. */
function statisticsOf(
  reader: ReadablePass,
  row: number,
  plane: "value" | "gradient",
): Pick<Statistics, "norm" | "zeros" | "nans" | "positiveInfinities" | "negativeInfinities"> | null {
  if (reader.holds(row, plane)) {
    return runtime.kernels.statistics(plane === "value" ? reader.value(row) : reader.gradient(row)!);
  }
  const kept = reader.keptStatistics(row, plane);
  if (kept === null) return null;
  return {
    norm: kept[STATISTIC.norm]!,
    zeros: kept[STATISTIC.zeros]!,
    nans: kept[STATISTIC.nans]!,
    positiveInfinities: kept[STATISTIC.positiveInfinities]!,
    negativeInfinities: kept[STATISTIC.negativeInfinities]!,
  };
}

/** Whether infinities are meant: a constant of −∞, an attribute that puts them in, or what comes from such. */
function isMask(reader: ReadablePass, row: number, positive: number, flags: Uint8Array): boolean {
  if (reader.nodeKind(row) === NodeKind.constant) return positive === 0;
  if (Object.values(reader.attributes(row)).some((one) => one === Infinity || one === -Infinity)) return true;
  const spoiled = reader.inputs(row).filter((input) => (flags[input]! & (NodeFlag.valueNaN | NodeFlag.valueInf)) !== 0);
  return spoiled.length > 0 && spoiled.every((input) => (flags[input]! & NodeFlag.mask) !== 0);
}

/** Columns of the last axis that are zero in every row. */
function deadUnits(elements: Float64Array, units: number): number {
  if (elements.length <= units) return 0;
  const alive = new Uint8Array(units);
  for (let i = 0; i < elements.length; i++) if (elements[i] !== 0) alive[i % units] = 1;
  return units - alive.reduce((sum, unit) => sum + unit, 0);
}

/** How a consumer's outgoing gradient splits over its inputs, by norm. */
function readEdges(reader: ReadablePass, row: number, out: NodeStatistics, arena: ScratchArena): void {
  const start = reader.inputStart(row);
  const end = reader.inputStart(row + 1);
  if (!reader.isOp(row) || !reader.ranBackward(row)) return;
  const norms = new Float64Array(end - start).fill(Number.NaN);
  let total = 0;
  for (let edge = start; edge < end; edge++) {
    const input = reader.input(edge);
    if (reader.gradient(input) === null) continue;
    if (end - start === 1) {
      norms[0] = total = 1;
      continue;
    }
    if (reader.schedule.edgesTo(input).length === 1) norms[edge - start] = out.gradNorm[input]!;
    else {
      if (elementCount(reader.shape(input)) > LARGEST_EDGE) continue;
      const mark = arena.mark();
      const contribution = unlessNotKept(() => contributionOf(reader, edge));
      if (contribution !== null) norms[edge - start] = runtime.kernels.statistics(contribution).norm;
      arena.rewind(mark);
    }
    total += norms[edge - start]! ** 2 || 0;
  }
  const scale = Math.sqrt(total);
  norms.forEach((norm, i) => (out.edgeShare[start + i] = scale > 0 ? norm / scale : norm));
}
