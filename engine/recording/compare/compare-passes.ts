import { differenceOf, type ComparedNode, type PassComparison } from "../../protocol/comparison.ts";
import { NodeKind } from "../../protocol/graph.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { leafWord } from "../node-names.ts";
import { Held } from "../pass-structure.ts";
import type { PassData } from "../recording.ts";
import type { TensorRef } from "../tensor-ref.ts";
import { alignRows } from "./align.ts";

/** One of two passes that are compared. */
export interface ComparedPass extends PassData {
  /** Elements of a tensor that the pass holds, row-major; null where its dtype has no numbers to show. */
  elements(ref: TensorRef): ArrayLike<number> | null;
}

/** Rounding differs from machine to machine and thread to thread; what is beyond it differs. */
export const DEFAULT_TOLERANCE = 1e-5;

/** Compares two passes node by node. */
export function comparePasses(first: ComparedPass, second: ComparedPass, tolerance: number): PassComparison {
  const nodes = alignRows(first.structure, second.structure).map(([a, b]) => compareRows(first, a, second, b));
  const kinds = nodes.map((node) => differenceOf(node, tolerance));
  const inForward = kinds.findIndex((kind) => kind !== null && kind !== "gradient" && kind !== "missing-gradient");
  // Gradients come from the end of the tape: what differs there first is not handed on from elsewhere.
  const found = inForward >= 0 ? inForward : kinds.findLastIndex((kind) => kind !== null);
  return {
    passes: [first.facts.pass, second.facts.pass],
    losses: [first.facts.loss, second.facts.loss],
    tolerance,
    nodes,
    different: kinds.filter((kind) => kind !== null).length,
    first: found < 0 ? null : found,
  };
}

function compareRows(first: ComparedPass, a: number, second: ComparedPass, b: number): ComparedNode {
  const [named, row] = a >= 0 ? [first.structure, a] : [second.structure, b];
  const scope = named.scopes[named.scope[row]!];
  const kind = named.nodeKind[row];
  const isLeaf = kind === NodeKind.parameter || kind === NodeKind.constant;
  const shapes = [shapeOf(first, a), shapeOf(second, b)] as const;
  const comparable = a >= 0 && b >= 0 && shapes[0]?.join() === shapes[1]?.join();
  const hasGradient = (pass: ComparedPass, at: number): boolean => (pass.facts.held[at]! & Held.gradient) !== 0;
  return {
    nodes: [a < 0 ? null : (a as NodeId), b < 0 ? null : (b as NodeId)],
    op: isLeaf ? leafWord(named.requiresGrad[row] !== 0) : named.ops[named.op[row]!]!.name,
    isLeaf,
    label: named.labels[named.label[row]!]!,
    scope: scope?.path ?? "",
    sites: [siteOf(first, a), siteOf(second, b)],
    shapes,
    value: comparable ? differenceOfTensors(first, a, second, b, "value") : Number.NaN,
    gradient: comparable ? differenceOfTensors(first, a, second, b, "gradient") : Number.NaN,
    gradientMissing: comparable && hasGradient(first, a) !== hasGradient(second, b),
  };
}

function differenceOfTensors(
  first: ComparedPass,
  a: number,
  second: ComparedPass,
  b: number,
  plane: "value" | "gradient",
): number {
  const held = (pass: ComparedPass, row: number): boolean => (pass.facts.held[row]! & Held[plane]) !== 0;
  if (!held(first, a) || !held(second, b)) return Number.NaN;
  const x = first.elements({ pass: first.facts.pass, row: a as NodeId, plane });
  const y = second.elements({ pass: second.facts.pass, row: b as NodeId, plane });
  return x === null || y === null ? Number.NaN : relativeDifference(x, y);
}

/** The norm of the difference over the larger norm; elements that are the same, NaN as well, differ by nothing. */
export function relativeDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  // Scaled by the largest magnitude, so that no square overflows or vanishes.
  let scale = 0;
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i]) continue;
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) return Infinity;
    scale = Math.max(scale, Math.abs(x[i]!), Math.abs(y[i]!));
  }
  if (scale === 0) return 0;
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) scale = Math.max(scale, Math.abs(x[i]!), Math.abs(y[i]!));
  }
  let [difference, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
    const [a, b] = [x[i]! / scale, y[i]! / scale];
    difference += (a - b) ** 2;
    ofX += a ** 2;
    ofY += b ** 2;
  }
  return Math.sqrt(difference / Math.max(ofX, ofY));
}

function shapeOf({ structure }: ComparedPass, row: number): readonly number[] | null {
  if (row < 0) return null;
  return Array.from(structure.shapes.subarray(structure.shapeStart[row], structure.shapeStart[row + 1]));
}

function siteOf({ structure }: ComparedPass, row: number): ComparedNode["sites"][0] {
  return row < 0 ? null : (structure.sites[structure.site[row]!] ?? null);
}
