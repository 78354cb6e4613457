import assert from "node:assert/strict";
import { autograd, tensor, type Tensor } from "../../../engine/index.ts";
import type { GradNode } from "../../../engine/core/grad-node.ts";
import type { Application, Op } from "../../../engine/ops/op.ts";

/** Ids of the records that tests have differentiated. */
export const visited = new Set<string>();

export type Scalar = (...inputs: Tensor[]) => Tensor;

/** A weight for each element that no symmetry of an op leaves alone. */
export function weigh(y: Tensor): Tensor {
  const weights = Array.from({ length: y.numel() }, (_, i) => Math.cos(0.7 * i + 0.3));
  return y.mul(tensor(weights, { dtype: "float64" }).reshape([...y.shape])).sum();
}

/** Values as leaves in float64. */
function leaves(values: readonly (readonly number[])[], shapes: readonly (readonly number[])[]): Tensor[] {
  return values.map((row, i) =>
    tensor(row, { dtype: "float64" })
      .reshape([...shapes[i]!])
      .detach()
      .requiresGrad_(),
  );
}

/**
 * Holds the gradient of `weigh(body(...inputs))` against central differences element by element, and the derivative of
 * that gradient along one direction as well.
 */
export function assertDerivatives(body: Scalar, inputs: readonly Tensor[], options: { second?: boolean } = {}): void {
  const shapes = inputs.map(({ shape }) => shape);
  const values = inputs.map((input) => input.toArray());
  const value = (at: readonly (readonly number[])[]): number => weigh(body(...leaves(at, shapes))).item();
  const points = leaves(values, shapes);
  const result = weigh(body(...points));
  const gradients: readonly (Tensor | null)[] = autograd.grad(result, points, { createGraph: true, allowUnused: true });
  for (const tensor of [result, ...gradients]) if (tensor !== null) inspect(tensor);
  gradients.forEach((gradient, i) => {
    values[i]!.forEach((_, j) => {
      assertNear(
        gradient?.toArray()[j] ?? 0,
        slope((h) => value(moved(values, i, j, h))),
        `input ${i}, element ${j}`,
      );
    });
  });
  if (options.second !== false) assertSecond(body, values, shapes);
}

/** The gradient, weighed to one number, against central differences of itself along a fixed direction. */
function assertSecond(
  body: Scalar,
  values: readonly (readonly number[])[],
  shapes: readonly (readonly number[])[],
): void {
  const weighed = (points: readonly Tensor[]): Tensor | null => {
    const gradients: readonly (Tensor | null)[] = autograd.grad(weigh(body(...points)), points, {
      createGraph: true,
      allowUnused: true,
    });
    const parts = gradients.filter((gradient) => gradient !== null && gradient.requiresGrad) as Tensor[];
    return parts.length === 0 ? null : parts.map((part) => weigh(part.sin())).reduce((sum, part) => sum.add(part));
  };
  const direction = values.map((row, i) => row.map((_, j) => Math.sin(1.3 * j + i + 1)));
  const points = leaves(values, shapes);
  const total = weighed(points);
  if (total === null) return;
  inspect(total);
  total.backward();
  const analytic = points.reduce(
    (sum, point, i) => (point.grad?.toArray() ?? []).reduce((part, g, j) => part + g * direction[i]![j]!, sum),
    0,
  );
  const along = (h: number): number =>
    weighed(
      leaves(
        values.map((row, i) => row.map((x, j) => x + h * direction[i]![j]!)),
        shapes,
      ),
    )?.item() ?? NaN;
  assertNear(analytic, slope(along), "second derivative");
}

function moved(values: readonly (readonly number[])[], i: number, j: number, h: number): number[][] {
  return values.map((row, k) => row.map((x, l) => (k === i && l === j ? x + h : x)));
}

/** Central differences at two steps, extrapolated. */
function slope(at: (h: number) => number): number {
  const difference = (h: number): number => (at(h) - at(-h)) / (2 * h);
  return (4 * difference(5e-5) - difference(1e-4)) / 3;
}

function assertNear(actual: number, expected: number, what: string): void {
  const near = Math.abs(actual - expected) <= 2e-6 * Math.max(1, Math.abs(expected));
  assert.ok(near, `${what}: the gradient is ${actual}, differences give ${expected}`);
}

/** Walks the graph behind a tensor: notes the records, and holds each to what it says of itself. */
function inspect(root: Tensor): void {
  const seen = new Set<GradNode>();
  const stack = root.node === null ? [] : [root.node];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.op !== null) {
      visited.add(node.op.id);
      assertDeclared(node.op, node);
    }
    for (const input of node.inputs) if (input.ownNode !== null) stack.push(input.ownNode);
  }
}

/** The rules read what `saves` lists and nothing else; pieces are whole numbers; there is a formula for each input. */
function assertDeclared(op: Op, node: GradNode): void {
  const reads = new Set<number | "output">();
  const spy: Application = {
    attributes: node.attributes,
    input: (index) => (reads.add(index), node.inputs[index]!),
    get output() {
      reads.add("output");
      return node.result!;
    },
    shape: (index) => node.shape(index),
    dtype: (index) => node.dtype(index),
    inputCount: node.inputCount,
    outputShape: node.outputShape,
  };
  const g = node.result!.detach();
  node.inputs.forEach((_, i) => {
    if (typeof op.vjp === "function") op.vjp(g, spy, i);
    else op.vjp[i]?.(g, spy);
  });
  for (const read of reads) assert.ok(op.saves.includes(read), `${op.id} reads ${read}, which it does not save`);
  if (op.pieces !== undefined) {
    const inputs = node.inputs.map((input) => input.detach());
    assert.equal(op.pieces(inputs, node.attributes, node.result!.detach()).dtype, "int64", `pieces of ${op.id}`);
    assert.ok(op.kinks !== undefined && op.kinks !== "", `${op.id} has pieces and does not say where`);
  }
  assert.ok(op.formula.forward !== "" && op.formula.backward.length > 0, `the formula of ${op.id}`);
}
