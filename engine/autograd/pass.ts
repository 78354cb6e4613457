import { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId, SiteId } from "../protocol/ids.ts";
import { NO_ATTRIBUTES, type Attributes } from "../recording/attributes.ts";
import { runtime } from "../core/runtime.ts";
import { readElement } from "../core/elements.ts";
import type { CutKind, Tensor } from "../core/tensor.ts";
import { viewOf, type View } from "../core/view.ts";
import type { Region } from "../memory/arena.ts";
import type { CapturedStack } from "../context/call-stack.ts";
import { nextSweep, type FunctionRecord, type GradNode } from "../core/grad-node.ts";
import type { PassNumber } from "./history.ts";
import { InternTable } from "./intern.ts";
import type { CallScope } from "../context/scope.ts";
import { Tape, tapeBytes, TapeColumn } from "./tape.ts";

/** Names of ops on tapes: a record's id, or "function:" and a class's name. Shared by all passes of the thread. */
export const opTable = new InternTable();
export const labelTable = new InternTable();

/** What a pass keeps besides its tape, because it is not numbers. Plain data, sent to the examiner before a pause. */
export interface PassTables {
  readonly attributes: readonly Attributes[];
  readonly scopes: readonly {
    readonly parent: number;
    readonly kind: "module" | "function";
    readonly name: string;
    readonly type: string;
    readonly path: string;
    readonly call: number;
    /** Where the module was made; 0 of a function. */
    readonly madeAt: SiteId;
  }[];
  /** Why constants have no gradient, by row: what cut them off. */
  readonly cuts: readonly (readonly [row: number, kind: CutKind, site: SiteId, source: number, by: string | null])[];
  /** Declared reasons of custom Functions whose gradient is meant not to be the derivative, by row. */
  readonly surrogates: readonly (readonly [row: number, reason: string])[];
  /** Hooks that gave another gradient than they got: whose, and where each was registered. */
  readonly hooks: (readonly [row: number, site: SiteId])[];
  /** What custom Functions call their tensor arguments, by row. */
  readonly operandNames: readonly (readonly [row: number, names: readonly string[]])[];
}

/** A backward pass as it is recorded: its tape, and what holds the memory that the tape points to. */
export interface Pass extends PassNumber {
  /** How many passes had ended before this one; set when it ends. */
  ordinal: number;
  readonly kind: "backward" | "grad";
  readonly site: SiteId;
  readonly tape: Tape;
  readonly roots: readonly NodeId[];
  /** The first root's value when it is a scalar. */
  readonly loss: number | null;
  /** Regions of every value and gradient on the tape. */
  readonly regions: Region[];
  /** Bytes of the regions that no pass kept before this one. */
  keptBytes: number;
  readonly tables: PassTables;
  /** Cotangents that custom Functions and hooks produced, by edge: they cannot be recomputed. */
  readonly contributions: Map<number, Tensor>;
  readonly leaves: readonly (readonly [NodeId, Tensor])[];
  /** Custom Functions by row, so that a check can run them again. */
  readonly functions: ReadonlyMap<number, FunctionRecord>;
  /** Call stacks of ops by row, where they were taken. */
  readonly stacks: ReadonlyMap<number, CapturedStack>;
  /** The tensors that `autograd.grad` asked for, with what they got. */
  captured: readonly (readonly [Tensor, Tensor | null])[];
  /** Each leaf's `.grad` right after the pass. */
  readonly accumulated: (readonly [NodeId, View])[];
  /** Steps of the backward pass that have run. */
  steps: number;
  /** Set when user code threw in the middle of the pass. */
  failure: unknown;
}

/** A pass that is about to run, and where its run delivers: all by rows, which only its own tape knows. */
export interface StartedPass {
  readonly pass: Pass;
  /** The row of each node. */
  readonly rows: Int32Array;
  /**
   * By row, the contributions that a leaf still waits for; 0 for ops, which wait for their turn; −1 where none are wanted.
   */
  readonly awaited: Int32Array;
  /** Rows of the tensors asked for; −1 for those that the roots do not depend on. */
  readonly wanted: readonly number[];
}

/**
 * Writes the tape of the graph behind `roots`. Nodes and leaves carry their rows only until this returns: whatever runs
 * within the pass may give them others.
 * @param nodes every node the pass will run, in ascending sequence.
 * @param wanted of `autograd.grad`: the tensors asked for.
 */
export function recordPass(
  number: PassNumber,
  kind: "backward" | "grad",
  site: SiteId,
  roots: readonly Tensor[],
  nodes: readonly GradNode[],
  wanted: readonly Tensor[] | null,
): StartedPass {
  const { id, isKept } = number;
  const sweep = nextSweep();
  const leaves: (readonly [NodeId, Tensor])[] = [];
  const asked = wanted && new Set(wanted.map((tensor) => tensor.ownNode ?? tensor));
  const beyond = askedBeyond(wanted, nodes);
  const { rows, edges, poolWords } = assignRows(sweep, nodes, roots, leaves, beyond);
  const bytes = tapeBytes(rows, edges, poolWords);
  const offset = runtime.arena.allocate(bytes);
  const tapeRegion = runtime.arena.region;
  const tape = new Tape(runtime.memory, { offset, rows, edges, poolWords });
  const regions: Region[] = [];
  let keptBytes = 0;
  const pin = (region: Region): void => {
    if (isKept) keptBytes += pinRegion(id, regions, region);
  };
  // Also of a pass that is not kept: its run reads the tape.
  if (isKept) pin(tapeRegion);
  else regions.push(tapeRegion);
  const nodeRows = new Int32Array(nodes.length);
  const awaited = new Int32Array(rows);

  const attributes: Attributes[] = [{}];
  const scopes: CallScope[] = [];
  const cuts: [number, CutKind, SiteId, number, string | null][] = [];
  const surrogates: [number, string][] = [];
  const functions = new Map<number, FunctionRecord>();
  const stacks = new Map<number, CapturedStack>();

  const writeLeaf = (row: number, tensor: Tensor): void => {
    const parameter = tensor.ownNode === null ? tensor.ownRequiresGrad : beyond.has(tensor.ownNode);
    tape.set(row, TapeColumn.op, opTable.id(parameter ? "parameter" : "constant"));
    tape.set(
      row,
      TapeColumn.flags,
      Tape.flags(parameter ? NodeKind.parameter : NodeKind.constant, tensor.dtype, parameter),
    );
    tape.set(row, TapeColumn.site, tensor.site);
    tape.set(row, TapeColumn.label, labelTable.id(tensor.label));
    tape.set(row, TapeColumn.scope, -1);
    tape.set(row, TapeColumn.attributes, 0);
    tape.set(row, TapeColumn.value, tensor.offset);
    tape.set(row, TapeColumn.geometry, tape.addGeometry(tensor.shape, tensor.strides));
    tape.set(row, TapeColumn.gradient, 0);
    pin(tensor.storage.region);
    if (!parameter || asked?.has(tensor.ownNode ?? tensor) === false) awaited[row] = -1;
    if (tensor.cut) {
      const { kind, site, by } = tensor.cut;
      const source = tensor.cut.source?.deref()?.ownNode;
      cuts.push([row, kind, site, source?.sweep === sweep ? source.row : -1, by ?? null]);
    }
  };

  let edge = 0;
  let nextLeaf = 0;
  const writeLeavesBefore = (row: number): void => {
    while (nextLeaf < leaves.length && leaves[nextLeaf]![0] < row) {
      const [leafRow, leaf] = leaves[nextLeaf++]!;
      writeLeaf(leafRow, leaf);
      tape.set(leafRow, TapeColumn.inputs, edge);
    }
  };
  // By index: a pass is written before it is hot, and until then `for … of` makes three objects an element.
  for (let n = 0; n < nodes.length; n++) {
    const node = nodes[n]!;
    const { row, inputs } = node;
    nodeRows[n] = row;
    writeLeavesBefore(row);
    const result = node.result!;
    tape.writeRow(
      row,
      opTable.id(node.op ? node.op.id : `function:${node.custom!.name}`),
      Tape.flags(node.custom ? NodeKind.function : NodeKind.op, result.dtype, true),
      node.site,
      node.label === "" ? 0 : labelTable.id(node.label),
      node.scope === null ? -1 : listScope(id, scopes, node.scope),
      hasAttributes(node.attributes) ? attributes.push(node.attributes) - 1 : 0,
      node.offset,
      tape.addGeometry(result.shape, node.strides),
      edge,
    );
    pin(node.region);
    if (node.stack !== null) stacks.set(row, node.stack);
    if (node.custom !== null) functions.set(row, node.custom);
    if (node.custom?.surrogate) surrogates.push([row, node.custom.surrogate]);
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!;
      const inputRow = rowOf(sweep, input);
      tape.setInput(edge++, inputRow);
      if (isLeaf(input, beyond) && awaited[inputRow]! >= 0) awaited[inputRow]!++;
    }
  }
  writeLeavesBefore(rows);
  tape.set(rows, TapeColumn.inputs, edge);

  const rootRows = roots.map((tensor) => rowOf(sweep, tensor) as NodeId);
  roots.forEach((tensor, i) => isLeaf(tensor, beyond) && awaited[rootRows[i]!]! >= 0 && awaited[rootRows[i]!]!++);
  const root = roots[0];
  const pass: Pass = {
    id,
    within: number.within,
    outermost: number.outermost,
    isKept,
    ordinal: -1,
    kind,
    site,
    tape,
    roots: rootRows,
    loss: root && root.numel() === 1 ? readElement(root.dtype, root.offset) : null,
    regions,
    keptBytes,
    tables: {
      attributes,
      scopes: scopes.map((scope) => ({
        parent: scope.parent === null ? -1 : scope.parent.index,
        kind: scope.kind,
        name: scope.name,
        type: scope.type,
        path: scope.path,
        call: scope.call,
        madeAt: scope.madeAt,
      })),
      cuts,
      surrogates,
      hooks: [],
      operandNames: [...functions].map(([row, { operandNames }]) => [row, operandNames] as const),
    },
    contributions: new Map(),
    functions,
    stacks,
    captured: [],
    accumulated: [],
    leaves,
    steps: 0,
    failure: undefined,
  };
  return { pass, rows: nodeRows, awaited, wanted: (wanted ?? []).map((tensor) => rowOf(sweep, tensor)) };
}

/** What made the tensors asked for, where that is no node of the pass: its graph was released, and it is a leaf of the tape. */
function askedBeyond(wanted: readonly Tensor[] | null, nodes: readonly GradNode[]): ReadonlySet<GradNode> {
  const beyond = new Set((wanted ?? []).flatMap(({ ownNode }) => ownNode ?? []));
  if (beyond.size > 0) for (const node of nodes) beyond.delete(node);
  return beyond;
}

function isLeaf({ ownNode }: Tensor, beyond: ReadonlySet<GradNode>): boolean {
  return ownNode === null || (beyond.size > 0 && beyond.has(ownNode));
}

/** Gives every node and leaf its row, and counts what the tape must hold. */
function assignRows(
  sweep: number,
  nodes: readonly GradNode[],
  roots: readonly Tensor[],
  leaves: (readonly [NodeId, Tensor])[],
  beyond: ReadonlySet<GradNode>,
): { rows: number; edges: number; poolWords: number } {
  let rows = 0;
  let edges = 0;
  let poolWords = 0;
  const addLeaf = (tensor: Tensor): void => {
    leaves.push([rows as NodeId, tensor]);
    const { ownNode } = tensor;
    if (ownNode !== null && beyond.has(ownNode)) {
      // By its node: other handles of the same value have none but that in common.
      ownNode.sweep = sweep;
      ownNode.row = rows++;
    } else tensor.putRow(sweep, rows++);
    poolWords += 1 + 3 * tensor.shape.length;
  };
  for (let n = 0; n < nodes.length; n++) {
    const node = nodes[n]!;
    edges += node.inputs.length;
    for (let i = 0; i < node.inputs.length; i++) {
      const input = node.inputs[i]!;
      if (input.ownNode !== null && input.ownNode.sweep === sweep) continue;
      if (input.rowIn(sweep) < 0) addLeaf(input);
    }
    node.sweep = sweep;
    node.row = rows++;
    poolWords += 1 + 3 * node.result!.shape.length;
  }
  // A root that leads to nothing that is asked for is a constant here.
  for (const root of roots) if (rowOf(sweep, root) < 0) addLeaf(root);
  return { rows, edges, poolWords };
}

/** −1 for a tensor that the sweep did not come to. */
function rowOf(sweep: number, tensor: Tensor): number {
  const { ownNode } = tensor;
  if (ownNode !== null && ownNode.sweep === sweep) return ownNode.row;
  return tensor.rowIn(sweep);
}

function listScope(pass: PassId, scopes: CallScope[], scope: CallScope): number {
  if (scope.listedIn !== pass) {
    if (scope.parent !== null) listScope(pass, scopes, scope.parent);
    scope.listedIn = pass;
    scope.index = scopes.push(scope) - 1;
  }
  return scope.index;
}

function hasAttributes(attributes: Attributes): boolean {
  if (attributes === NO_ATTRIBUTES) return false;
  for (const _ in attributes) return true;
  return false;
}

/** Notes the complete cotangent of a row on the tape, and keeps its memory with the pass. */
export function recordGradient(pass: Pass, row: number, gradient: Tensor): void {
  const { tape } = pass;
  tape.setGradientStrides(row, gradient.strides);
  tape.set(row, TapeColumn.gradient, gradient.offset);
  if (pass.isKept) pass.keptBytes += pinRegion(pass.id, pass.regions, gradient.storage.region);
}

/** Notes what the leaves' `.grad` hold now that the pass has run. */
export function recordAccumulated(pass: Pass): void {
  for (const [row, leaf] of pass.leaves) {
    const { grad } = leaf;
    if (grad === null) continue;
    pass.accumulated.push([row, viewOf(grad)]);
    if (pass.isKept) pass.keptBytes += pinRegion(pass.id, pass.regions, grad.storage.region);
  }
}

/** Keeps a region with a pass. @returns the bytes that this keeps from being reused: 0 when an earlier pass had it. */
function pinRegion(pass: PassId, regions: Region[], region: Region): number {
  if (region.pinnedBy === pass || regions.at(-1) === region) return 0;
  const fresh = region.pinnedBy === -1;
  // A pass that ran within this one may have taken it since.
  if (pass > region.pinnedBy) region.pinnedBy = pass;
  regions.push(region);
  return fresh ? region.bytes : 0;
}
