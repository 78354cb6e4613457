// How a case of the models of kinds is written: its operands, its forward, its right backward, and the wrong one.
import { autograd, rand, randn, tensor, type Tensor } from "backstep";

export type T = Tensor;
export type Forward = (ctx: autograd.Context, ...inputs: T[]) => T | T[];
export type Backward = (saved: T[], ...grads: T[]) => T | (T | null)[];
export type Make = () => T[];

/** The sum over all cases so far. */
let loss = tensor(0);

/** One pass with all cases. */
export function runAll(): void {
  loss.backward();
}

/** Applies a Function of this name to leaves, and weights its results unevenly. */
function apply(name: string, make: Make, forward: Forward, backward: Backward): void {
  // Its own name, as a class declaration has it.
  const made = {
    [name]: class extends autograd.Function {
      static backward(ctx: autograd.Context, ...grads: T[]): T | (T | null)[] {
        return backward(ctx.savedTensors, ...grads);
      }
    },
  }[name]!;
  Object.assign(made, { forward });
  const applied = made as unknown as { apply(...inputs: T[]): T | T[] };
  const result = applied.apply(...make().map((input) => input.requiresGrad_()));
  for (const output of Array.isArray(result) ? result : [result]) {
    const weights = Array.from({ length: output.numel() }, (_, i) => Math.cos(0.7 * i + 0.3));
    loss = loss.add(output.mul(tensor(weights).reshape(...output.shape)).sum());
  }
}

export function kind(name: string, make: Make, forward: Forward, right: Backward, wrong: Backward): void {
  apply(`${name}Right`, make, forward, right);
  apply(name, make, forward, wrong);
}

export const matrix: Make = () => [randn([4, 6])];
export const positive: Make = () => [rand([3, 4]).add(0.5)];
export const two: Make = () => [randn([3, 4]), randn([3, 4])];
export const withVector: Make = () => [randn([5, 4]), randn([4])];
export const scalar =
  (value: number): Make =>
  () => [tensor(value)];

export const save = (ctx: autograd.Context, tensors: T[], result: T): T => {
  ctx.saveForBackward(...tensors);
  return result;
};
