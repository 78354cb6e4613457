import type { ComparedNode, PassComparison } from "../../protocol/comparison.ts";
import { differenceOf } from "../../protocol/comparison.ts";
import { NodeKind } from "../../protocol/graph.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { leafWord } from "../node-names.ts";
import { Held } from "../pass-structure.ts";
import type { ComparedPass } from "./compare-passes.ts";
import type { LoggedOutput } from "./debug-mode-log.ts";

/** torch's dispatcher takes an op apart: its result is looked for among so many outputs from where the last one was found. */
const LOOKAHEAD = 64;

/** So many places where the pass may begin in the log are tried. */
const MOST_BEGINNINGS = 32;

/** What the dispatcher calls ops that have other names for those who call them. */
const FAMILIES: readonly (readonly [name: RegExp, op: RegExp])[] = [
  [/^linear$/u, /^(?:linear|addmm|mm|matmul|add)$/u],
  [/^matmul$/u, /^(?:matmul|mm|bmm|mv|dot)$/u],
  [/^conv/u, /^_?conv/u],
  [/^(?:reshape|flatten)$/u, /view|reshape/u],
  [/^cross_entropy/u, /nll_loss|cross_entropy/u],
  [/^dropout$/u, /dropout|^mul$/u],
];

/** A row's place in the log, and how far its value is from what stands there; NaN where that cannot be told. */
interface Place {
  readonly index: number;
  readonly value: number;
}

/**
 * Compares a pass with what PyTorch's DebugMode has logged of the same program. The log has a number for each tensor, the sum of its
 * elements' magnitudes, so a difference is that of these numbers; and it has more ops, since the dispatcher takes them apart.
 */
export function compareWithLog(pass: ComparedPass, log: readonly LoggedOutput[], tolerance: number): PassComparison {
  const values = normsOf(pass, "value");
  const places = placed(pass, log, values, tolerance);
  const end = Math.max(-1, ...places.map((place) => place?.index ?? -1)) + 1;
  const gradients = gradientsOf(pass, log.slice(end), tolerance);
  const nodes = Array.from({ length: pass.structure.rows }, (_, row) => node(pass, row, places[row]!, gradients[row]!));
  const kinds = nodes.map((one) => differenceOf(one, tolerance));
  const inForward = kinds.findIndex((kind) => kind !== null && kind !== "gradient");
  const first = inForward >= 0 ? inForward : kinds.findLastIndex((kind) => kind !== null);
  return {
    passes: [pass.facts.pass, pass.facts.pass],
    losses: [pass.facts.loss, null],
    tolerance,
    nodes,
    different: kinds.filter((kind) => kind !== null).length,
    first: first < 0 ? null : first,
  };
}

function node({ structure }: ComparedPass, row: number, place: Place | null, gradient: number): ComparedNode {
  const isLeaf = isLeafRow(structure.nodeKind[row]!);
  const shape = Array.from(structure.shapes.subarray(structure.shapeStart[row], structure.shapeStart[row + 1]));
  const isThere = place !== null;
  return {
    nodes: [row as NodeId, isThere ? (row as NodeId) : null],
    op: isLeaf ? leafWord(structure.requiresGrad[row] !== 0) : structure.ops[structure.op[row]!]!.name,
    isLeaf,
    label: structure.labels[structure.label[row]!]!,
    scope: structure.scopes[structure.scope[row]!]?.path ?? "",
    sites: [structure.sites[structure.site[row]!] ?? null, null],
    shapes: [shape, isThere ? shape : null],
    value: place?.value ?? NaN,
    gradient,
    gradientMissing: false,
  };
}

function isLeafRow(kind: number): boolean {
  return kind === NodeKind.parameter || kind === NodeKind.constant;
}

/** The sum of magnitudes of each row's value or gradient; NaN where it is not kept. */
function normsOf(pass: ComparedPass, plane: "value" | "gradient"): Float64Array {
  const { structure, facts } = pass;
  return Float64Array.from({ length: structure.rows }, (_, row) => {
    if ((facts.held[row]! & Held[plane]) === 0) return NaN;
    const own = pass.elements({ pass: facts.pass, row: row as NodeId, plane });
    if (own === null) return NaN;
    let norm = 0;
    for (let i = 0; i < own.length; i++) norm += Math.abs(own[i]!);
    return norm;
  });
}

function elementsOf({ structure }: ComparedPass, row: number): number {
  let count = 1;
  for (let i = structure.shapeStart[row]!; i < structure.shapeStart[row + 1]!; i++) count *= structure.shapes[i]!;
  return count;
}

/** Where the rows stand in the log: from where the pass begins there, which is where most of it is found. */
function placed(
  pass: ComparedPass,
  log: readonly LoggedOutput[],
  values: Float64Array,
  tolerance: number,
): readonly (Place | null)[] {
  const { structure } = pass;
  const first = structure.nodeKind.findIndex((kind, row) => !isLeafRow(kind) && !Number.isNaN(values[row]!));
  const beginnings = first < 0 ? [] : log.flatMap((one, i) => (isSame(values[first]!, one, tolerance) ? [i] : []));
  let best: readonly (Place | null)[] = [];
  let most = -1;
  for (const begin of [0, ...beginnings.slice(0, MOST_BEGINNINGS)]) {
    const places = walk(pass, log, values, tolerance, begin);
    const found = places.filter((place) => place !== null && place.value <= tolerance).length;
    if (found > most) [best, most] = [places, found];
  }
  return best;
}

function walk(
  pass: ComparedPass,
  log: readonly LoggedOutput[],
  values: Float64Array,
  tolerance: number,
  begin: number,
): readonly (Place | null)[] {
  const { structure } = pass;
  let next = begin;
  return Array.from({ length: structure.rows }, (_, row): Place | null => {
    if (isLeafRow(structure.nodeKind[row]!) || Number.isNaN(values[row]!)) return { index: next - 1, value: NaN };
    const [value, count, name] = [values[row]!, elementsOf(pass, row), structure.ops[structure.op[row]!]!.name];
    const near = log.slice(next, next + LOOKAHEAD);
    const fits = near.map(({ elements }) => elements === null || elements === count);
    const isNamed = (one: LoggedOutput): boolean => isOneOf(name, one.op);
    let found = near.findIndex((one, i) => fits[i]! && isNamed(one) && isSame(value, one, tolerance));
    if (found < 0) found = near.findIndex((one, i) => fits[i]! && value !== 0 && isSame(value, one, tolerance));
    if (found < 0 && isHandedOn(pass, row, values)) return { index: next - 1, value: 0 };
    if (found < 0) found = near.findIndex((one, i) => fits[i]! && isNamed(one));
    // What the log never names the dispatcher has taken apart.
    if (found < 0) return log.some(isNamed) ? null : { index: next - 1, value: NaN };
    const index = next + found;
    next = index + 1;
    return { index, value: apart(value, log[index]!) };
  });
}

/** Whether a row has the numbers of what it reads: such an op may do nothing at all. */
function isHandedOn({ structure }: ComparedPass, row: number, values: Float64Array): boolean {
  const inputs = structure.inputs.subarray(structure.inputStart[row], structure.inputStart[row + 1]);
  return inputs.some((input) => values[input] === values[row]);
}

/** How far each row's gradient is from the nearest of its size that the log has after the forward pass. */
function gradientsOf(pass: ComparedPass, log: readonly LoggedOutput[], tolerance: number): readonly number[] {
  const bySize = new Map<number | null, LoggedOutput[]>();
  for (const one of log) if (one.norm !== null) bySize.set(one.elements, [...(bySize.get(one.elements) ?? []), one]);
  return Array.from(normsOf(pass, "gradient"), (norm, row) => {
    const known = [...(bySize.get(elementsOf(pass, row)) ?? []), ...(bySize.get(null) ?? [])];
    if (Number.isNaN(norm) || known.length === 0) return NaN;
    return known.some((one) => isSame(norm, one, tolerance)) ? 0 : Math.min(...known.map((one) => apart(norm, one)));
  });
}

/** Whether an op of the dispatcher computes what a program calls by a name. */
function isOneOf(name: string, op: string): boolean {
  const plain = name.replace(/_$/u, "");
  const family = FAMILIES.find(([called]) => called.test(plain));
  return family ? family[1].test(op) : op.includes(plain);
}

function isSame(norm: number, other: LoggedOutput, tolerance: number): boolean {
  return apart(norm, other) <= tolerance;
}

/** The difference of two sums of magnitudes, over the larger; NaN where there is none. */
function apart(norm: number, { norm: other }: LoggedOutput): number {
  if (other === null || Number.isNaN(norm)) return NaN;
  if (norm === other) return 0;
  return Number.isFinite(norm) && Number.isFinite(other) ? Math.abs(norm - other) / Math.max(norm, other) : Infinity;
}
