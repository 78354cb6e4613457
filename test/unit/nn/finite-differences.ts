import assert from "node:assert/strict";
import { autograd, noGrad, tensor, type Tensor } from "../../../engine/index.ts";

const STEP = 1e-5;

/** A float64 tensor of values that look random and never repeat, with a gradient. */
export function some(shape: readonly number[], phase = 0): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 3.7 * phase) * 1.3);
  return tensor(values, { dtype: "float64" })
    .reshape([...shape])
    .detach()
    .requiresGrad_();
}

/** Σ c · output with fixed c, so that every element of the output counts, and differently. */
function weighted(output: Tensor): Tensor {
  const c = Array.from({ length: output.numel() }, (_, i) => Math.cos(1 + 0.7 * i));
  return output.mul(tensor(c, { dtype: "float64" }).reshape([...output.shape])).sum();
}

/** (f(x + h) − f(x − h)) / 2h for each element of an input, in place of the gradient. */
function numericGradient(f: () => Tensor, input: Tensor): number[] {
  const original = input.detach().clone();
  const values = original.toFloat64Array();
  const set = (i: number, value: number): void => {
    const moved = Float64Array.from(values);
    moved[i] = value;
    noGrad(() => input.copy_(tensor(moved, { dtype: "float64" }).reshape([...input.shape])));
  };
  const at = (i: number, value: number): number => {
    set(i, value);
    return noGrad(() => weighted(f()).item());
  };
  const gradient = Array.from(values, (value, i) => (at(i, value + STEP) - at(i, value - STEP)) / (2 * STEP));
  noGrad(() => input.copy_(original));
  return gradient;
}

/** Holds the gradient of `f` with respect to each input against central differences, and the second derivative too. */
export function assertGradients(
  f: () => Tensor,
  inputs: readonly Tensor[],
  options: { readonly second?: boolean } = {},
): void {
  const analytic = autograd.grad(weighted(f()), inputs);
  inputs.forEach((input, i) => assertClose(analytic[i]!.toArray(), numericGradient(f, input), `input ${i}`));
  if (options.second === false) return;
  const first = (): Tensor => {
    const grads = autograd.grad(weighted(f()), inputs, { createGraph: true });
    return grads
      .map((grad, i) =>
        grad
          .mul(grad)
          .mul(i + 1)
          .sum(),
      )
      .reduce((sum, part) => sum.add(part));
  };
  const total = first();
  // A function that is linear in all its inputs has none.
  if (!total.requiresGrad) return;
  const second = autograd.grad(total, inputs, { allowUnused: true });
  inputs.forEach((input, i) => {
    const found = second[i]?.toArray() ?? new Array<number>(input.numel()).fill(0);
    const numeric = Array.from(found, (_, at) => slope(() => first().item(), input, at));
    assertClose(found, numeric, `second derivative to input ${i}`);
  });
}

function slope(f: () => number, input: Tensor, at: number): number {
  const original = input.detach().clone();
  const step = 1e-5;
  const moved = (distance: number): number => {
    const values = original.toFloat64Array();
    values[at]! += distance;
    noGrad(() => input.copy_(tensor(values, { dtype: "float64" }).reshape([...input.shape])));
    return f();
  };
  const difference = (moved(step) - moved(-step)) / (2 * step);
  noGrad(() => input.copy_(original));
  return difference;
}

export function assertClose(found: readonly number[], expected: readonly number[], what = "", tolerance = 1e-6): void {
  assert.equal(found.length, expected.length, what);
  const scale = Math.max(1, ...expected.map(Math.abs));
  found.forEach((value, i) => {
    const off = Math.abs(value - expected[i]!);
    assert.ok(off <= tolerance * scale, `${what}: element ${i}: ${value}, expected ${expected[i]}`);
  });
}
