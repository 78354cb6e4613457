import { EngineError, formatShape, type EngineErrorOptions } from "../context/engine-error.ts";
import { checkOptions } from "../context/options.ts";
import type { ViewOp } from "../ops/op.ts";
import { output, outputIndex } from "../ops/output-of.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastsTo, sameShape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { restoreCheckpoint } from "./checkpoint.ts";
import { isGradEnabled, setGradEnabled } from "../context/grad-mode.ts";
import type { GradNode } from "../core/grad-node.ts";
import { history } from "./history.ts";
import { recordAccumulated, recordGradient, recordPass, type Pass } from "./pass.ts";
import { enterScope, startCounting } from "../context/scope.ts";
import { currentSite, setCurrentSite } from "../context/site.ts";
import { accumulator, addContribution, alignCotangent, detached, onesLike, sum, zeroAccumulator } from "./cotangent.ts";

export interface BackwardOptions {
  /** Cotangents of the roots; needed where a root is not a scalar. */
  readonly cotangents?: readonly (Tensor | null)[] | undefined;
  /** Keep the graph, so that it can be run again. */
  readonly retainGraph?: boolean | undefined;
  /** Record the backward pass itself, so that it can be differentiated. */
  readonly createGraph?: boolean | undefined;
}

/** Runs a whole backward pass and accumulates into the leaves' `.grad`. PyTorch: `torch.autograd.backward`. */
export function backward(roots: readonly Tensor[], options: BackwardOptions = {}): void {
  runPass("backward", "backward", roots, null, options);
}

/**
 * The gradients of `outputs` with respect to `inputs`; nothing is accumulated. PyTorch: `torch.autograd.grad`.
 * @throws EngineError when an input is not part of the graph, unless `allowUnused`, which gives null for it.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: {
    readonly gradOutputs?: Tensor | readonly (Tensor | null)[] | undefined;
    readonly retainGraph?: boolean | undefined;
    readonly createGraph?: boolean | undefined;
    readonly allowUnused?: boolean | undefined;
  } = {},
): Tensor[] {
  checkOptions("grad", options, ["gradOutputs", "retainGraph", "createGraph", "allowUnused"]);
  const roots = asList(outputs);
  const wanted = asList(inputs);
  const { gradOutputs } = options;
  for (const input of wanted) {
    if (!input.requiresGrad) {
      throw new EngineError(
        "autograd",
        `grad: an input${input.label && ` (${input.label})`} does not require a gradient`,
        {
          fix: "create it with { requiresGrad: true }",
        },
      );
    }
  }
  const captured = runPass("grad", "grad", roots, wanted, {
    cotangents: gradOutputs === undefined ? undefined : asList<Tensor | null>(gradOutputs),
    retainGraph: options.retainGraph ?? options.createGraph,
    createGraph: options.createGraph,
  });
  return captured.map((gradient, i) => {
    if (gradient === null && options.allowUnused !== true) {
      const name = wanted[i]!.label === "" ? `input ${i}` : wanted[i]!.label;
      throw new EngineError("autograd", `grad: ${name} was not used in the graph of the output`, {
        fix: "pass { allowUnused: true } to get null for it",
      });
    }
    return gradient as Tensor;
  });
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function runPass(
  name: string,
  kind: "backward" | "grad",
  outputs: readonly Tensor[],
  inputs: readonly Tensor[] | null,
  options: BackwardOptions,
): (Tensor | null)[] {
  const roots = outputs.map((root) => root.version);
  const wanted = inputs && inputs.map((input) => input.version);
  const cotangents = roots.map((root, i) => rootCotangent(name, root, options.cotangents?.[i] ?? null));
  const nodes = collectNodes(name, roots, wanted);
  const site = currentSite();
  const pass = recordPass(kind, site, roots, nodes);
  const run: PassRun = {
    pass,
    createGraph: options.createGraph ?? false,
    wanted: wanted && new Map(wanted.map((tensor) => [keyOf(tensor), null])),
  };
  startCounting();
  try {
    runBackward(run, roots, cotangents);
  } catch (error) {
    pass.failure = error;
    throw error;
  } finally {
    const keep = options.retainGraph ?? options.createGraph ?? false;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      node.cotangent = null;
      node.cotangents = null;
      if (!keep && pass.failure === undefined) node.release();
    }
    pass.nodes = [];
    recordAccumulated(pass);
    if (wanted !== null) pass.captured = wanted.map((tensor) => [tensor, run.wanted!.get(keyOf(tensor)) ?? null]);
    setCurrentSite(site);
    history.add(pass);
  }
  return pass.captured.map(([, gradient]) => gradient);
}

interface PassRun {
  readonly pass: Pass;
  readonly createGraph: boolean;
  /** Of `autograd.grad`: the tensors whose cotangents are asked for, and those that have arrived. */
  readonly wanted: Map<GradNode | Tensor, Tensor | null> | null;
}

/** What a tensor's cotangent is collected under: its node, or itself when it is a leaf. */
function keyOf(tensor: Tensor): GradNode | Tensor {
  return tensor.ownNode ?? tensor;
}

/**
 * The backward pass, one vector-Jacobian product a step, from the loss to the leaves in the reverse of the order in
 * which the nodes were made: every consumer of a value runs before the node that made it, when its cotangent is complete.
 */
function runBackward(run: PassRun, roots: readonly Tensor[], cotangents: readonly Tensor[]): void {
  const { pass } = run;
  roots.forEach((root, i) => deliver(run, root, cotangents[i]!));
  for (let i = pass.nodes.length - 1; i >= 0; i--) {
    const node = pass.nodes[i]!;
    if (node.cotangent === null && node.cotangents === null) continue;
    completeCotangent(run, node);
    propagate(run, node);
    pass.tape.markBackward(node.row);
    pass.steps++;
    node.cotangent = null;
    node.cotangents = null;
  }
  for (const [, leaf] of pass.leaves) if (leaf.cotangent !== null) accumulate(run, leaf);
}

/** Runs the tensor's hooks on its complete cotangent, and notes it. */
function completeCotangent(run: PassRun, node: GradNode): void {
  let { cotangent } = node;
  if (cotangent === null) return;
  // From here on others may hold it.
  cotangent.isAccumulator = false;
  const result = node.result!;
  if (result.hooks !== null) node.cotangent = cotangent = runHooks(run.pass, result, cotangent);
  recordGradient(run.pass, node.row, cotangent);
  if (run.wanted?.has(node)) run.wanted.set(node, cotangent);
  if (result.retainsGradFor !== null && run.wanted === null) {
    const holder = result.retainsGradFor;
    holder.grad = addTo(holder.grad, cotangent, run.createGraph);
  }
}

/** One vector-Jacobian product: from the node's cotangent to its inputs'. */
function propagate(run: PassRun, node: GradNode): void {
  if (node.released) {
    throw new EngineError("autograd", `backward: the graph was already run and released (at ${node.name})`, {
      ...whyReleased(node),
    });
  }
  setCurrentSite(node.site);
  // Without closures: every node of every pass comes through here.
  const scope = enterScope(node.scope);
  const recording = isGradEnabled();
  setGradEnabled(run.createGraph);
  try {
    if (node.custom !== null) propagateCustom(run, node);
    else if (node.op === output) propagatePart(node);
    else propagateRule(run, node);
  } finally {
    setGradEnabled(recording);
    enterScope(scope);
  }
}

function propagateRule(run: PassRun, node: GradNode): void {
  const op = node.op!;
  const g = node.cotangent!;
  const rules = op.vjp;
  for (let i = 0; i < node.inputs.length; i++) {
    const input = node.inputs[i]!;
    if (!isOnTheWay(run, input)) continue;
    if (op.part === true && !run.createGraph) {
      deliverPart(run, input, op, node);
      continue;
    }
    const cotangent = typeof rules === "function" ? rules(g, node, i) : (rules[i]?.(g, node) ?? null);
    if (cotangent !== null) deliver(run, input, alignCotangent(cotangent, input));
  }
}

/** From one output of a custom Function with several to its place in the tuple of cotangents. */
function propagatePart(node: GradNode): void {
  const carrier = node.inputs[0]!.ownNode!;
  carrier.cotangents ??= new Array<Tensor | null>(carrier.custom!.outputCount).fill(null);
  carrier.cotangents[outputIndex(node.attributes)] = node.cotangent;
}

function propagateCustom(run: PassRun, node: GradNode): void {
  const custom = node.custom!;
  const results = custom.backward(node.cotangents ?? [node.cotangent]);
  const start = run.pass.tape.inputStart(node.row);
  for (let i = 0; i < node.inputs.length; i++) {
    const input = node.inputs[i]!;
    const cotangent = results[i];
    if (!cotangent || !isOnTheWay(run, input)) continue;
    if (!sameShape(cotangent.shape, input.shape) && !broadcastsTo(input.shape, cotangent.shape)) {
      throw new EngineError(
        "autograd",
        `${custom.name}: backward gave a gradient of shape ${formatShape(cotangent.shape)} for input ${i}, which has shape ${formatShape(input.shape)}`,
        { site: node.site, fix: "reduce it over the axes that were broadcast, or transpose it back" },
      );
    }
    const kept = run.createGraph ? cotangent : detached(cotangent);
    run.pass.contributions.set(start + i, kept);
    deliver(run, input, alignCotangent(kept, input));
  }
}

/** Whether a cotangent is wanted there: it requires a gradient, and leads to what was asked for. */
function isOnTheWay(run: PassRun, input: Tensor): boolean {
  if (input.ownNode !== null) return input.ownNode.pass === run.pass.id;
  return input.ownRequiresGrad && (run.wanted === null || run.wanted.has(input));
}

/** Adds a contribution to a tensor's cotangent. */
function deliver(run: PassRun, tensor: Tensor, contribution: Tensor): void {
  const { cotangent } = keyOf(tensor);
  if (cotangent === null) settle(run, tensor, contribution);
  else if (run.createGraph) settle(run, tensor, sum(cotangent, contribution, true));
  else settle(run, tensor, addContribution(cotangent, contribution));
}

/**
 * A view of a part of its input sends its cotangent to that part alone. Zeros around it, added up for every part, would
 * make an `unbind` cost the square of its length.
 */
function deliverPart(run: PassRun, input: Tensor, op: ViewOp, node: GradNode): void {
  const { cotangent } = keyOf(input);
  const whole = cotangent === null ? zeroAccumulator(input) : accumulator(cotangent);
  const { shape, strides, offset } = op.view(whole, node.attributes);
  const part = new Tensor(whole.storage, shape, strides, offset);
  runtime.kernels.binary("add", part, node.cotangent!, part);
  settle(run, input, whole);
}

function settle(run: PassRun, tensor: Tensor, cotangent: Tensor): void {
  const node = tensor.ownNode;
  if (node !== null) {
    node.cotangent = cotangent;
    return;
  }
  if (!tensor.ownRequiresGrad) return;
  tensor.cotangent = cotangent;
  if (--tensor.pending === 0) accumulate(run, tensor);
}

/** A leaf has all its contributions: run its hooks, note the gradient, and add it to `.grad`. */
function accumulate(run: PassRun, leaf: Tensor): void {
  let cotangent = leaf.cotangent!;
  leaf.cotangent = null;
  cotangent.isAccumulator = false;
  if (leaf.hooks !== null) cotangent = runHooks(run.pass, leaf, cotangent);
  recordGradient(run.pass, leaf.row, cotangent);
  if (run.wanted !== null) run.wanted.set(leaf, cotangent);
  else leaf.grad = addTo(leaf.grad, cotangent, run.createGraph);
}

function addTo(grad: Tensor | null, cotangent: Tensor, createGraph: boolean): Tensor {
  if (grad === null) return createGraph ? cotangent : ownGradient(cotangent);
  if (createGraph || grad.node !== null) return sum(grad, cotangent, createGraph);
  const total = sum(grad, cotangent, false);
  // The tensor that the user may hold stays the same one; the old elements stay where a recorded pass shows them.
  grad.storage.become(total.storage);
  return grad;
}

/** A dense gradient with a storage of its own, so that changing it in place changes nothing else. */
function ownGradient(cotangent: Tensor): Tensor {
  const own = detached(cotangent, true);
  own.storage.shared = true;
  return own;
}

function runHooks(pass: Pass, tensor: Tensor, cotangent: Tensor): Tensor {
  const site = currentSite();
  let current = cotangent;
  for (const hook of tensor.hooks!) {
    const replaced: unknown = hook(current);
    // The hook's own calls have left their sites.
    setCurrentSite(site);
    if (replaced === undefined || replaced === null) continue;
    if (!(replaced instanceof Tensor)) {
      throw new EngineError("autograd", `registerHook: a hook gave ${typeof replaced}, expected a tensor or nothing`, {
        site: pass.site,
      });
    }
    if (!sameShape(replaced.shape, current.shape)) {
      throw new EngineError(
        "autograd",
        `registerHook: a hook gave a gradient of shape ${formatShape(replaced.shape)} for a tensor of shape ${formatShape(current.shape)}`,
        { site: pass.site },
      );
    }
    current = replaced;
  }
  return current;
}

/** What to do about a graph that was run already: most often something of the pass before is used once more. */
function whyReleased(node: GradNode): EngineErrorOptions {
  return {
    fix:
      "run the forward pass again; where a state goes from one step to the next, give it detach() there " +
      "(retainGraph would keep every step's graph, and is only for two losses of one forward pass)",
    related: [{ message: `${node.name} was made here, for the pass before`, site: node.site }],
  };
}

/** Why nothing leads back from a root. Never to make it a leaf: that would hide what is wrong. */
function whereCut(root: Tensor): EngineErrorOptions {
  const { cut } = root;
  if (cut === null) {
    return {
      fix:
        "it does not depend on any parameter: item(), tolist() and tensor(…) leave the graph, argmax, sign and comparisons " +
        "carry no gradient; compute the loss from the model's output by differentiable ops",
    };
  }
  const how = {
    detach: "detached from the graph here",
    "no-grad": "made inside noGrad here",
    integer: "made of whole numbers or booleans here, which carry no gradient",
  }[cut.kind];
  const fix = {
    detach: "take the gradient through what came before detach()",
    "no-grad": "compute it outside of noGrad",
    integer: "use a differentiable op there, such as softmax in place of argmax",
  }[cut.kind];
  return { fix, related: [{ message: how, site: cut.site }] };
}

function rootCotangent(name: string, root: Tensor, given: Tensor | null): Tensor {
  if (!root.requiresGrad) {
    throw new EngineError("autograd", `${name}: this tensor does not require a gradient, and no op that made it does`, {
      ...whereCut(root),
    });
  }
  if (given === null) {
    if (root.numel() !== 1) {
      throw new EngineError(
        "autograd",
        `${name}: a gradient can only be started from a scalar, this tensor has shape ${formatShape(root.shape)}`,
        { fix: "reduce it with .mean() or .sum(), or pass the gradient to start from" },
      );
    }
    return onesLike(root);
  }
  if (!sameShape(given.shape, root.shape)) {
    throw new EngineError(
      "shape",
      `${name}: the gradient to start from has shape ${formatShape(given.shape)}, the tensor ${formatShape(root.shape)}`,
    );
  }
  return isGradEnabled() ? given : detached(given);
}

/** Marks visits of {@link collectNodes}; never a pass's id. */
let visit = -1;

/**
 * The nodes behind the roots in ascending order of creation; with `wanted`, only those on a path from there.
 */
function collectNodes(name: string, roots: readonly Tensor[], wanted: readonly Tensor[] | null): GradNode[] {
  const mark = --visit;
  const stack: GradNode[] = [];
  const found: GradNode[] = [];
  let low = Infinity;
  let high = -Infinity;
  const reach = (tensor: Tensor): void => {
    const node = tensor.ownNode;
    if (node === null || node.pass === mark) return;
    node.pass = mark;
    stack.push(node);
  };
  roots.forEach(reach);
  while (stack.length > 0) {
    const node = stack.pop()!;
    restoreCheckpoint(node);
    found.push(node);
    if (node.sequence < low) low = node.sequence;
    if (node.sequence > high) high = node.sequence;
    if (node.released) {
      throw new EngineError("autograd", `${name}: the graph was already run and released (at ${node.name})`, {
        ...whyReleased(node),
      });
    }
    for (let i = 0; i < node.inputs.length; i++) {
      reach(node.inputs[i]!);
    }
  }
  // A root that is a leaf has nothing behind it.
  const ordered = found.length === 0 ? found : inOrder(found, low, high);
  return wanted === null ? ordered : leadingTo(ordered, wanted);
}

/** By sequence; by counting where the numbers lie close together, as those of one forward pass do. */
function inOrder(nodes: GradNode[], low: number, high: number): GradNode[] {
  const span = high - low + 1;
  if (span > 4 * nodes.length + 64) return nodes.sort((a, b) => a.sequence - b.sequence);
  const slots = new Array<GradNode | undefined>(span).fill(undefined);
  for (let i = 0; i < nodes.length; i++) slots[nodes[i]!.sequence - low] = nodes[i];
  let at = 0;
  for (let i = 0; i < span; i++) {
    const node = slots[i];
    if (node !== undefined) nodes[at++] = node;
  }
  return nodes;
}

function leadingTo(nodes: readonly GradNode[], wanted: readonly Tensor[]): GradNode[] {
  const keys = new Set(wanted.map(keyOf));
  const leads = new Set<GradNode>();
  for (const node of nodes) {
    if (keys.has(node)) leads.add(node);
    else if (node.inputs.some((input) => keys.has(input) || (input.ownNode !== null && leads.has(input.ownNode))))
      leads.add(node);
  }
  return nodes.filter((node) => leads.has(node));
}
