import { NodeKind } from "../protocol/graph.ts";
import type { NodeId, PassId, SiteId } from "../protocol/ids.ts";
import { NO_ATTRIBUTES, type Attributes } from "../recording/attributes.ts";
import { runtime } from "../core/runtime.ts";
import type { Tensor } from "../core/tensor.ts";
import { viewOf, type View } from "../core/view.ts";
import type { Region } from "../memory/arena.ts";
import type { CapturedStack } from "../context/call-stack.ts";
import type { FunctionRecord, GradNode } from "../core/grad-node.ts";
import { InternTable } from "./intern.ts";
import type { CallScope } from "../context/scope.ts";
import { Tape, tapeBytes, TapeColumn } from "./tape.ts";

/** Names of ops on tapes: a record's id, or "function:" and a class's name. Shared by all passes of the thread. */
export const opTable = new InternTable();
export const labelTable = new InternTable();

/** What a pass keeps besides its tape, because it is not numbers. Plain data, sent to the inspector before a pause. */
export interface PassTables {
  readonly attributes: readonly Attributes[];
  readonly scopes: readonly {
    readonly parent: number;
    readonly kind: "module" | "function";
    readonly name: string;
    readonly type: string;
    readonly path: string;
    readonly call: number;
  }[];
  /** Why constants have no gradient, by row: what cut them off. */
  readonly cuts: readonly (readonly [
    row: number,
    kind: "detach" | "no-grad" | "integer",
    site: SiteId,
    source: number,
  ])[];
  /** Declared reasons of custom Functions whose gradient is meant not to be the derivative, by row. */
  readonly surrogates: readonly (readonly [row: number, reason: string])[];
  /** What custom Functions call their tensor arguments, by row. */
  readonly operandNames: readonly (readonly [row: number, names: readonly string[]])[];
}

/** A backward pass as it is recorded: its tape, and what holds the memory that the tape points to. */
export interface Pass {
  readonly id: PassId;
  readonly kind: "backward" | "grad";
  readonly site: SiteId;
  readonly tape: Tape;
  /** Op nodes in forward order; emptied when the pass has run, unless the graph is retained. */
  nodes: readonly GradNode[];
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
  /** Of `autograd.grad`: the tensors asked for, with what they got. */
  captured: readonly (readonly [Tensor, Tensor | null])[];
  /** Each leaf's `.grad` right after the pass. */
  readonly accumulated: (readonly [NodeId, View])[];
  /** Steps of the backward pass that have run. */
  steps: number;
  /** Set when user code threw in the middle of the pass. */
  failure: unknown;
}

let nextPass = 0;

/**
 * Writes the tape of the graph behind `roots`.
 * @param nodes every node the pass will run, in ascending sequence.
 */
export function recordPass(
  kind: "backward" | "grad",
  site: SiteId,
  roots: readonly Tensor[],
  nodes: readonly GradNode[],
): Pass {
  const id = nextPass++ as PassId;
  const leaves: (readonly [NodeId, Tensor])[] = [];
  const { rows, edges, poolWords } = assignRows(id, nodes, roots, leaves);
  const bytes = tapeBytes(rows, edges, poolWords);
  const offset = runtime.arena.allocate(bytes);
  const tapeRegion = runtime.arena.region;
  const tape = new Tape(runtime.memory, { offset, rows, edges, poolWords });
  const regions: Region[] = [];
  let keptBytes = 0;
  const pin = (region: Region): void => {
    keptBytes += pinRegion(id, regions, region);
  };
  pin(tapeRegion);

  const attributes: Attributes[] = [{}];
  const scopes: CallScope[] = [];
  const cuts: [number, "detach" | "no-grad" | "integer", SiteId, number][] = [];
  const surrogates: [number, string][] = [];
  const functions = new Map<number, FunctionRecord>();
  const stacks = new Map<number, CapturedStack>();

  const writeLeaf = (tensor: Tensor): void => {
    const row = tensor.row;
    const parameter = tensor.ownRequiresGrad && tensor.ownNode === null;
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
    if (tensor.cut) {
      const source = tensor.cut.source?.deref();
      cuts.push([row, tensor.cut.kind, tensor.cut.site, source?.ownNode?.pass === id ? source.ownNode.row : -1]);
    }
  };

  let edge = 0;
  let nextLeaf = 0;
  const writeLeavesBefore = (row: number): void => {
    while (nextLeaf < leaves.length && leaves[nextLeaf]![0] < row) {
      const [leafRow, leaf] = leaves[nextLeaf++]!;
      writeLeaf(leaf);
      tape.set(leafRow, TapeColumn.inputs, edge);
    }
  };
  // By index: a pass is written before it is hot, and until then `for … of` makes three objects an element.
  for (let n = 0; n < nodes.length; n++) {
    const node = nodes[n]!;
    const { row, inputs } = node;
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
    for (let i = 0; i < inputs.length; i++) tape.setInput(edge++, rowOf(id, inputs[i]!));
  }
  writeLeavesBefore(rows);
  tape.set(rows, TapeColumn.inputs, edge);

  const root = roots[0];
  return {
    id,
    kind,
    site,
    tape,
    nodes,
    roots: roots.map((tensor) => rowOf(id, tensor) as NodeId),
    loss: root && root.numel() === 1 ? root.item() : null,
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
      })),
      cuts,
      surrogates,
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
}

/** Gives every node and leaf its row, and counts what the tape must hold. */
function assignRows(
  pass: PassId,
  nodes: readonly GradNode[],
  roots: readonly Tensor[],
  leaves: (readonly [NodeId, Tensor])[],
): { rows: number; edges: number; poolWords: number } {
  let rows = 0;
  let edges = 0;
  let poolWords = 0;
  const addLeaf = (tensor: Tensor): void => {
    tensor.pass = pass;
    tensor.row = rows++;
    tensor.pending = 0;
    tensor.cotangent = null;
    poolWords += 1 + 3 * tensor.shape.length;
    leaves.push([tensor.row as NodeId, tensor]);
  };
  for (let n = 0; n < nodes.length; n++) {
    const node = nodes[n]!;
    edges += node.inputs.length;
    for (let i = 0; i < node.inputs.length; i++) {
      const input = node.inputs[i]!;
      if (input.ownNode !== null && input.ownNode.pass === pass) continue;
      if (input.pass !== pass) addLeaf(input);
      input.pending++;
    }
    node.pass = pass;
    node.row = rows++;
    poolWords += 1 + 3 * node.result!.shape.length;
  }
  for (const root of roots) if (root.ownNode === null && root.pass !== pass) addLeaf(root);
  return { rows, edges, poolWords };
}

function rowOf(pass: PassId, tensor: Tensor): number {
  return tensor.ownNode !== null && tensor.ownNode.pass === pass ? tensor.ownNode.row : tensor.row;
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
  pass.keptBytes += pinRegion(pass.id, pass.regions, gradient.storage.region);
}

/** Notes what the leaves' `.grad` hold now that the pass has run. */
export function recordAccumulated(pass: Pass): void {
  for (const [row, leaf] of pass.leaves) {
    const { grad } = leaf;
    if (grad === null) continue;
    pass.accumulated.push([row, viewOf(grad)]);
    pass.keptBytes += pinRegion(pass.id, pass.regions, grad.storage.region);
  }
}

/** Keeps a region with a pass. @returns the bytes that this keeps from being reused: 0 when an earlier pass had it. */
function pinRegion(pass: PassId, regions: Region[], region: Region): number {
  if (region.pinnedBy === pass) return 0;
  const fresh = region.pinnedBy === -1;
  region.pinnedBy = pass;
  regions.push(region);
  return fresh ? region.bytes : 0;
}
