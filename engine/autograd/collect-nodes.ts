import { programObserver } from "../context/program-observer.ts";
import { EngineError } from "../context/engine-error.ts";
import { nextSweep, type GradNode } from "../core/grad-node.ts";
import type { Tensor } from "../core/tensor.ts";
import { restoreCheckpoints } from "./checkpoint.ts";

/**
 * The nodes behind the roots in ascending order of creation; with `wanted`, only those on a path from there. Values
 * that checkpoints let go of are there again afterwards. A released node that nothing wanted can lie behind is left out,
 * as what stands behind a constant is: no rule of it runs.
 * @param name of the call, for messages.
 * @throws EngineError when a part of the graph was released that the pass would have to go through.
 */
export function collectNodes(name: string, roots: readonly Tensor[], wanted: readonly Tensor[] | null): GradNode[] {
  const oldest = oldestOf(wanted);
  const sweep = nextSweep();
  const stack: GradNode[] = [];
  const found: GradNode[] = [];
  let low = Infinity;
  let high = -Infinity;
  const reach = (tensor: Tensor): void => {
    const node = tensor.ownNode;
    if (node === null || node.sweep === sweep) return;
    node.sweep = sweep;
    stack.push(node);
  };
  roots.forEach(reach);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.released && node.sequence <= oldest) continue;
    found.push(node);
    if (node.sequence < low) low = node.sequence;
    if (node.sequence > high) high = node.sequence;
    assertUnreleased(name, node);
    for (let i = 0; i < node.inputs.length; i++) reach(node.inputs[i]!);
  }
  // Runs user code, which may run passes over the same nodes: all marks have been read by now.
  if (restoreCheckpoints(found)) for (const node of found) assertUnreleased(name, node);
  // A root that is a leaf has nothing behind it.
  const ordered = found.length === 0 ? found : inOrder(found, low, high);
  return wanted === null ? ordered : leadingTo(ordered, wanted);
}

/** The sequence of the first of them that was made: every node before it leads to none. Of a leaf, which has none, 0. */
function oldestOf(wanted: readonly Tensor[] | null): number {
  let oldest = wanted === null || wanted.length === 0 ? 0 : Infinity;
  for (const tensor of wanted ?? []) oldest = Math.min(oldest, tensor.ownNode?.sequence ?? 0);
  return oldest;
}

/** @throws EngineError when the node has let go of what its rules read. */
export function assertUnreleased(name: string, node: GradNode): void {
  if (!node.released) return;
  programObserver()?.graphReleased(node.site, node.label);
  // Most often something of the pass before is used once more.
  throw new EngineError("autograd", `${name}: the graph was already run and released (at ${node.name})`, {
    fix:
      "run the forward pass again; where a state goes from one step to the next, give it detach() there " +
      "(retainGraph would keep every step's graph, and is only for two losses of one forward pass)",
    related: [{ message: `${node.name} was made here, for the pass before`, site: node.site }],
  });
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
  const keys = new Set(wanted.map((tensor) => tensor.ownNode ?? tensor));
  const leads = new Set<GradNode>();
  for (const node of nodes) {
    if (keys.has(node)) leads.add(node);
    else if (node.inputs.some((input) => keys.has(input.ownNode ?? input) || leads.has(input.ownNode!)))
      leads.add(node);
  }
  return nodes.filter((node) => leads.has(node));
}
