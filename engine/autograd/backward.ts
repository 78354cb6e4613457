import { EngineError, formatShape, type EngineErrorOptions } from "../context/engine-error.ts";
import { isGradEnabled, setGradEnabled } from "../context/grad-mode.ts";
import { checkOptions } from "../context/options.ts";
import { programObserver } from "../context/program-observer.ts";
import { setOriginTracking } from "../core/origin.ts";
import { enterScope, startCounting } from "../context/scope.ts";
import { currentSite, setCurrentSite } from "../context/site.ts";
import type { GradNode } from "../core/grad-node.ts";
import { runtime } from "../core/runtime.ts";
import { broadcastsTo, sameShape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import { output } from "../ops/output-of.ts";
import { alignCotangent, vectorJacobianProduct } from "../ops/vector-jacobian-product.ts";
import { assertUnreleased, collectNodes } from "./collect-nodes.ts";
import { detached, onesLike, sum } from "./cotangent.ts";
import { history } from "./history.ts";
import { PassRun } from "./pass-run.ts";
import { hookSite } from "./hook-sites.ts";
import { recordAccumulated, recordGradient, recordPass, type Pass } from "./pass.ts";

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
  passEnded(runPass("backward", "backward", roots, null, options));
}

/** Not within {@link runPass}, whose variables hold every node. */
function passEnded(pass: Pass): void {
  if (history.running.length === 0) runtime.arena.passEnded?.(pass.steps);
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
  const pass = runPass("grad", "grad", roots, wanted, {
    cotangents: gradOutputs === undefined ? undefined : asList<Tensor | null>(gradOutputs),
    retainGraph: options.retainGraph ?? options.createGraph,
    createGraph: options.createGraph,
  });
  passEnded(pass);
  return pass.captured.map(([, gradient], i) => {
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
): Pass {
  const roots = outputs.map((root) => root.version);
  const wanted = inputs && inputs.map((input) => input.version);
  const cotangents = roots.map((root, i) => rootCotangent(name, root, options.cotangents?.[i] ?? null));
  const nodes = collectNodes(name, roots, wanted);
  const site = currentSite();
  const started = recordPass(history.next(), kind, site, roots, nodes, wanted);
  const run = new PassRun(started, nodes, options.createGraph ?? false, wanted === null);
  const { pass } = run;
  history.begin(pass, kind, site);
  startCounting();
  const tracking = setOriginTracking(false);
  const recording = isGradEnabled();
  // For the whole pass, its hooks included, as in PyTorch.
  setGradEnabled(run.createGraph);
  try {
    runBackward(run, roots, cotangents);
  } catch (error) {
    pass.failure = error;
    throw error;
  } finally {
    enterScope(run.scope);
    setGradEnabled(recording);
    setOriginTracking(tracking);
    const keep = options.retainGraph ?? options.createGraph ?? false;
    if (!keep && pass.failure === undefined) run.release();
    recordAccumulated(pass);
    if (wanted !== null) pass.captured = wanted.map((tensor, i) => [tensor, run.asked!.get(started.wanted[i]!)!]);
    setCurrentSite(site);
    history.end(pass);
  }
  return pass;
}

/**
 * The backward pass, one vector-Jacobian product a step, from the loss to the leaves in the reverse of the order in
 * which the nodes were made: every consumer of a value runs before the node that made it, when its cotangent is complete.
 */
function runBackward(run: PassRun, roots: readonly Tensor[], cotangents: readonly Tensor[]): void {
  const { pass, nodes, rows } = run;
  roots.forEach((root, i) => {
    const row = pass.roots[i]!;
    if (run.isWanted(row)) deliver(run, row, root, cotangents[i]!);
  });
  for (let i = nodes.length - 1; i >= 0; i--) {
    const row = rows[i]!;
    const node = nodes[i]!;
    const arrived = run.take(row);
    const tuple = node.custom === null ? null : run.takeTuple(row);
    if (arrived === null && tuple === null) continue;
    // A hook or a Function may have run a pass of its own through it.
    if (node.released) assertUnreleased("backward", node);
    const cotangent = arrived && completeCotangent(run, node, row, arrived);
    if (run.goesOn(row)) propagate(run, node, row, cotangent, tuple);
    pass.tape.markBackward(row);
    pass.steps++;
  }
  for (const [row, leaf] of pass.leaves) if (run.holds(row)) accumulate(run, row, leaf);
}

/** Runs the tensor's hooks on its complete cotangent, and notes it. */
function completeCotangent(run: PassRun, node: GradNode, row: number, arrived: Tensor): Tensor {
  const result = node.result!;
  const cotangent = result.hooks === null ? arrived : runHooks(run, row, result, arrived);
  recordGradient(run.pass, row, cotangent);
  if (run.asked?.has(row)) run.asked.set(row, cotangent);
  if (result.retainsGradFor !== null && run.asked === null) {
    const holder = result.retainsGradFor;
    holder.grad = addTo(holder.grad, cotangent, run.createGraph);
  }
  return cotangent;
}

/** One vector-Jacobian product: from the node's cotangent, or those of its outputs, to its inputs'. */
function propagate(
  run: PassRun,
  node: GradNode,
  row: number,
  cotangent: Tensor | null,
  tuple: readonly (Tensor | null)[] | null,
): void {
  // Also after the hooks of its result.
  if (node.released) assertUnreleased("backward", node);
  setCurrentSite(node.site);
  // The pass restores it once, at its end: every node comes through here.
  enterScope(node.scope);
  if (node.custom !== null) propagateCustom(run, node, row, tuple ?? [cotangent]);
  else if (node.op === output) propagateOutput(run, node, row, cotangent!);
  else propagateRule(run, node, row, cotangent!);
}

function propagateRule(run: PassRun, node: GradNode, row: number, g: Tensor): void {
  const op = node.op!;
  const { tape } = run.pass;
  const { inputs } = node;
  const start = tape.inputStart(row);
  const isPlain = !run.createGraph;
  const together = isPlain && op.together !== undefined ? joinedCotangents(run, node, start, g) : null;
  const isPart = isPlain && op.part === true;
  const adds = isPlain && op.addCotangent !== undefined;
  for (let i = 0; i < inputs.length; i++) {
    const inputRow = tape.input(start + i);
    if (!run.isWanted(inputRow)) continue;
    const input = inputs[i]!;
    const known = together === null ? undefined : together[i];
    if (known !== undefined) {
      if (run.deliver(inputRow, alignCotangent(known, input.shape, input.dtype))) accumulate(run, inputRow, input);
      continue;
    }
    if (isPart) {
      if (run.deliverPart(inputRow, input, op, node.attributes, g)) accumulate(run, inputRow, input);
      continue;
    }
    const sum = adds ? run.ownSum(inputRow) : null;
    if (sum !== null && op.addCotangent!(g, node, i, sum)) {
      if (run.countAdded(inputRow)) accumulate(run, inputRow, input);
      continue;
    }
    const contribution = vectorJacobianProduct(op, node, i, g);
    if (contribution === null) continue;
    if (run.deliver(inputRow, contribution, adds && contribution !== g)) accumulate(run, inputRow, input);
  }
}

/** What the op gives of its inputs' cotangents in one loop. In a function of its own: a closure costs those that make none. */
function joinedCotangents(run: PassRun, node: GradNode, start: number, g: Tensor): readonly (Tensor | undefined)[] {
  const { tape } = run.pass;
  const wanted = node.inputs.map((_, i) => run.isWanted(tape.input(start + i)));
  return node.op!.together!(g, node, wanted);
}

/** From one output of a custom Function with several to its place in the tuple of cotangents. */
function propagateOutput(run: PassRun, node: GradNode, row: number, cotangent: Tensor): void {
  const { tape } = run.pass;
  const { outputCount } = node.inputs[0]!.ownNode!.custom!;
  run.deliverOutput(tape.input(tape.inputStart(row)), outputCount, node.attributes, cotangent);
}

function propagateCustom(run: PassRun, node: GradNode, row: number, cotangents: readonly (Tensor | null)[]): void {
  const custom = node.custom!;
  const { pass } = run;
  // A pass that its backward runs may let go of them.
  const { inputs } = node;
  const results = custom.backward(cotangents);
  setGradEnabled(run.createGraph);
  const start = pass.tape.inputStart(row);
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    const inputRow = pass.tape.input(start + i);
    const cotangent = results[i];
    if (!cotangent || !run.isWanted(inputRow)) continue;
    if (!sameShape(cotangent.shape, input.shape) && !broadcastsTo(input.shape, cotangent.shape)) {
      throw new EngineError(
        "autograd",
        `${custom.name}: backward gave a gradient of shape ${formatShape(cotangent.shape)} for input ${i}, which has shape ${formatShape(input.shape)}`,
        { site: node.site, fix: "reduce it over the axes that were broadcast, or transpose it back" },
      );
    }
    const kept = run.createGraph ? cotangent : detached(cotangent);
    pass.contributions.set(start + i, kept);
    deliver(run, inputRow, input, alignCotangent(kept, input.shape, input.dtype));
  }
}

/** Adds a contribution to the cotangent of `tensor`, which stands in `row`. */
function deliver(run: PassRun, row: number, tensor: Tensor, contribution: Tensor): void {
  if (run.deliver(row, contribution)) accumulate(run, row, tensor);
}

/** A leaf has all its contributions: run its hooks, note the gradient, and add it to `.grad`. */
function accumulate(run: PassRun, row: number, leaf: Tensor): void {
  let cotangent = run.take(row)!;
  if (leaf.hooks !== null) cotangent = runHooks(run, row, leaf, cotangent);
  recordGradient(run.pass, row, cotangent);
  if (run.asked !== null) run.asked.set(row, cotangent);
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

function runHooks(run: PassRun, row: number, tensor: Tensor, cotangent: Tensor): Tensor {
  const { pass } = run;
  const site = currentSite();
  // What a hook computes belongs to no module of the forward pass.
  const scope = enterScope(run.scope);
  let current = cotangent;
  for (const hook of tensor.hooks!) {
    const replaced: unknown = hook(current);
    // The hook's own calls have left their sites, and it may have switched recording on for good.
    setCurrentSite(site);
    setGradEnabled(run.createGraph);
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
    if (replaced !== current) pass.tables.hooks.push([row, hookSite(hook)]);
    current = replaced;
  }
  enterScope(scope);
  return current;
}

/** Why nothing leads back from a root. Never to make it a leaf: that would hide what is wrong. */
function whereCut(root: Tensor): EngineErrorOptions {
  const { cut } = root;
  if (cut === null && !isGradEnabled()) {
    return {
      fix:
        "recording is off here, as it is in hooks and in a Function's backward: make the tensor within " +
        "enableGrad(() => …)",
    };
  }
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
    forward: "computed in a custom Function's forward here, where nothing is recorded",
    backward: "cut off in a custom Function's backward here",
    integer: "made of whole numbers or booleans here, which carry no gradient",
  }[cut.kind];
  const fix = {
    detach: "take the gradient through what came before detach()",
    "no-grad": "compute it outside of noGrad",
    forward: "return it from forward as an output, or compute it again where it is needed",
    backward: "compute it from what saveForBackward kept, without detach or noGrad",
    integer: "use a differentiable op there, such as softmax in place of argmax",
  }[cut.kind];
  return { fix, related: [{ message: how, site: cut.site }] };
}

function rootCotangent(name: string, root: Tensor, given: Tensor | null): Tensor {
  if (!root.requiresGrad) {
    programObserver()?.nothingToDo(root);
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
