import type { Tensor } from "./tensor.ts";

/** Names of variables that tensors were assigned to, so that a failing call on one can be explained. */
const variables = new Set<string>();
const MOST_VARIABLES = 10_000;

/** Whether a tensor was assigned to a variable of this name. */
export function isTensorVariable(name: string): boolean {
  return variables.has(name);
}

/** A tensor was assigned to a variable: the first gives it, and what made it, its label. */
export function nameTensor(tensor: Tensor, name: string): void {
  if (tensor.label === "" && variables.size < MOST_VARIABLES) variables.add(name);
  // What the program holds by name it could change, for every tensor of that shape. To freeze all would double the cost
  // of a small op.
  if (!Object.isFrozen(tensor.shape)) Object.freeze(tensor.shape);
  // A frozen tensor goes without.
  if (tensor.label === "" && Object.isExtensible(tensor)) tensor.label = name;
  const { node } = tensor;
  if (node !== null && node.label === "") node.label = name;
  if (tensor.origin !== null && tensor.origin.label === "") tensor.origin.label = name;
}
