import type { Attributes } from "../recording/attributes.ts";
import type { SiteId } from "../protocol/ids.ts";
import { gradSwitchedOffAt } from "../context/grad-mode.ts";
import { newestSequence, type GradNode } from "./grad-node.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Where a value that gets no gradient came from: the op that made it and, for some steps back, what that was made of.
 * Data and no tensors, so that it keeps no memory alive: the graph forgets constants, and whoever asks why a path to
 * the loss is cut needs to know them.
 */
export interface Origin {
  /** Id of the op's record; "leaf" of what no op made, "rand" of what was drawn, "detach" of a value that was cut off. */
  readonly op: string;
  /** How a person would call the op. */
  readonly name: string;
  readonly attributes: Attributes;
  readonly site: SiteId;
  /** The call of noGrad that it ran inside; 0 where gradients were recorded. */
  readonly offAt: SiteId;
  readonly shape: readonly number[];
  /** Empty beyond a certain depth, see `truncated`. */
  readonly inputs: readonly Origin[];
  /** The value itself was part of a graph that gradients flow back through. */
  readonly live: boolean;
  /** A gradient could have flowed back through something behind this value. */
  readonly fromGraph: boolean;
  /** A leaf that requires a gradient. */
  readonly learned: boolean;
  readonly depth: number;
  readonly truncated: boolean;
  /** How many passes had run before; of a value in a graph of an earlier pass, fewer than now. */
  readonly epoch: number;
  /** How many values were made before, where that was noted. */
  readonly order?: number;
  /** Which call of a module made it, by the path of the module; empty outside of modules. */
  readonly scope: string;
  label: string;
}

/** How many steps back an origin can be followed. */
const DEEPEST = 64;

let tracked = true;
let epoch = 0;
/** The newest node of the passes before. */
let newestBefore = 0;

/** A pass has run: what is made from here on belongs to the next. */
export function startEpoch(): void {
  epoch++;
  newestBefore = newestSequence();
}

/** Whether ops note where constants come from. Not while a backward pass runs: what it computes is nobody's data. */
export function tracksOrigins(): boolean {
  return tracked;
}

/** Switches {@link tracksOrigins}. @returns what it was, to be restored. */
export function setOriginTracking(flag: boolean): boolean {
  const before = tracked;
  tracked = flag;
  return before;
}

/** The origin of a result that no gradient flows back through. */
export function originOfResult(
  op: { readonly id: string; readonly name: string },
  attributes: Attributes,
  inputs: readonly Tensor[],
  result: Tensor,
): Origin {
  const origins = new Array<Origin>(inputs.length);
  for (let i = 0; i < inputs.length; i++) origins[i] = originOf(inputs[i]!, DEEPEST);
  return made(op.id, op.name, attributes, result.site, result.shape, origins, false, "");
}

/** The origin of a tensor that was made of numbers which were read off other tensors. */
export function originOfReads(
  op: { readonly id: string; readonly name: string },
  reads: readonly Origin[],
  result: Pick<Tensor, "site" | "shape">,
): Origin {
  return made(op.id, op.name, {}, result.site, result.shape, reads, false, "");
}

function made(
  op: string,
  name: string,
  attributes: Attributes,
  site: SiteId,
  shape: readonly number[],
  inputs: readonly Origin[],
  live: boolean,
  scope: string,
): Origin {
  let depth = 0;
  let fromGraph = live;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (input.depth >= depth) depth = input.depth + 1;
    fromGraph ||= input.fromGraph;
  }
  const truncated = depth > DEEPEST;
  return {
    op,
    name,
    attributes,
    site,
    offAt: live ? (0 as SiteId) : gradSwitchedOffAt(),
    shape,
    inputs: truncated ? [] : inputs,
    live,
    fromGraph,
    learned: false,
    depth: truncated ? 0 : depth,
    truncated,
    epoch,
    scope,
    label: "",
  };
}

/** The origin of any tensor; of one in a graph, as far back as `steps`. */
export function originOf(tensor: Tensor, steps = DEEPEST): Origin {
  const { version } = tensor;
  const known = version.origin;
  if (known !== null) return known;
  const node = version.ownNode;
  const origin = node === null || node.inputs.length === 0 ? ofLeaf(version) : ofNode(node, version, steps);
  if (origin.label === "") origin.label = tensor.label;
  version.origin = origin;
  return origin;
}

/** Storages of numbers that were drawn at random. */
const drawn = new WeakSet<object>();

/** A tensor's numbers were drawn at random. */
export function noteDrawn(tensor: Tensor): void {
  drawn.add(tensor.storage);
}

function ofLeaf(tensor: Tensor): Origin {
  const live = tensor.ownRequiresGrad;
  const { site, shape, label } = tensor;
  return {
    op: !live && drawn.has(tensor.storage) ? "rand" : "leaf",
    name: label,
    attributes: {},
    site,
    offAt: 0 as SiteId,
    shape,
    inputs: [],
    live,
    fromGraph: live,
    learned: live && tensor.ownNode === null,
    depth: 0,
    truncated: false,
    epoch,
    scope: "",
    label,
  };
}

function ofNode(node: GradNode, tensor: Tensor, steps: number): Origin {
  const inputs = steps === 0 ? [] : node.inputs.map((input) => originOf(input, steps - 1));
  const id = node.op === null ? "function" : node.op.id;
  const origin = made(id, node.name, node.attributes, node.site, tensor.shape, inputs, true, node.scope?.path ?? "");
  return node.sequence > newestBefore ? origin : { ...origin, epoch: epoch - 1 };
}
