import { EngineError } from "../context/engine-error.ts";
import { randomState, restoreRandomState } from "../core/random-state.ts";
import { Storage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import { Region } from "../memory/arena.ts";
import { isGradEnabled, withGradMode } from "../context/grad-mode.ts";
import { collectingNodes, type GradNode } from "../core/grad-node.ts";
import { composite, currentScope, inScope } from "../context/scope.ts";
import { currentSite, setCurrentSite } from "../context/site.ts";

/**
 * Runs `body(...args)` and lets go of the values inside it that its gradient needs; the backward pass that reaches them
 * runs `body` once more to have them back. Costs a second forward, saves their memory until then. Random numbers come
 * out the same. PyTorch: `torch.utils.checkpoint.checkpoint`.
 * @throws EngineError from the backward pass, when `body` does not do the same again.
 */
export function checkpoint<Args extends readonly unknown[], Out>(body: (...args: Args) => Out, ...args: Args): Out {
  if (typeof body !== "function")
    throw new EngineError("value", "checkpoint: expected a function as the first argument");
  if (!isGradEnabled()) return body(...args);
  return composite("checkpoint", () => {
    const random = randomState();
    const [result, nodes] = collectingNodes(() => body(...args));
    const segment = new Segment(body as (...args: readonly unknown[]) => unknown, args, random, nodes);
    segment.letGo(result);
    return result;
  });
}

/** Values that a checkpoint let go of, by the nodes that need them. */
const letGo = new WeakMap<GradNode, Segment>();
let used = false;

/** Has checkpoints' values computed again before a pass reads them. @returns whether there were any. */
export function restoreCheckpoints(nodes: readonly GradNode[]): boolean {
  let restored = false;
  if (!used) return restored;
  for (const node of nodes) {
    const segment = letGo.get(node);
    segment?.restore();
    restored ||= segment !== undefined;
  }
  return restored;
}

/** The nodes of one call of {@link checkpoint}, and what is needed to compute their values again. */
class Segment {
  readonly #body: (...args: readonly unknown[]) => unknown;
  readonly #args: readonly unknown[];
  readonly #random: readonly [seed: number, counter: number];
  readonly #nodes: readonly GradNode[];
  readonly #site = currentSite();
  readonly #scope = currentScope();
  /** Stand-ins for the storages whose memory was let go of. */
  readonly #husks = new Map<Storage, Storage>();

  constructor(
    body: (...args: readonly unknown[]) => unknown,
    args: readonly unknown[],
    random: readonly [seed: number, counter: number],
    nodes: readonly GradNode[],
  ) {
    this.#body = body;
    this.#args = args;
    this.#random = random;
    this.#nodes = nodes;
  }

  /** Puts stand-ins without elements in the place of every value inside; the user's own handles keep theirs. */
  letGo(result: unknown): void {
    const kept = new Set<Storage>();
    for (const tensor of tensorsIn([...this.#args, result])) kept.add(tensor.storage);
    const standIns = new Map<Tensor, Tensor>();
    for (const node of this.#nodes) {
      const inside = node.result!;
      if (node.custom === null && !kept.has(inside.storage)) standIns.set(inside, this.#standInFor(inside));
    }
    if (standIns.size === 0) return;
    for (const node of this.#nodes) {
      node.inputs = node.inputs.map((input) => standIns.get(input) ?? input);
      const standIn = standIns.get(node.result!);
      if (standIn !== undefined) {
        node.result = standIn;
        node.region = standIn.storage.region;
      }
      letGo.set(node, this);
    }
    used = true;
  }

  #standInFor(tensor: Tensor): Tensor {
    const { storage } = tensor;
    let husk = this.#husks.get(storage);
    if (husk === undefined) {
      husk = new Storage(storage.dtype, storage.length, NOWHERE, 0);
      husk.lastWrite = storage.lastWrite;
      this.#husks.set(storage, husk);
    }
    const standIn = new Tensor(husk, tensor.shape, tensor.strides, tensor.elementOffset);
    standIn.ownNode = tensor.ownNode;
    standIn.label = tensor.label;
    standIn.site = tensor.site;
    standIn.hooks = tensor.hooks;
    standIn.retainsGradFor = tensor.retainsGradFor;
    return standIn;
  }

  restore(): void {
    const nodes = this.#nodes;
    for (const node of nodes) letGo.delete(node);
    const site = currentSite();
    const before = randomState();
    restoreRandomState(this.#random);
    setCurrentSite(this.#site);
    const [, again] = collectingNodes(() =>
      inScope(this.#scope, () => withGradMode(true, () => this.#body(...this.#args))),
    );
    restoreRandomState(before);
    setCurrentSite(site);
    const same = again.length === nodes.length && again.every((node, i) => node.op === nodes[i]!.op);
    if (!same) {
      throw new EngineError(
        "autograd",
        "checkpoint: the function did not do the same when it was run again for backward",
        {
          site: this.#site,
          fix: "let it depend on nothing but its arguments and parameters",
        },
      );
    }
    nodes.forEach((node, i) => {
      if (node.result === null || node.region !== NOWHERE) return;
      const { storage } = again[i]!.result!;
      const husk = node.result.storage;
      husk.region = storage.region;
      husk.offset = storage.offset;
      node.region = again[i]!.region;
      node.offset = again[i]!.offset;
    });
  }
}

/** What stands for memory that was let go of. */
const NOWHERE = new Region(0, 0);

/** Tensors in arguments and results: themselves, in arrays, in plain objects. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).flatMap(tensorsIn);
  }
  return [];
}
